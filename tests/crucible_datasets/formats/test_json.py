from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats import get_format, json_document, opening
from crucible_datasets.formats.json_text import Lines
from crucible_datasets.formats.sources import local_file
from crucible_datasets.schema import Features, Json, List, Value


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_lines_are_rows(put: Any, scan: Any) -> None:
    found = scan("json", put("a.jsonl", lines({"a": 1, "b": "x"}, {"a": 2})))
    assert found.features == Features({"a": Value("int64"), "b": Value("string")})
    assert found.read().to_pylist() == [{"a": 1, "b": "x"}, {"a": 2, "b": None}]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeff" + lines({"a": 1}, {"a": 2}),
        '{"a": 1}\r\n{"a": 2}\r\n',
        '\n\n{"a": 1}\n\n{"a": 2}',
        '[{"a": 1}, {"a": 2}]',
        '  [\n  {"a": 1},\n  {"a": 2}\n]\n',
        '{"a":\n 1}\n{"a":\n 2\n}\n',
    ],
    ids=["bom", "crlf", "blank lines", "list", "list over lines", "objects over lines"],
)
def test_the_same_rows_in_any_writing(put: Any, scan: Any, text: str) -> None:
    assert scan("json", put("a.json", text)).read().to_pylist() == [{"a": 1}, {"a": 2}]


def test_a_list_of_texts_is_a_column_of_text(put: Any, scan: Any) -> None:
    assert scan("json", put("a.json", '["x", "y"]')).read().to_pylist() == [
        {"text": "x"},
        {"text": "y"},
    ]


def test_field_names_the_list_inside_an_object(put: Any, scan: Any) -> None:
    file = put("a.json", '{"version": 1, "data": [{"a": 1}]}')
    assert scan("json", file, field="data").read().to_pylist() == [{"a": 1}]


def test_a_missing_field_is_named_with_those_that_are_there(put: Any, scan: Any) -> None:
    with pytest.raises(SchemaError, match=r"'rows'.*'data'"):
        scan("json", put("a.json", '{"data": []}'), field="rows")


def test_one_object_over_lines_is_one_row(put: Any, scan: Any) -> None:
    assert scan("json", put("a.json", '{\n "a": [1, 2]\n}\n')).read().to_pylist() == [{"a": [1, 2]}]


def test_field_may_hold_columns(put: Any, scan: Any) -> None:
    file = put("a.json", '{"data": {"a": [1, 2], "b": ["x", "y"]}}')
    assert scan("json", file, field="data").read().to_pylist() == [
        {"a": 1, "b": "x"},
        {"a": 2, "b": "y"},
    ]


def test_another_encoding_can_be_named(put: Any, scan: Any) -> None:
    file = put("a.jsonl", '{"a": "ü"}\n'.encode("latin-1"))
    assert scan("json", file, encoding="latin-1").read().to_pylist() == [{"a": "ü"}]


def test_a_key_that_comes_late_is_a_column(put: Any, scan: Any) -> None:
    rows = [{"a": n} for n in range(500)] + [{"a": 0, "late": "x"}]
    found = scan("json", put("a.jsonl", lines(*rows)))
    assert found.read(["late"]).column(0).to_pylist()[-1] == "x"


def test_files_that_differ_are_widened_together(put: Any, scan: Any) -> None:
    found = scan("json", put("a.jsonl", lines({"a": 1})), put("b.jsonl", lines({"a": 1.5, "b": 1})))
    assert found.features == Features({"a": Value("float64"), "b": Value("int64")})
    assert found.read().to_pylist() == [{"a": 1.0, "b": None}, {"a": 1.5, "b": 1}]


def test_splits_are_widened_together(put: Any) -> None:
    scans = get_format("json").scan_splits(
        {"train": [put("a.jsonl", lines({"a": 1}))], "test": [put("b.jsonl", lines({"a": "x"}))]},
        features=None,
        options={},
    )
    assert scans["train"].features == scans["test"].features == Features({"a": Json()})


def test_objects_with_different_keys_keep_their_own(put: Any, scan: Any) -> None:
    found = scan("json", put("a.jsonl", lines({"a": [{"x": 1}, {"y": None}]}, {"a": []})))
    assert found.features == Features({"a": List(Json())})
    assert found.read().to_pylist()[0]["a"] == ['{"x":1}', '{"y":null}']


def test_rows_without_any_key_are_an_error_and_not_lost(put: Any, scan: Any) -> None:
    with pytest.raises(SchemaError, match="at least one key"):
        scan("json", put("train.jsonl", "{}\n{}\n"))


def test_rows_without_any_key_can_be_given_columns(put: Any, scan: Any) -> None:
    found = scan("json", put("train.jsonl", "{}\n{}\n"), features=Features({"a": Value("int64")}))
    assert found.read().to_pylist() == [{"a": None}, {"a": None}]


def test_a_bad_line_is_named(put: Any, scan: Any) -> None:
    file = put("a.jsonl", '{"a": 1}\n{"a": \n{"a": 3}\n')
    with pytest.raises(SchemaError) as caught:
        scan("json", file)
    assert (caught.value.file, caught.value.line) == (file.name, 2)


def test_a_value_that_is_not_as_declared_is_located(put: Any, scan: Any) -> None:
    file = put("a.jsonl", lines({"a": {"b": 1}}, {"a": {"b": "x"}}))
    found = scan("json", file, features=Features({"a": {"b": Value("int64")}}))
    with pytest.raises(SchemaError) as caught:
        found.read()
    assert (caught.value.line, caught.value.pointer) == (2, "/a/b")


def test_a_key_that_is_not_declared_is_an_error(put: Any, scan: Any) -> None:
    found = scan(
        "json", put("a.jsonl", lines({"a": 1, "b": 2})), features=Features({"a": Value("int64")})
    )
    with pytest.raises(SchemaError, match="b"):
        found.read()


def test_a_declared_column_that_no_row_has_is_null(put: Any, scan: Any) -> None:
    features = Features({"a": Value("int64"), "z": Value("string")})
    assert scan("json", put("a.jsonl", lines({"a": 1})), features=features).read().to_pylist() == [
        {"a": 1, "z": None}
    ]


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines at a time, so that a small file has many chunks."""
    monkeypatch.setattr(opening, "CHUNK", 64)


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("start", [0, 1, 7, 99, 100, 250])
def test_a_shard_starts_at_any_row(put: Any, scan: Any, start: int) -> None:
    [shard] = scan("json", put("a.jsonl", lines(*({"a": n} for n in range(100))))).shards()
    found = [row["a"] for b in shard.batches(start=start, batch_size=9) for row in b.to_pylist()]
    assert found == list(range(start, 100))


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("start", [0, 1, 7, 99, 100, 250])
def test_rows_may_stay_text_until_they_are_wanted(put: Any, scan: Any, start: int) -> None:
    [shard] = scan("json", put("a.jsonl", lines(*({"a": n} for n in range(100))))).shards()
    found = list(shard.bundles(start=start))
    assert {type(bundle) for bundle in found} <= {Lines}
    assert [row["a"] for bundle in found for row in bundle.rows()] == list(range(start, 100))


def test_lines_are_cut_like_a_list() -> None:
    found = Lines.of(b'{"a":0}\n{"a":1}\n{"a":2}')
    for start in range(5):
        for stop in range(5):
            part = found[start:stop]
            assert part.rows() == found.rows()[start:stop]
            assert len(part) == len(part.rows())


@pytest.mark.usefixtures("small_chunks")
def test_pieces_are_the_whole_in_order_and_survive_pickling(put: Any, scan: Any) -> None:
    found = scan("json", put("a.jsonl", lines(*({"a": n} for n in range(100)))))
    pieces = pickle.loads(pickle.dumps(found.shards(pieces=True)))
    assert len(pieces) > 3
    assert [p.num_rows() for p in pieces] == [sum(b.num_rows for b in p.batches()) for p in pieces]
    rows = [row["a"] for p in pieces for b in p.batches() for row in b.to_pylist()]
    assert rows == list(range(100))
    assert len({p.key() for p in pieces}) == len(pieces)


def test_a_selection_of_columns_is_given_in_its_order(put: Any, scan: Any) -> None:
    found = scan("json", put("a.jsonl", lines({"a": 1, "b": [{"x": 1}, {"y": 2}], "c": 3})))
    assert found.read(["c", "a"]).to_pylist() == [{"c": 3, "a": 1}]
    assert found.read(["b"]).column_names == ["b"]


def test_polars_reads_the_same(put: Any, scan: Any) -> None:
    import polars as pl

    found = scan("json", put("a.jsonl", lines({"a": 1, "b": "x"}, {"a": 2, "b": "y"})))
    assert found.lazy().filter(pl.col("a") > 1).select("b").collect().to_dicts() == [{"b": "y"}]
    assert found.lazy().select(pl.len()).collect().item() == 2


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=6,
)
documents = st.lists(st.fixed_dictionaries({"a": values}), min_size=1, max_size=6)


@settings(max_examples=60, deadline=None)
@given(rows=documents)
def test_a_list_and_lines_hold_the_same_rows(rows: list[Any], tmp_path_factory: Any) -> None:
    folder = tmp_path_factory.mktemp("json")
    (folder / "a.json").write_text(json.dumps(rows))
    (folder / "a.jsonl").write_text(lines(*rows))
    scans = [
        get_format("json").scan([local_file(folder / name)], features=None, options={})
        for name in ("a.json", "a.jsonl")
    ]
    assert scans[0].features == scans[1].features
    assert scans[0].read().to_pylist() == scans[1].read().to_pylist()


def test_an_object_over_lines_is_told_from_a_line() -> None:
    assert json_document.spans_lines(b'{\n"a": 1}\n')
    assert not json_document.spans_lines(b'{"a": 1}\n{"a": 2}\n')
    assert not json_document.spans_lines(b'{"a": oops}\n')


# More than any Python reads: 3.13 goes ten times deeper than 3.11.
DEEP = "[" * 60_000 + "]" * 60_000


@pytest.mark.parametrize(
    "text",
    ['{"a":' + DEEP + "}\n", '{"a":1}\n{"a":' + DEEP + "}\n", f"[{DEEP}]", '{\n"a":' + DEEP + "}"],
    ids=["a line", "a later line", "a list", "an object over lines"],
)
def test_values_nested_too_deeply_are_refused_with_the_file(put: Any, scan: Any, text: str) -> None:
    with pytest.raises(SchemaError, match=r"deep\.json.*nested too deeply"):
        scan("json", put("deep.json", text)).read()


@pytest.mark.parametrize("depth", [31, 100, 240])
@pytest.mark.parametrize("begin", ["[", '{"x":'], ids=["lists", "objects"])
def test_what_is_nested_deeper_than_types_go_is_json(
    put: Any, scan: Any, depth: int, begin: str
) -> None:
    end = "]" if begin == "[" else "}"
    text = '{"a":' + begin * depth + "1" + end * depth + "}"
    found = scan("json", put("a.jsonl", f"{text}\n{text}\n"))
    assert ("Json" in str(found.features)) == (depth > 31)
    assert found.read().num_rows == 2
