"""Rows of which only those columns are read that a function looks at."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.dataset.lazy_row import SourceColumns
from crucible_datasets.table.memory import bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.schema import Features
    from crucible_datasets.table.table import Table


def touched_columns(
    table: Table, features: Features, size: int, start: int = 0
) -> Iterator[SourceColumns]:
    """The rows of ``table`` in order, ``size`` at a time (the last ones may be fewer).

    Columns that are asked for are read for that batch by itself; from the next one on they are read
    ahead, together with those that were asked for before.

    Args:
        table: the rows.
        features: what its columns hold.
        size: rows together.
        start: the number of the first row, for errors.
    """
    names = table.column_names
    seen: set[str] = set()
    reading: list[str] = []
    batches: Iterator[pa.RecordBatch] = iter(())

    def load(first: int, count: int, name: str) -> pa.Array:
        seen.add(name)
        column = table.select_columns([name]).slice(first, count).column(0)
        return column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks)

    for first in range(0, table.num_rows, size):
        count = min(size, table.num_rows - first)
        if len(seen) != len(reading):
            reading = [name for name in names if name in seen]
            batches = table.batches(size, reading, start=first, exact=True)
        batch = next(batches) if reading else bare(count)
        yield SourceColumns(
            batch, features, names, partial(load, first, count), first=start + first
        )
