"""Going on with another number of nodes."""

from __future__ import annotations

from itertools import islice
from typing import Any

import polars as pl
import pytest

from crucible_datasets.stream import IterableDataset, split_by_node
from crucible_datasets.stream.state import StreamStateError


def double(row: dict[str, Any]) -> dict[str, Any]:
    return {"b": row["a"] * 2}


def even(row: dict[str, Any]) -> bool:
    return row["a"] % 2 == 0


CHAINS = {
    "plain": lambda ds: ds,
    "map and filter": lambda ds: ds.map(double).filter(even),
    "columns": lambda ds: ds.rename_column("s", "t").select_columns("a"),
    "expression": lambda ds: ds.filter(pl.col("a") % 3 > 0),
    "batched": lambda ds: ds.map(lambda b: {"b": b["a"]}, batched=True, batch_size=5),
}


def read(stream: IterableDataset, n: int) -> tuple[list[int], dict[str, Any]]:
    rows = iter(stream)
    seen = [next(rows)["a"] for _ in range(n)]
    return seen, stream.state_dict()


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
@pytest.mark.parametrize("after", [1, 2, 5])
def test_no_row_is_lost_or_seen_twice(parquet: Any, chain: Any, after: int) -> None:
    path = parquet(120, group=10)
    stream = chain(IterableDataset.from_parquet(path).reshard())
    stream.set_epoch(1)
    whole = sorted(row["a"] for row in stream)
    seen: list[int] = []
    states = []
    for rank, n in enumerate([5, 20, 0]):
        rows, state = read(split_by_node(stream, rank, 3), n)
        seen += rows
        states.append(state)
    for rank in range(after):
        part = split_by_node(stream, rank, after) if after > 1 else stream
        part.load_state_dict(states)
        seen += [row["a"] for row in part]

    assert sorted(seen) == whole


def test_nodes_may_change_twice(parquet: Any) -> None:
    stream = IterableDataset.from_parquet(parquet(100, group=10)).reshard()
    seen: list[int] = []
    states: list[dict[str, Any]] = []
    for world in (2, 5, 1):
        following = []
        for rank in range(world):
            part = split_by_node(stream, rank, world)
            if states:
                part.load_state_dict(states)
            rows = iter(part)
            seen += [row["a"] for row in islice(rows, 7)]
            following.append(part.state_dict())
        states = following
    stream.load_state_dict(states)
    seen += [row["a"] for row in stream]

    assert sorted(seen) == list(range(100))


def test_a_shuffle_buffer_needs_the_same_nodes(parquet: Any) -> None:
    stream = IterableDataset.from_parquet(parquet()).reshard().shuffle(seed=1, buffer_size=20)
    states = [read(split_by_node(stream, rank, 2), 3)[1] for rank in range(2)]
    stream.load_state_dict(states)

    with pytest.raises(StreamStateError, match="Shuffle, which mixes rows"):
        next(iter(stream))


def test_a_missing_state_is_named(parquet: Any) -> None:
    stream = IterableDataset.from_parquet(parquet()).reshard()
    stream.load_state_dict(read(split_by_node(stream, 0, 2), 3)[1])

    with pytest.raises(StreamStateError, match="worker 0 of node 1"):
        next(iter(stream))


def test_the_same_nodes_take_up_their_own_state_from_a_list(parquet: Any) -> None:
    stream = IterableDataset.from_parquet(parquet()).reshard().shuffle(seed=1, buffer_size=20)
    parts = [split_by_node(stream, rank, 2) for rank in range(2)]
    whole = [[row["a"] for row in part] for part in parts]
    read_so_far = [read(part, 13) for part in parts]
    for part in parts:
        part.load_state_dict([state for _, state in read_so_far])

    rest = [[row["a"] for row in part] for part in parts]
    assert [seen + more for (seen, _), more in zip(read_so_far, rest, strict=True)] == whole
