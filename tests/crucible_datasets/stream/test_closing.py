"""Ending early: threads end, files close, memory is bounded by what is asked for."""

from __future__ import annotations

import gc
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from crucible_datasets.stream import IterableDataset, interleave


def open_files() -> set[str]:
    found = set()
    for fd in Path("/proc/self/fd").iterdir():
        try:
            target = os.readlink(fd)
        except OSError:
            continue
        if target.endswith(".parquet"):
            found.add(target)
    return found


CHAINS = {
    "plain": lambda ds: ds,
    "shuffle": lambda ds: ds.shuffle(seed=1, buffer_size=50),
    "batch": lambda ds: ds.shuffle(seed=1, buffer_size=50).batch(3),
    "map": lambda ds: ds.map(lambda row: {"b": 1}),
    "prefetch": lambda ds: ds.map(lambda row: {"b": 1}).prefetch(2),
    "interleave": lambda ds: interleave([ds, ds.shuffle(seed=1, buffer_size=50)]),
    "take": lambda ds: ds.take(5000),
}


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_ending_an_iteration_closes_everything_at_once(parquet: Any, chain: Any) -> None:
    paths = [parquet(20_000, 5_000, name) for name in ("one", "two", "three")]
    threads = threading.active_count()
    stream = chain(IterableDataset.from_parquet(paths))
    rows = iter(stream)
    for _ in range(3):
        next(rows)
    assert open_files()
    gc.disable()  # nothing is left for it
    try:
        rows.close()
        assert open_files() == set()
        assert threading.active_count() == threads
    finally:
        gc.enable()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts open files in /proc")
def test_an_error_in_a_function_closes_everything_too(parquet: Any) -> None:
    threads = threading.active_count()
    stream = IterableDataset.from_parquet(parquet(20_000, 5_000)).map(lambda row: row["no"])

    with pytest.raises(KeyError):
        next(iter(stream))
    assert open_files() == set()
    assert threading.active_count() == threads


def test_a_slow_reader_holds_back_what_is_read_ahead() -> None:
    made = []

    def count(n: int) -> Any:
        for i in range(n):
            made.append(i)
            yield {"a": i}

    stream = IterableDataset.from_generator(count, gen_kwargs={"n": 100_000}).prefetch(2)
    rows = iter(stream)
    for _ in range(5):
        next(rows)
    waited = threading.Event()
    waited.wait(0.2)
    rows.close()

    assert len(made) < 1000


def test_prefetch_gives_the_error_of_its_thread(numbers: Any) -> None:
    stream = numbers(10).map(lambda row: {"b": 1 // (row["a"] - 3)}).prefetch(4)

    rows = iter(stream)
    assert next(rows)["b"] == -1
    with pytest.raises(ZeroDivisionError):
        list(rows)


def test_prefetched_rows_are_the_same(numbers: Any) -> None:
    stream = numbers(3000, 4).shuffle(seed=1, buffer_size=100)

    assert list(stream.prefetch(3)) == list(stream)
