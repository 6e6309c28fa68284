"""The shuffle buffer: its order over many rows, and what it holds."""

from __future__ import annotations

import json
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crucible_datasets.stream import IterableDataset


def order(runs: list[list[int]], size: int, chunk: int, seed: int) -> list[int]:
    """What ``datasets`` 5.2 gives: full buffers are permuted, and half of them given."""
    generator = np.random.default_rng(seed)
    buffer: list[int] = []
    found: list[int] = []
    waiting = [iter(run) for run in runs]
    while waiting:
        for run in list(waiting):
            rows = list(islice(run, chunk))
            if not rows:
                waiting.remove(run)
                continue
            buffer += rows
            if len(buffer) >= size:
                mixed = [buffer[i] for i in generator.permutation(len(buffer))]
                found += mixed[: len(mixed) - size // 2]
                buffer = mixed[len(mixed) - size // 2 :]
    return found + [buffer[i] for i in generator.permutation(len(buffer))]


@pytest.mark.parametrize("size", [50, 700, 4000])
def test_a_long_pass_through_a_buffer_is_in_the_peers_order(parquet: Any, size: int) -> None:
    path = parquet(30_000, 5_000)
    stream = IterableDataset.from_parquet([path])

    rows = [row["a"] for row in stream.shuffle(seed=3, buffer_size=size)]

    assert rows == order([list(range(30_000))], size, size // 10, 3)


def test_a_long_pass_can_be_cut_and_continued_anywhere(parquet: Any) -> None:
    paths = [parquet(9_000, 2_000, name) for name in ("one", "two", "three")]

    def stream() -> IterableDataset:
        return IterableDataset.from_parquet(paths).shuffle(seed=3, buffer_size=1000)

    whole = [row["a"] for row in stream()]
    for place in (1, 4_999, 13_000, 26_999):
        first = stream()
        rows = iter(first)
        before = [row["a"] for row in islice(rows, place)]
        state = json.loads(json.dumps(first.state_dict()))
        rows.close()
        second = stream()
        second.load_state_dict(state)
        assert before + [row["a"] for row in second] == whole


def test_a_buffer_holds_little_more_than_its_rows() -> None:
    texts = [f"{i:0100}" for i in range(60_000)]
    stream = IterableDataset.from_dict({"s": texts}).shuffle(seed=1, buffer_size=2_000)
    before = pa.total_allocated_bytes()

    most = max(pa.total_allocated_bytes() for _ in stream) - before

    assert most < 5 * 2_000 * 104
