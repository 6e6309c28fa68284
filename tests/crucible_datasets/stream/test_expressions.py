"""Polars expressions and column selections: evaluated where rows are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from crucible_datasets.info import DatasetInfo
from crucible_datasets.schema import Features
from crucible_datasets.stream import IterableDataset
from crucible_datasets.stream.source import TableSource


@dataclass
class Watched:
    """A shard of five columns that notes what is asked of it."""

    rows: int = 20
    asked: list[Any] = field(default_factory=list)

    def table(self) -> pa.Table:
        return pa.table({name: list(range(self.rows)) for name in "abcde"})

    def num_rows(self) -> int:
        return self.rows

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: Any = None,
        start: int = 0,
        batch_size: int = 1000,
    ) -> Iterator[pa.RecordBatch]:
        self.asked.append((columns, None if predicate is None else str(predicate), start))
        frame = pl.DataFrame(self.table())[start:]
        if predicate is not None:
            frame = frame.filter(predicate)
        yield from frame.select(columns or list("abcde")).to_arrow().to_batches(batch_size)

    def pieces(self) -> list[Any]:
        return [self]

    def key(self) -> str:
        return "watched"

    def place(self) -> str:
        return "watched"


@pytest.fixture
def shard() -> Watched:
    return Watched()


@pytest.fixture
def stream(shard: Watched) -> IterableDataset:
    features = Features.from_arrow_schema(shard.table().schema)
    return IterableDataset(TableSource((shard,), features), DatasetInfo(features=features))


def test_only_the_selected_columns_are_read(shard: Watched, stream: IterableDataset) -> None:
    assert next(iter(stream.select_columns(["d", "b"]))) == {"d": 0, "b": 0}
    assert shard.asked[0][0] == ["d", "b"]


@pytest.mark.parametrize(
    "chain",
    [
        lambda ds: ds.shuffle(seed=1, buffer_size=5).select_columns("b"),
        lambda ds: ds.skip(1).take(3).repeat(2).select_columns("b"),
        lambda ds: ds.rename_column("c", "x").select_columns("b"),
        lambda ds: ds.remove_columns(["a", "c", "d", "e"]),
        lambda ds: ds.select_columns(["a", "b"]).select_columns("b"),
        lambda ds: ds.batch(2).select_columns("b"),
    ],
    ids=["shuffle", "window", "rename", "remove", "twice", "batch"],
)
def test_a_selection_reaches_the_source_through_other_steps(
    chain: Any, shard: Watched, stream: IterableDataset
) -> None:
    assert list(next(iter(chain(stream)))) == ["b"]
    assert {tuple(columns) for columns, _, _ in shard.asked} == {("b",)}


def test_a_function_is_given_all_columns(shard: Watched, stream: IterableDataset) -> None:
    next(iter(stream.map(lambda row: {}).select_columns("b")))

    assert shard.asked[0][0] is None


def test_an_expression_reaches_the_source(shard: Watched, stream: IterableDataset) -> None:
    rows = list(stream.filter(pl.col("a") > 15).filter(pl.col("e") % 2 == 0).select_columns("b"))

    assert [row["b"] for row in rows] == [16, 18]
    ((columns, predicate, _),) = shard.asked
    assert columns == ["b"]
    assert "a" in predicate
    assert "e" in predicate


def test_an_expression_behind_other_steps_is_evaluated_there(stream: IterableDataset) -> None:
    taken = stream.take(10).filter(pl.col("a") > 5).select_columns("b")
    mapped = stream.map(lambda row: {"z": row["a"] * 2}).filter(pl.col("z") > 35)

    assert [row["b"] for row in taken] == [6, 7, 8, 9]
    assert [row["z"] for row in mapped] == [36, 38]


def test_a_filtered_stream_resumes(stream: IterableDataset) -> None:
    filtered = stream.filter(pl.col("a") % 3 == 0).shuffle(seed=1, buffer_size=3)
    whole = list(filtered)
    for cut in range(len(whole) + 1):
        rows = iter(filtered)
        seen = [next(rows) for _ in range(cut)]
        filtered.load_state_dict(json.loads(json.dumps(filtered.state_dict())))
        assert seen + list(filtered) == whole


def test_skip_jumps_in_the_source(shard: Watched, stream: IterableDataset) -> None:
    assert next(iter(stream.skip(17)))["a"] == 17
    assert shard.asked[0][2] == 17


def test_skip_jumps_over_whole_shards(stream: IterableDataset) -> None:
    shards = tuple(Watched() for _ in range(5))
    many = IterableDataset(TableSource(shards, stream.features), stream.info)

    assert next(iter(many.skip(63)))["a"] == 3
    assert [len(shard.asked) for shard in shards] == [0, 0, 0, 1, 0]


def test_resuming_starts_at_the_row(shard: Watched, stream: IterableDataset) -> None:
    rows = iter(stream)
    for _ in range(20):
        next(rows)
    state = stream.state_dict()
    shard.asked.clear()
    stream.load_state_dict(state)

    assert list(stream) == []
