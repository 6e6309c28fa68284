"""Columns computed from a table's batches when they are read, such as a cast."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.table.memory import empty, project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.table.selection import Positions
    from crucible_datasets.table.table import Table


class MappedSource:
    """What ``function`` makes of each batch of ``table``, row by row.

    Args:
        table: the rows to read.
        function: a record batch to one of as many rows, each row by itself; picklable.
        schema: of what it returns.
        name: what the function does and with which arguments; part of the content digest.
    """

    def __init__(
        self,
        table: Table,
        function: Callable[[pa.RecordBatch], pa.RecordBatch],
        schema: pa.Schema,
        name: str,
    ) -> None:
        self.table = table
        self.function = function
        self.schema = schema.remove_metadata()
        self.name = name

    @property
    def num_rows(self) -> int:
        """As many as the table has."""
        return self.table.num_rows

    @property
    def resident(self) -> bool:
        """Whether the rows below are."""
        return all(part.source.resident for part in self.table.parts)

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The files below."""
        return self.table.files

    @property
    def cache_paths(self) -> tuple[str, ...]:
        """The mapped files below."""
        return self.table.cache_paths

    def batches(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order, computed a batch at a time."""
        for batch in self.table.batches(batch_size, start=start, stop=stop):
            yield project(self.function(batch), columns)

    def gather(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch:
        """The rows at ``positions``, computed from those rows alone."""
        if len(positions) == 0:
            return empty(self.schema, columns)
        return project(self.function(self.table.gather_batch(positions)), columns)

    def reader(self, column: str) -> Callable[[int], Any]:
        """A function from a position to the value there; computes that row anew each time."""

        def read(i: int) -> Any:
            return self.gather(np.array([i], dtype=np.int64), [column]).column(0)[0].as_py()

        return read

    def lazy(self) -> pl.LazyFrame:
        """All rows, computed, as a frame."""
        from crucible_datasets.table.frames import to_polars

        batches = self.batches(self.schema.names, 0, self.num_rows, 1 << 16)
        return to_polars(pa.Table.from_batches(batches, self.schema)).lazy()

    def key(self) -> str:
        """A digest of the table's digest and the function's name."""
        text = f"crucible mapped 1\n{self.table.key()}\n{self.name}"
        return hashlib.sha256(text.encode()).hexdigest()
