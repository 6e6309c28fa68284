from __future__ import annotations

from typing import Any

import pytest

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats import get_format
from crucible_datasets.schema import ClassLabel, Features, Value


@pytest.mark.parametrize(
    ("text", "options", "rows"),
    [
        ("a,b\n1,x\n2,y\n", {}, [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]),
        ("a,b\n1,\n,y\n", {}, [{"a": 1.0, "b": None}, {"a": None, "b": "y"}]),
        ("a\n1\n0.5\n", {}, [{"a": 1.0}, {"a": 0.5}]),
        ("a,e\n1,\n2,\n", {}, [{"a": 1, "e": None}, {"a": 2, "e": None}]),
        ("a\nTrue\nfalse\n", {}, [{"a": True}, {"a": False}]),
        ("a\n2020-01-01\n", {}, [{"a": "2020-01-01"}]),
        ('a\n"x, ""y""\nz"\n', {}, [{"a": 'x, "y"\nz'}]),
        ("a,b\n1,NA\n2,null\n", {}, [{"a": 1, "b": None}, {"a": 2, "b": None}]),
        ("a,b\n1,NA\n", {"keep_default_na": False}, [{"a": 1, "b": "NA"}]),
        ("a,b\n1,-\n", {"na_values": "-"}, [{"a": 1, "b": None}]),
        ("a;b\n1,5;2\n", {"sep": ";", "decimal": ","}, [{"a": 1.5, "b": 2}]),
        ("a;b\n1;2\n", {"delimiter": ";"}, [{"a": 1, "b": 2}]),
        ("a  b\n1   2\n", {"sep": r"\s+"}, [{"a": 1, "b": 2}]),
        ("# x\na,b\n1,2 # y\n", {"comment": "#"}, [{"a": 1, "b": 2}]),
        ("1,2\n", {"header": None}, [{"0": 1, "1": 2}]),
        ("1,2\n", {"column_names": ["x", "y"]}, [{"x": 1, "y": 2}]),
        ("a,b\n1,2\n", {"names": ["x", "y"], "header": 0}, [{"x": 1, "y": 2}]),
        ("junk\na,b\n1,2\n", {"skiprows": 1}, [{"a": 1, "b": 2}]),
        ("junk\na,b\n1,2\n", {"header": 1}, [{"a": 1, "b": 2}]),
        ("a,b\n1,2\n3,4\n", {"nrows": 1}, [{"a": 1, "b": 2}]),
        ("a,b\n1,2\ntotal,2\n", {"skipfooter": 1}, [{"a": 1, "b": 2}]),
        ("a,b,c\n1,2,3\n", {"usecols": ["c", "a"]}, [{"a": 1, "c": 3}]),
        ("a,b\n1,2\n", {"index_col": 0}, [{"b": 2, "a": 1}]),
        ("a\n1_000\n", {}, [{"a": "1_000"}]),
        ("a,b\n1.000,2\n", {"thousands": "."}, [{"a": 1000, "b": 2}]),
        ("a,a,\n1,2,3\n", {}, [{"a": 1, "a.1": 2, "Unnamed: 2": 3}]),
        ("a,b\n1\n", {}, [{"a": 1, "b": None}]),
        ("a,b\n1,2,3\n4,5\n", {"on_bad_lines": "skip"}, [{"a": 4, "b": 5}]),
        ("\ufeffa\nü\n", {}, [{"a": "ü"}]),
        ("a\n18446744073709551615\n", {}, [{"a": 18446744073709551615}]),
        ("a\n99999999999999999999999\n", {}, [{"a": "99999999999999999999999"}]),
        ("a\n+5\n 6\n", {}, [{"a": 5}, {"a": 6}]),
        ("a\ny\nn\n", {"true_values": ["y"], "false_values": ["n"]}, [{"a": True}, {"a": False}]),
    ],
)
def test_text_becomes_rows(put: Any, scan: Any, text: str, options: Any, rows: Any) -> None:
    found = scan("csv", put("a.csv", text), **options).read().to_pylist()
    assert found == rows
    assert [[type(v) for v in row.values()] for row in found] == [
        [type(v) for v in row.values()] for row in rows
    ]


def test_an_all_empty_column_is_of_floats(put: Any, scan: Any) -> None:
    assert scan("csv", put("a.csv", "a,b\n1,\n")).features["b"] == Value("float64")


def test_a_row_that_is_too_long_is_located(put: Any, scan: Any) -> None:
    with pytest.raises(SchemaError, match=r"a\.csv:3: expected 2 fields, found 3"):
        scan("csv", put("a.csv", "a,b\n1,2\n3,4,5\n"))


def test_a_value_that_is_not_as_declared_is_located(put: Any, scan: Any) -> None:
    found = scan("csv", put("a.csv", "a\n1\nx\n"), features=Features({"a": Value("int64")}))
    with pytest.raises(SchemaError) as caught:
        found.read()
    assert (caught.value.row, caught.value.pointer, caught.value.snippet) == (1, "/a", '"x"')


def test_declared_types_are_read_from_text(put: Any, scan: Any) -> None:
    features = Features(
        {"id": Value("string"), "n": Value("float32"), "y": ClassLabel(names=["no", "yes"])}
    )
    found = scan("csv", put("a.csv", "id,n,y\n007,1,yes\n,,no\n"), features=features)
    assert found.read().to_pylist() == [
        {"id": "007", "n": 1.0, "y": 1},
        {"id": None, "n": None, "y": 0},
    ]


def test_types_are_those_of_all_files_and_splits(put: Any) -> None:
    scans = get_format("csv").scan_splits(
        {"train": [put("a.csv", "a\n1\n")], "test": [put("b.csv", "a\nx\n")]},
        features=None,
        options={},
    )
    assert scans["train"].read().to_pylist() == [{"a": "1"}]
    assert scans["test"].features == Features({"a": Value("string")})


def test_bytes_in_another_encoding_are_an_error_that_names_it(put: Any, scan: Any) -> None:
    with pytest.raises(SchemaError, match="encoding="):
        scan("csv", put("a.csv", "a\nü\n".encode("latin-1")))
    file = put("b.csv", "a\nü\n".encode("latin-1"))
    assert scan("csv", file, encoding="latin-1").read().to_pylist() == [{"a": "ü"}]


def test_a_file_with_only_a_header_has_no_rows(put: Any, scan: Any) -> None:
    assert scan("csv", put("a.csv", "a,b\n")).num_rows() == 0


def test_an_empty_file_is_an_error(put: Any, scan: Any) -> None:
    with pytest.raises(SchemaError, match="names of the columns"):
        scan("csv", put("a.csv", ""))


def test_a_large_field_is_read(put: Any, scan: Any) -> None:
    text = "x" * 300_000
    assert scan("csv", put("a.csv", f'a,b\n"{text}",1\n2\n')).read().to_pylist()[0]["a"] == text
