"""``Dataset.validate``: a report of every value that other features would not take."""

from __future__ import annotations

from typing import Any

import pytest

from crucible_datasets import (
    ClassLabel,
    Dataset,
    Features,
    Image,
    List,
    Value,
    concatenate_datasets,
)


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


def test_columns_too_many_and_too_few_are_named_once() -> None:
    ds = Dataset.from_dict({"a": list(range(25_000)), "extra": ["x"] * 25_000})

    report = ds.validate(Features({"a": Value("int64"), "b": Value("string")}))

    assert [(found.row, found.pointer) for found in report] == [(None, "/extra"), (None, "/b")]
    assert report.rows == 25_000


def test_json_beside_other_columns_is_looked_at_once() -> None:
    ds = Dataset.from_dict(
        {"n": [1, 2, 300], "call": [{"x": 1}, {"x": "y"}, {"x": 2}]}, on_mixed_types="use_json"
    )

    report = ds.validate(Features({"n": Value("int8"), "call": {"x": Value("int64")}}))

    assert sorted((found.row, found.pointer) for found in report) == [(1, "/call/x"), (2, "/n")]
    assert report.rows == 3


@pytest.mark.parametrize(
    "made",
    [
        lambda ds: ds.select([2, 0, 1]),
        lambda ds: ds.map(lambda row: {"a": row["a"]}),
        lambda ds: ds.with_format("numpy"),
        lambda ds: ds.with_transform(lambda batch: {"other": batch["a"]}),
        lambda ds: concatenate_datasets([ds, ds]),
        lambda ds: Dataset.from_generator(lambda: iter(ds)),
    ],
    ids=["selected", "mapped", "arrays", "transformed", "joined", "generated"],
)
def test_any_dataset_is_compared_as_it_is_stored(made: Any) -> None:
    ds = made(Dataset.from_dict({"a": [1, 300, 5]}))

    report = ds.validate(Features({"a": Value("int8")}))

    assert [found.found for found in report] == ["the integer 300"] * (len(ds) // 3)
    assert ds.validate(ds.features).ok


def test_files_as_media_fit_their_own_features() -> None:
    features = Features({"i": Image(), "l": ClassLabel(names=["no", "yes"])})
    ds = Dataset.from_dict({"i": [b"png", None], "l": ["yes", None]}, features=features)

    assert ds.validate(features).ok
    assert ds.validate(Features({"i": Value("string"), "l": Value("string")})).total == 2
