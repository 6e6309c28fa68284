from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.schema import Array2D, Features, Value


def test_numpy_gives_arrays(ds: Dataset) -> None:
    batch = ds.with_format("numpy")[:3]

    assert batch["id"].dtype == np.int64
    assert batch["score"].dtype == np.float32
    assert batch["text"].tolist() == ["row 0", "row 1", "row 2"]


def test_arrays_keep_their_shape_and_null_rows_become_nan() -> None:
    features = Features({"m": Array2D((2, 2), "int32")})
    made = Dataset.from_dict({"m": [[[1, 2], [3, 4]], None]}, features=features)

    assert made[:]["m"] == [[[1, 2], [3, 4]], None]
    shaped = made.with_format("numpy")[:]["m"]
    assert shaped.shape == (2, 2, 2)
    assert np.isnan(shaped[1]).all()


@pytest.mark.parametrize(
    ("name", "kind"), [("pandas", pd.DataFrame), ("polars", pl.DataFrame), ("arrow", pa.Table)]
)
def test_tables_are_given_as_tables(ds: Dataset, name: str, kind: type) -> None:
    formatted = ds.with_format(name)

    assert isinstance(formatted[1], kind)
    assert isinstance(formatted[1:3], kind)
    assert all(isinstance(batch, kind) for batch in formatted.iter(4))


def test_columns_left_out_are_left_out(ds: Dataset) -> None:
    assert ds.with_format("numpy", columns=["id"])[0] == {"id": 0}


def test_other_columns_come_as_they_are(ds: Dataset) -> None:
    row = ds.with_format("numpy", columns=["id"], output_all_columns=True)[1]

    assert isinstance(row["id"], np.int64)
    assert isinstance(row["chat"], list)


def test_a_format_in_place_is_reset(ds: Dataset) -> None:
    ds.set_format("numpy")
    assert ds.format["type"] == "numpy"

    ds.reset_format()

    assert ds.format["type"] is None


def test_a_format_for_a_while_ends_with_the_block(ds: Dataset) -> None:
    with ds.formatted_as("numpy", columns=["id"]):
        assert ds[0] == {"id": 0}

    assert set(ds[0]) == set(ds.column_names)


def test_a_transform_sees_batches_when_rows_are_read(ds: Dataset) -> None:
    seen: list[int] = []

    def shout(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        seen.append(len(batch["id"]))
        return {"loud": [str(text).upper() for text in batch["text"]]}

    loud = ds.with_transform(shout)

    assert seen == []
    assert loud[1] == {"loud": "ROW 1"}
    assert loud[2:4]["loud"] == ["ROW 2", "NONE"]
    assert seen == [1, 2]


def test_new_columns_join_the_format(ds: Dataset) -> None:
    mapped = ds.with_format("numpy", columns=["id"]).map(lambda row: {"n": row["id"]})

    assert sorted(mapped.format["columns"]) == ["id", "n"]


@pytest.mark.parametrize("name", ["torch", "jax"])
def test_a_library_that_is_missing_is_named(ds: Dataset, name: str) -> None:
    try:
        __import__(name)
    except ImportError:
        with pytest.raises(ValueError, match=f"pip install {name}"):
            ds.with_format(name)


def test_an_unknown_format_is_refused(ds: Dataset) -> None:
    with pytest.raises(ValueError, match="nope"):
        ds.with_format("nope")


def test_large_numbers_keep_their_digits_in_python() -> None:
    made = Dataset.from_dict({"n": [2**53 + 1, None]}, features=Features({"n": Value("int64")}))

    assert made["n"][:] == [2**53 + 1, None]
