"""Streams in other formats: the same kinds of objects with the same values as the peer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import datasets as peer
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import crucible_datasets
from crucible_datasets.stream import IterableDataset, concatenate

if TYPE_CHECKING:
    from pathlib import Path

COLUMNS = {
    "a": list(range(7)),
    "f": [i / 2 for i in range(7)],
    "s": [f"row {i}" for i in range(7)],
    "l": [[i, i + 1] for i in range(7)],
}
FORMATS = [None, "numpy", "arrow", "pandas", "polars"]


def ours() -> IterableDataset:
    return IterableDataset.from_dict(COLUMNS, num_shards=2)


def theirs() -> Any:
    return peer.Dataset.from_dict(COLUMNS).to_iterable_dataset(num_shards=2)


def plain(value: Any) -> Any:
    """A value with its kind, in a form that can be compared."""
    if isinstance(value, pa.Table):
        return ("table", value.to_pydict())
    if isinstance(value, pd.DataFrame):
        return ("pandas", {name: plain(column.tolist()) for name, column in value.items()})
    if isinstance(value, pl.DataFrame):
        return ("polars", value.to_dict(as_series=False))
    if isinstance(value, np.ndarray):
        return ("array", value.dtype.kind, [plain(item) for item in value.tolist()])
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return (type(value).__name__, value)


def same(mine: Any, other: Any) -> None:
    assert [plain(item) for item in mine] == [plain(item) for item in other]


@pytest.mark.parametrize("kind", FORMATS)
def test_rows(kind: str | None) -> None:
    same(ours().with_format(kind), theirs().with_format(kind))


@pytest.mark.parametrize("kind", FORMATS)
def test_batches(kind: str | None) -> None:
    same(ours().with_format(kind).iter(3), theirs().with_format(kind).iter(3))


# Behind a function the peer's numpy format makes other arrays of texts and floats than before it.
COMPARED = {"numpy": ["a", "l"]}


@pytest.mark.parametrize("kind", FORMATS)
def test_a_function_of_batches(kind: str | None) -> None:
    columns = COMPARED.get(str(kind), list(COLUMNS))
    seen: dict[str, list[Any]] = {"ours": [], "peer": []}

    def note(name: str) -> Any:
        def function(batch: Any) -> Any:
            seen[name].append(plain(batch))
            return batch

        return function

    mine = (
        ours()
        .select_columns(columns)
        .with_format(kind)
        .map(note("ours"), batched=True, batch_size=3)
    )
    other = (
        theirs()
        .select_columns(columns)
        .with_format(kind)
        .map(note("peer"), batched=True, batch_size=3)
    )

    same(mine, other)
    assert seen["ours"] == seen["peer"]


@pytest.mark.parametrize("kind", [None, "numpy"])
def test_a_function_of_rows(kind: str | None) -> None:
    columns = COMPARED.get(str(kind), list(COLUMNS))
    same(
        ours().select_columns(columns).with_format(kind).map(lambda row: {"b": row["a"] + 1}),
        theirs().select_columns(columns).with_format(kind).map(lambda row: {"b": row["a"] + 1}),
    )


@pytest.mark.parametrize("kind", FORMATS)
def test_batch_as_a_step(kind: str | None) -> None:
    same(ours().with_format(kind).batch(3), theirs().with_format(kind).batch(3))


def test_all_rows_at_once() -> None:
    assert ours().to_list() == theirs().to_list()
    assert ours().to_dict() == theirs().to_dict()
    pd.testing.assert_frame_equal(ours().to_pandas(), theirs().to_pandas())


def test_batches_by_column() -> None:
    def key(row: Any) -> Any:
        return {"k": row["a"] // 3}

    same(
        ours().map(key).batch(by_column="k"),
        theirs().map(key).batch(by_column="k"),
    )


def test_columns_side_by_side() -> None:
    names = {"a": "a2", "f": "f2", "s": "s2", "l": "l2"}
    same(
        concatenate([ours(), ours().rename_columns(names)], axis=1),
        peer.concatenate_datasets([theirs(), theirs().rename_columns(names)], axis=1),
    )


def generated(package: Any) -> Any:
    return package.IterableDataset.from_generator(lambda: iter([{"a": 1, "s": "x"}]))


def test_numpy_rows_of_unknown_types_are_scalars_as_those_of_known_types_are() -> None:
    (mine,) = generated(crucible_datasets).with_format("numpy")
    (other,) = generated(peer).with_format("numpy")

    assert (type(mine["a"]), type(mine["s"])) == (np.int64, np.str_)
    assert (type(other["a"]), type(other["s"])) == (np.ndarray, str)


def test_the_columns_of_text_are_known_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.txt"
    path.write_text("x\n")

    assert IterableDataset.from_text(str(path)).column_names == ["text"]
    assert peer.IterableDataset.from_text(str(path)).column_names is None


def test_joined_rows_have_all_columns_also_behind_a_function() -> None:
    def joined(package: Any) -> list[Any]:
        first = generated(package).map(
            lambda row: row,
            features=package.Features({"a": package.Value("int64"), "s": package.Value("string")}),
        )
        second = package.IterableDataset.from_dict({"t": [1]})
        return list(package.interleave_datasets([first, second]))

    assert joined(crucible_datasets)[0] == {"a": 1, "s": "x", "t": None}
    assert joined(peer)[0] == {"a": 1, "s": "x"}
