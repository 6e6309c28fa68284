"""Runs of rows decoded by several threads, given in order."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from crucible_datasets.formats.base import Shard

MOST_WORKERS = 8
"""Threads at most: what waits in order is held in memory."""


def decoded(
    shards: Sequence[Shard], columns: Sequence[str], batch_size: int
) -> Iterator[pa.RecordBatch]:
    """The rows of ``shards`` in order, decoded by a thread a core.

    One run more than there are threads is held at most. Worth it where decoding leaves Python alone,
    as that of Parquet does.

    Args:
        shards: runs of rows, none of which is large.
        columns: those to read.
        batch_size: rows in a batch, at most.
    """

    def read(shard: Shard) -> list[pa.RecordBatch]:
        return list(shard.batches(columns=columns, batch_size=batch_size))

    workers = max(1, min(os.cpu_count() or 1, MOST_WORKERS, len(shards)))
    with ThreadPoolExecutor(workers, thread_name_prefix="crucible-decode") as pool:
        waiting = deque(pool.submit(read, shard) for shard in shards[: workers + 1])
        try:
            for shard in shards[workers + 1 :]:
                yield from waiting.popleft().result()
                waiting.append(pool.submit(read, shard))
            while waiting:
                yield from waiting.popleft().result()
        finally:  # also when the reader goes away early
            for future in waiting:
                future.cancel()
