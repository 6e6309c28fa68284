"""Some rows of one source, in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from crucible_datasets.table.memory import take
from crucible_datasets.table.selection import (
    Positions,
    Rows,
    as_positions,
    compose,
    is_ascending,
    pieces,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from crucible_datasets.table.source import Source

GATHER_ROWS = 1000
"""Rows gathered together while iterating over a selection."""


@dataclass(frozen=True, slots=True)
class Part:
    """Columns that come from one source through one selection of its rows."""

    source: Source
    rows: Rows | None = None

    @property
    def num_rows(self) -> int:
        """How many rows are selected."""
        return self.source.num_rows if self.rows is None else len(self.rows)

    def below(self, rows: Rows) -> Rows:
        """Where some of these rows are in the source."""
        return rows if self.rows is None else compose(self.rows, rows)

    def whole(self) -> bool:
        """Whether all rows of the source are there, in its order."""
        return self.rows is None or (
            isinstance(self.rows, range) and self.rows == range(self.source.num_rows)
        )

    def most(self) -> bool:
        """Whether at least half of the rows of the source are there."""
        return self.rows is None or 2 * len(self.rows) >= self.source.num_rows

    def batches(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        """The selected rows from ``start`` to ``stop`` in batches of at most ``batch_size``."""
        source = self.source
        if self.rows is None:
            yield from source.batches(columns, start, stop, batch_size)
        elif isinstance(self.rows, range):
            first = self.rows.start
            yield from source.batches(columns, first + start, first + stop, batch_size)
        else:
            rows = self.rows[start:stop]
            if not source.resident and len(rows) > GATHER_ROWS and is_ascending(rows):
                yield from _picked(source, columns, rows, batch_size)
                return
            for piece in pieces(rows, min(batch_size, 1 << 16)):
                yield source.gather(as_positions(piece), columns)


def _picked(
    source: Source, columns: Sequence[str], rows: Positions, batch_size: int
) -> Iterator[pa.RecordBatch]:
    """Ascending rows out of a scan, without holding more than a batch."""
    first, last = int(rows[0]), int(rows[-1])
    at = done = 0
    for batch in source.batches(columns, first, last + 1, batch_size):
        end = int(np.searchsorted(rows, first + at + batch.num_rows))
        if end > done:
            yield take(batch, rows[done:end] - (first + at))
        at += batch.num_rows
        done = end
