"""Work that several threads do, its results given in order."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from concurrent.futures import Future

    import pyarrow as pa

    from crucible_datasets.formats.base import Shard

T = TypeVar("T")
R = TypeVar("R")

SMALL_BATCH = 256 << 10
"""Bytes of a first batch that is decoded sooner than handed to another thread."""
MOST_WORKERS = 8
"""Threads at most: what waits in order is held in memory."""


def decoded(
    shards: Sequence[Shard], columns: Sequence[str], batch_size: int
) -> Iterator[pa.RecordBatch]:
    """The rows of ``shards`` in order, decoded by a thread a core.

    One run more than there are threads is held at most. Worth it where decoding leaves Python alone,
    as that of Parquet does, and where batches are not small.

    Args:
        shards: runs of rows, none of which is large.
        columns: those to read.
        batch_size: rows in a batch, at most.
    """

    def batches(shard: Shard) -> Iterator[pa.RecordBatch]:
        return shard.batches(columns=columns, batch_size=batch_size)

    beginning = batches(shards[0])
    first = next(beginning, None)
    if first is None or first.nbytes <= SMALL_BATCH:
        if first is not None:
            yield first
        yield from beginning
        for shard in shards[1:]:
            yield from batches(shard)
        return
    for run in ordered(list, [chain([first], beginning), *map(batches, shards[1:])]):
        yield from run


def ordered(work: Callable[[T], R], items: Iterable[T], workers: int | None = None) -> Iterator[R]:
    """What ``work`` makes of each item, in order, by several threads.

    One item more than there are threads is taken ahead of what was given.

    Args:
        work: called in a thread; worth it if it leaves Python alone.
        items: taken in the caller's thread.
        workers: threads; one a core by default.
    """
    workers = workers or max(1, min(os.cpu_count() or 1, MOST_WORKERS))
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(workers, thread_name_prefix="crucible-work") as pool:
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > workers:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:  # also when the reader goes away early
            for future in waiting:
                future.cancel()
