"""``Dataset.validate``: a report of every value that other features would not take."""

from __future__ import annotations

from crucible_datasets import Dataset, Features, List, Value


def test_a_dataset_that_fits_has_an_empty_report() -> None:
    ds = Dataset.from_dict({"a": [1, None], "b": [["x"], []]})

    report = ds.validate(Features({"a": Value("int8"), "b": List(Value("string"))}))

    assert report.ok
    assert report.rows == 2


def test_each_mismatch_has_its_row_and_its_place() -> None:
    ds = Dataset.from_dict({"a": [1, 300, 5, 400], "extra": ["x"] * 4}).select([0, 3, 1])

    report = ds.validate(Features({"a": Value("int8")}), limit=2)

    assert report.total == 3
    assert [(found.row, found.pointer) for found in report] == [(None, "/extra"), (1, "/a")]


def test_json_is_compared_as_the_values_that_it_holds() -> None:
    rows = [{"call": {"name": "add", "x": 1}}, {"call": {"name": "say", "text": "hi"}}]
    ds = Dataset.from_dict({"call": [row["call"] for row in rows]}, on_mixed_types="use_json")
    features = Features({"call": {"name": Value("string"), "x": Value("int64")}})

    report = ds.validate(features)

    assert [(found.row, found.pointer) for found in report] == [(1, "/call/text")]
