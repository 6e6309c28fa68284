"""Inference sees all of the data, however it is cut and read."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import Features, Json, List, Value
from crucible_datasets.schema.infer import Inference, infer_features, read_chunk
from crucible_datasets.schema.json_table import lines_to_table
from crucible_datasets.schema.validate import Place, Validator

FEW = settings(max_examples=50)
KEYS = st.sampled_from(["a", "b", "c", 'q"', "b\\", "ü"])
TEXT = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.sampled_from(["2024-01-02", "2024-01-02T03:04:05Z", '{"a": 1}', '"a":', "5"]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 5),
    st.sampled_from([2**53 + 1, -(2**53) - 1, 2**63, 2**64, -(2**63) - 1, 10**30]),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXT,
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=5,
)
ROWS = st.lists(st.dictionaries(KEYS, VALUES, max_size=3), min_size=1, max_size=6)
SPACES = st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")])


def lines(rows: list[Any], spaces: tuple[str, str] = (", ", ": ")) -> list[bytes]:
    texts = [json.dumps(row, separators=spaces, ensure_ascii=len(rows) % 2 == 0) for row in rows]
    return [text.encode() + b"\n" for text in texts]


@given(ROWS, SPACES)
@FEW
def test_pyarrow_and_line_by_line_give_the_same_types(
    rows: list[Any], spaces: tuple[str, str]
) -> None:
    chunk = b"".join(lines(rows, spaces))
    exact = Inference()
    exact.add_lines(chunk)

    fast = Inference()
    fast.add_chunk(chunk)

    assert fast.features() == exact.features()
    assert list(fast.features()) == list(exact.features())
    assert fast.rows == exact.rows == len(rows)


@given(ROWS, st.data())
@FEW
def test_a_file_has_the_same_types_in_one_piece_and_in_many(
    rows: list[Any], data: st.DataObject
) -> None:
    whole = infer_features([(b"".join(lines(rows)), None, 1)])
    cut = data.draw(st.integers(0, len(rows)))
    first, second = Inference(), Inference()
    first.add_chunk(b"".join(lines(rows)[:cut]))
    second.add_chunk(b"".join(lines(rows)[cut:]))

    first.merge(second)

    assert first.features() == whole
    assert list(first.features()) == list(whole)


def normal(value: Any) -> Any:
    """Numbers as equal as JSON has them; dates, which are read as timestamps, as their text."""
    if isinstance(value, dict):
        return {key: normal(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [normal(inner) for inner in value]
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str) and value.startswith("2024-01-02"):
        return "2024-01-02"
    return value


@given(ROWS, SPACES)
@FEW
def test_every_value_comes_back_as_it_was_and_no_key_is_added(
    rows: list[Any], spaces: tuple[str, str]
) -> None:
    chunk = b"".join(lines(rows, spaces))
    features = infer_features([(chunk, None, 1)])

    table = lines_to_table(chunk, Validator(features), Place(line=1))

    assert table.schema == features.storage_schema
    for row, stored in zip(rows, table.to_pylist(), strict=True):
        read = features.decode_example(stored)
        assert normal({key: read[key] for key in row}) == normal(row)
        assert all(read[key] is None for key in read.keys() - row.keys())


def test_a_key_first_seen_in_the_last_line_becomes_a_column() -> None:
    chunk = b'{"a": 1}\n' * 500 + b'{"a": 1, "late": "x"}\n'

    assert infer_features([(chunk, None, 1)]) == {"a": Value("int64"), "late": Value("string")}


def test_nulls_in_nested_objects_do_not_hide_a_missing_key() -> None:
    always = b'{"a": {"b": 1, "c": null}}\n{"a": {"b": 2, "c": 3}}\n'
    sometimes = b'{"a": {"b": 1}}\n{"a": {"b": 2, "c": 3}}\n'

    assert infer_features([(always, None, 1)])["a"] == {"b": Value("int64"), "c": Value("int64")}
    assert infer_features([(sometimes, None, 1)])["a"] == Json()


def test_pyarrow_is_trusted_with_nulls_whose_keys_are_all_in_the_text() -> None:
    chunk = b'{"a": [{"b": 1, "c": null}]}\n{"a": [{"b": 2, "c": 3}]}\n'
    table = read_chunk(chunk)

    assert table is not None
    assert Inference().add_table(table, chunk)


@pytest.mark.parametrize(
    ("values", "feature"),
    [
        (["1", "9223372036854775807"], Value("int64")),
        (["1", "9223372036854775808"], Value("uint64")),
        (["-1", "9223372036854775808"], Json()),
        (["18446744073709551616"], Json()),
        (["0.5", "9007199254740993"], Json()),
        (["0.5", "9007199254740991"], Value("float64")),
        (["NaN", "1", "-Infinity"], Value("float64")),
        (["[1, 0.5]", "[]"], List(Value("float64"))),
    ],
)
def test_numbers_get_the_type_that_holds_all_of_them_exactly(
    values: list[str], feature: Any
) -> None:
    chunk = "".join(f'{{"x": {value}}}\n' for value in values).encode()

    assert infer_features([(chunk, None, 1)]) == Features({"x": feature})


def test_an_error_names_the_line_of_the_file_not_of_the_chunk() -> None:
    with pytest.raises(SchemaError) as refused:
        infer_features([(b'{"a": 1}\n', "x.jsonl", 1), (b'\n{"a": 1\n', "x.jsonl", 41)])

    assert refused.value.place == "x.jsonl:42"
    assert refused.value.snippet == '{"a": 1'
