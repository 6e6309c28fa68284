"""Columns in memory or in a memory-mapped Arrow file, as blocks of rows."""

from __future__ import annotations

import hashlib
import threading
from bisect import bisect_right
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets import settings
from crucible_datasets.table.joining import joined
from crucible_datasets.table.point import value_reader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.table.selection import Positions

MANY_BLOCKS = 64
"""Blocks that rows are gathered from as they are; more are joined before, if memory allows."""


class MemorySource:
    """Blocks of rows whose columns are each one contiguous array.

    Args:
        blocks: record batches of one schema, in order. Empty ones are left out.
        schema: their schema; it keeps the columns of an empty source.
        paths: the files that the blocks are mapped from, if they are.
        key: a digest of the content, where it is known without hashing.
        reopen: a function and its arguments that open the same files in another process.
        loose: whether to join the blocks before rows are first gathered from them.
    """

    resident = True
    files: tuple[DataFile, ...] = ()

    def __init__(
        self,
        blocks: Sequence[pa.RecordBatch],
        schema: pa.Schema,
        *,
        paths: tuple[str, ...] = (),
        key: str | None = None,
        reopen: tuple[Callable[..., MemorySource], tuple[Any, ...]] | None = None,
        loose: bool = False,
    ) -> None:
        self.reopen = reopen
        self._loose = loose
        self.schema = schema.remove_metadata()
        self.cache_paths = paths
        self._blocks = [block for block in blocks if block.num_rows]
        self._ends = _ends(self._blocks)
        self._frame: pl.DataFrame | None = None
        self._key = key
        self._lock = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        if self.reopen is not None:
            return self.reopen
        return _again, (self.blocks, self.schema, self.cache_paths, self._key)

    @property
    def blocks(self) -> Sequence[pa.RecordBatch]:
        """The rows; nobody finds them half joined."""
        with self._lock:
            return tuple(self._blocks)

    @property
    def sendable(self) -> bool:
        """Whether pickling sends a path, not the rows."""
        return self.reopen is not None

    @classmethod
    def from_table(
        cls,
        table: pa.Table,
        *,
        join: bool = True,
        paths: tuple[str, ...] = (),
        key: str | None = None,
    ) -> MemorySource:
        """The rows of an Arrow table.

        Args:
            table: the rows; nothing of it is copied unless chunks are joined.
            join: copy many chunks into few; gathers over many cost sixty times as much. Off
                for memory-mapped tables that are not to be read into memory.
            paths: the files that the table is mapped from, if it is.
            key: a digest of the content, where it is known without hashing.
        """
        schema = table.schema.remove_metadata()
        if table.num_columns == 0:
            return cls([bare(table.num_rows)], table.schema, paths=paths, key=key)
        batches = table.to_batches()
        del table
        return cls(joined(batches, schema) if join else batches, schema, paths=paths, key=key)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return int(self._ends[-1]) if len(self._ends) else 0

    def batches(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        """Slices of the blocks; nothing is copied. Each but the last of a block is full."""
        first = 0
        for block in self.blocks:
            if first >= stop:
                return
            low, high = max(start - first, 0), min(stop - first, block.num_rows)
            chosen = project(block, columns) if low < high else block
            for at in range(low, high, batch_size):
                yield chosen.slice(at, min(batch_size, high - at))
            first += block.num_rows

    def keep(self, columns: Sequence[str]) -> None:
        """They are in memory already."""

    def passing(self, columns: Sequence[str], batch_size: int) -> Iterator[pa.RecordBatch]:
        """All rows in order."""
        return self.batches(columns, 0, self.num_rows, batch_size)

    def gather(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch:
        """The rows at ``positions``, in that order."""
        blocks, ends = self._for_gathers()
        if not blocks:
            return empty(self.schema, columns)
        if len(blocks) == 1:
            return take(project(blocks[0], columns), positions)
        which = np.searchsorted(ends, positions, side="right")
        order = np.argsort(which, kind="stable")
        found, firsts = np.unique(which[order], return_index=True)
        taken = [
            take(
                project(blocks[index], columns),
                positions[chosen] - (ends[index] - blocks[index].num_rows),
            )
            for index, chosen in zip(found, np.split(order, firsts[1:]), strict=True)
        ]
        if not taken:
            return empty(self.schema, columns)
        merged = pa.concat_batches(taken)
        if bool(np.all(order[1:] > order[:-1])):
            return merged
        back = np.empty(len(order), dtype=np.int64)
        back[order] = np.arange(len(order))
        return take(merged, back)

    def _for_gathers(self) -> tuple[Sequence[pa.RecordBatch], Positions]:
        """The blocks and where they end, few of them if memory allows: each costs a take."""
        with self._lock:
            if self._loose or len(self._blocks) > MANY_BLOCKS:
                self._loose = False
                size = sum(block.nbytes for block in self._blocks)
                if len(self._blocks) > 1 and size <= settings.current().memory_budget:
                    self._frame = None  # it shares the blocks that go
                    self._blocks = joined(self._blocks, self.schema)
                    self._ends = _ends(self._blocks)
            return tuple(self._blocks), self._ends

    def reader(self, column: str) -> Callable[[int], Any]:
        """A function from a position to the value there."""
        index = self.schema.get_field_index(column)
        blocks, block_ends = self._for_gathers()
        readers = [value_reader(block.column(index)) for block in blocks]
        if len(readers) == 1:
            return readers[0]
        ends = block_ends.tolist()
        starts = [0, *ends]

        def read(i: int) -> Any:
            block = bisect_right(ends, i)
            return readers[block](i - starts[block])

        return read

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table over the same memory."""
        return pa.Table.from_batches(self.blocks, self.schema)

    def lazy(self, columns: Sequence[str]) -> pl.LazyFrame:  # noqa: ARG002 - all are there
        """A Polars frame over the same memory where Polars can share it, made once."""
        from crucible_datasets.table.frames import to_polars

        if self.cache_paths:  # what is made beside mapped rows would stay in memory
            return to_polars(self.to_arrow()).lazy()
        with self._lock:
            if self._frame is None:
                self._frame = to_polars(pa.Table.from_batches(self._blocks, self.schema))
            return self._frame.lazy()

    def key(self) -> str:
        """A digest over the values, made once."""
        if self._key is None:
            digest = hashlib.sha256()
            with pa.ipc.new_stream(_HashSink(digest), self.schema) as writer:
                for block in self.blocks:
                    writer.write_batch(block)
            self._key = digest.hexdigest()
        return self._key


def _again(
    blocks: Sequence[pa.RecordBatch], schema: pa.Schema, paths: tuple[str, ...], key: str | None
) -> MemorySource:
    return MemorySource(blocks, schema, paths=paths, key=key)


def _ends(blocks: Sequence[pa.RecordBatch]) -> Positions:
    return np.cumsum([block.num_rows for block in blocks], dtype=np.int64)


class _HashSink:
    """A file that only hashes what is written to it."""

    closed = False

    def __init__(self, digest: hashlib._Hash) -> None:
        self._digest = digest

    def write(self, data: Any) -> int:
        self._digest.update(data)
        return len(data)

    def flush(self) -> None:
        """Nothing is held back."""

    def close(self) -> None:
        """Nothing is open."""

    def writable(self) -> bool:
        return True

    def readable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


def project(batch: pa.RecordBatch, columns: Sequence[str]) -> pa.RecordBatch:
    """``batch`` with only ``columns``, in that order; the number of rows stays without any."""
    if batch.schema.names == list(columns):
        return batch
    return batch.select(list(columns)) if columns else bare(batch.num_rows)


def take(batch: pa.RecordBatch, positions: Positions) -> pa.RecordBatch:
    """The rows of ``batch`` at ``positions``."""
    if batch.num_columns == 0:
        return bare(len(positions))
    if len(positions) == 1:  # what take needs to be loaded would double the time to the first row
        return batch.slice(int(positions[0]), 1)
    return batch.take(numbers_array(positions))


def numbers_array(numbers: Positions) -> pa.Array:
    """Whole numbers as an Arrow array, without a copy.

    ``pa.array`` would import pandas, wherever it is installed, to see whether this is a Series:
    half a second before the first row.
    """
    numbers = np.ascontiguousarray(numbers, dtype=np.int64)
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def numbers_in(array: pa.Array) -> Positions:
    """The whole numbers in an Arrow array of them, without a copy: ``to_numpy`` imports pandas too."""
    numbers: Positions = np.from_dlpack(array).view(np.int64)
    return numbers


def bare(num_rows: int) -> pa.RecordBatch:
    """Rows without columns."""
    return pa.RecordBatch.from_struct_array(
        pa.Array.from_buffers(pa.struct([]), num_rows, [None], null_count=0)
    )


def empty(schema: pa.Schema, columns: Sequence[str]) -> pa.RecordBatch:
    """No rows of the given columns."""
    chosen = pa.schema([schema.field(name) for name in columns])
    return pa.RecordBatch.from_arrays([pa.nulls(0, field.type) for field in chosen], schema=chosen)
