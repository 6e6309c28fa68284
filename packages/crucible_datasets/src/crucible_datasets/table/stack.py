"""Tables on top of each other, none of them copied."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.table.memory import empty, take

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.table.selection import Positions
    from crucible_datasets.table.table import Table


class StackSource:
    """The rows of several tables of one schema, in order."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self.tables = tuple(tables)
        self.schema = tables[0].schema
        self._ends_known: Positions | None = None

    @property
    def _ends(self) -> Positions:
        if self._ends_known is None:
            self._ends_known = np.cumsum([table.num_rows for table in self.tables], dtype=np.int64)
        return self._ends_known

    @property
    def num_rows(self) -> int:
        """The rows of all tables."""
        return int(self._ends[-1])

    @property
    def resident(self) -> bool:
        """Whether every table is."""
        return all(part.source.resident for table in self.tables for part in table.parts)

    @property
    def sendable(self) -> bool:
        """Whether every table is."""
        return all(table.sendable for table in self.tables)

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files below."""
        return tuple(file for table in self.tables for file in table.files)

    @property
    def cache_paths(self) -> tuple[str, ...]:
        """The mapped files below."""
        return tuple(path for table in self.tables for path in table.cache_paths)

    def batches(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order; tables outside the span are not read."""
        first = 0
        for table, end in zip(self.tables, self._ends.tolist(), strict=True):
            if start < end and stop > first:
                yield from table.batches(
                    batch_size, columns, start=max(start - first, 0), stop=stop - first
                )
            first = end

    def keep(self, columns: Sequence[str]) -> None:
        """Every table keeps them, if it can."""
        for table in self.tables:
            table.keep(columns)

    def passing(self, columns: Sequence[str], batch_size: int) -> Iterator[pa.RecordBatch]:
        """The rows of one table after the other."""
        for table in self.tables:
            yield from table.select_columns(columns).passing(batch_size)

    def gather(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch:
        """The rows at ``positions``, gathered from each table and put back in order."""
        if len(positions) == 0:
            return empty(self.schema, columns)
        which = np.searchsorted(self._ends, positions, side="right")
        order = np.argsort(which, kind="stable")
        found, firsts = np.unique(which[order], return_index=True)
        taken = []
        for index, chosen in zip(found.tolist(), np.split(order, firsts[1:]), strict=True):
            table = self.tables[index]
            start = int(self._ends[index]) - table.num_rows
            taken.append(table.select_columns(columns).gather_batch(positions[chosen] - start))
        merged = taken[0] if len(taken) == 1 else pa.concat_batches(taken)
        if bool(np.all(order[1:] > order[:-1])):
            return merged
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return take(merged, back)

    def reader(self, column: str) -> Callable[[int], Any]:
        """A function from a position to the value there."""
        readers = [table.reader(column) for table in self.tables]
        ends = self._ends.tolist()
        starts = [0, *ends]

        def read(i: int) -> Any:
            index = bisect_right(ends, i)
            return readers[index](i - starts[index])

        return read

    def lazy(self, columns: Sequence[str]) -> pl.LazyFrame:
        """The tables' frames, concatenated."""
        import polars as pl

        return pl.concat([table.select_columns(columns).lazy() for table in self.tables])

    def key(self) -> str:
        """A digest of the tables' digests."""
        text = "\n".join(table.key() for table in self.tables)
        return hashlib.sha256(f"crucible stack 1\n{text}".encode()).hexdigest()
