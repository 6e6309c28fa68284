"""A shape vouches only for lines that parsing would find to be the same."""

from __future__ import annotations

import json
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import Features, Json, List, Value
from crucible_datasets.schema.infer import Inference
from crucible_datasets.schema.json_shape import types_shape, values_shape
from crucible_datasets.schema.json_table import lines_to_table
from crucible_datasets.schema.validate import Place, Validator

KEYS = st.sampled_from(["a", "b", 'q"', "b\\", "ü", "a.b*", "\n"])
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.sampled_from(
        ["2024-01-02", "2023-02-29", "2024-04-31", "1999-12-31T23:59:59Z", "2024-01-02 24:00:00"]
    ),
)
NUMBERS = st.one_of(
    st.integers(-5, 5),
    st.sampled_from([10**14, 10**15, 2**53 + 1, 2**63, 2**64, 10**18, 127, 128, 255, -129]),
    st.floats(allow_nan=False, allow_infinity=False),
    st.sampled_from([1e16, 1e300, 0.1, -0.0]),
)
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, TEXT)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.fixed_dictionaries({"x": inner, "y": inner})
    ),
    max_leaves=4,
)
ROWS = st.lists(st.dictionaries(KEYS, VALUES, min_size=1, max_size=3), min_size=1, max_size=5)
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" ,", " :"), (",  ", ":")])


def lines(rows: list[Any], spaces: tuple[str, str] = (",", ":"), *, ascii_: bool = False) -> bytes:
    texts = [json.dumps(row, separators=spaces, ensure_ascii=ascii_) for row in rows]
    return "".join(text + "\n" for text in texts).encode()


def parsed(*chunks: bytes) -> tuple[str, int]:
    seen = Inference()
    for chunk in chunks:
        seen.add_lines(chunk)
    return str(seen.features()), seen.rows


@st.composite
def alike(draw: Any) -> tuple[bytes, bytes]:
    """Two chunks, the second with the keys of the first for the most part."""
    rows = draw(ROWS)
    names = list(rows[0])
    others = st.fixed_dictionaries(dict.fromkeys(names, VALUES))
    same = st.fixed_dictionaries(
        {name: st.sampled_from([row[name] for row in rows if name in row]) for name in names}
    )
    more = draw(st.lists(st.one_of(same, others), min_size=1, max_size=4))
    spaces, ascii_ = draw(SPACES), draw(st.booleans())
    return lines(rows, spaces, ascii_=ascii_), lines(more, spaces, ascii_=ascii_)


@given(alike())
@settings(max_examples=60)
def test_lines_of_the_shape_of_what_was_inferred_change_nothing(
    chunks: tuple[bytes, bytes],
) -> None:
    first, second = chunks
    seen = Inference()
    seen.add_lines(first)
    shape = types_shape(seen.features())

    if shape is not None and shape.fits(second):
        assert parsed(first, second)[0] == parsed(first)[0]
    seen.add_chunk(second)
    assert (str(seen.features()), seen.rows) == parsed(first, second)


@given(alike())
@settings(max_examples=60)
def test_lines_of_the_shape_of_values_are_read_by_orjson_as_by_a_table(
    chunks: tuple[bytes, bytes],
) -> None:
    seen = Inference()
    seen.add_lines(chunks[0])
    features = seen.features()
    shape = values_shape(features)

    if shape is not None and shape.fits(chunks[1]):
        table = lines_to_table(chunks[1], Validator(features), Place(line=1))
        rows = [orjson.loads(line) for line in chunks[1].splitlines()]
        assert repr(rows) == repr(table.to_pylist())  # so 1 is not 1.0, and keys have an order


CHAT = Features(
    {
        "id": Value("int64"),
        "turns": List({"role": Value("string"), "text": Value("string")}),
        "score": Value("float64"),
        "day": Value("timestamp[s]"),
        "ok": Value("bool"),
    }
)
STORED = Features({name: feature for name, feature in CHAT.items() if name != "day"})


def chat(id_: str = "1", turns: str = "[]", score: str = "0.5", ok: str = "true") -> bytes:
    return f'{{"id":{id_},"turns":{turns},"score":{score},"ok":{ok}}}\n'.encode()


@pytest.mark.parametrize(
    "line",
    [
        chat(),
        chat()[:-1],
        chat()[:-1] + b" \r\n",
        chat().replace(b",", b", ").replace(b":", b": "),
        chat(turns='[{"role":"u","text":"ü \\n \\" \\\\ \\u00e9 \\ud83d\\ude00"},null]'),
        chat(turns='[ {"role":null,"text":""} , {"role":"","text":null} ]'),
        chat("null", "null", "null", "null"),
        chat("-999999999999999", score="-1.5e-7"),
    ],
)
def test_both_shapes_know_what_json_writers_write(line: bytes) -> None:
    for shape in (types_shape(STORED), values_shape(STORED)):
        assert shape is not None
        assert shape.fits(line)
        assert shape.fits(chat() + line)


@pytest.mark.parametrize(
    "line",
    [
        b"\n",
        b"{}\n",
        chat()[:-2] + b"\n",
        chat()[:-1] + chat(),
        chat().replace(b'"id"', b'"ID"'),
        chat()[:-2] + b',"more":1}\n',
        chat()[:-2] + b',"ok":true}\n',
        chat().replace(b"true", b"True"),
        chat(id_="01"),
        chat(id_="1.0"),
        chat(id_='"1"'),
        chat(id_="1234567890123456789"),
        chat(score="NaN"),
        chat(score="1e400"),
        chat(score=".5"),
        chat(turns="[,]"),
        chat(turns='[{"role":"u"}]'),
        chat(turns='[{"text":"u","role":"u"}]'),
        chat(turns='[{"role":"u","text":"\t"}]'),
        chat(turns='[{"role":"u","text":"\\x"}]'),
        chat(turns='[{"role":"u","text":"\\ud83d"}]'),
        chat(turns='[{"role":"u","text":"\\ude00\\ud83d"}]'),
        chat(turns='[{"role":"u","text":"\\u12"}]'),
    ],
)
def test_no_shape_knows_what_a_parser_has_to_look_at(line: bytes) -> None:
    for shape in (types_shape(STORED), values_shape(STORED)):
        assert shape is not None
        assert not shape.fits(line)
        assert not shape.fits(chat() + line)
        assert not shape.fits(line + chat())


def test_only_the_shape_of_types_knows_rows_without_a_key_and_integers_among_floats() -> None:
    types, values = types_shape(STORED), values_shape(STORED)
    assert types is not None
    assert values is not None
    for line in (chat(score="1"), b'{"id":1,"ok":null}\n'):
        assert types.fits(line)
        assert not values.fits(line)


def test_rows_of_many_columns_must_have_all_of_them() -> None:
    few = Features({f"c{number}": Value("int64") for number in range(16)})
    more = Features({f"c{number}": Value("int64") for number in range(17)})
    for features, fits in ((few, True), (more, False)):
        shape = types_shape(features)
        assert shape is not None
        assert shape.fits(lines([dict.fromkeys(features, 1)]))
        assert shape.fits(b'{"c0":1,"c9":2}\n') is fits


def test_there_is_no_shape_of_what_is_no_regular_language_or_too_long() -> None:
    deep: Any = Value("int64")
    for _ in range(30):
        deep = List(deep)
    for feature in (Json(), {"a": Json()}, List(Value("int64"), length=2), deep, {}):
        assert types_shape(Features({"a": feature})) is None
        assert values_shape(Features({"a": feature})) is None
    wide = Features({f"column {number}": Value("string") for number in range(1000)})
    assert types_shape(wide) is None
    assert types_shape(Features({})) is None
    assert values_shape(CHAT) is None  # of a date


def test_a_late_drift_is_found_behind_thousands_of_lines_of_one_shape() -> None:
    seen = Inference()
    seen.add_chunk(chat() * 10)
    seen.add_chunk(chat() * 5000 + chat(ok='"yes"'))
    seen.add_chunk(chat() * 5000 + b'{"late":"x"}\n')

    assert seen.rows == 10_012
    assert seen.features()["ok"] == Json()
    assert seen.features()["late"] == Value("string")
    with pytest.raises(SchemaError) as refused:
        seen.add_chunk(chat() * 5000 + b'{"id":1\n' + chat())
    assert refused.value.line == 5001
