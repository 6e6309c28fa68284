"""``batch``: rows of lists, each of many rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.schema import Features, List
from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.node import ROWS_IN_A_BUNDLE, Step
from crucible_datasets.stream.rows import columns_of_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading, Row


@dataclass(frozen=True, slots=True)
class Batch(Step):
    """Rows whose columns are lists of ``size`` values each.

    Attributes:
        size: rows of the input in a batch.
        drop_last: leave out the last batch if it is smaller.
        as_tables: whether ``datasets`` would make tables of tables here.
        typed_input: whether the input's features were known when the step was added.
    """

    child: Node
    size: int
    drop_last: bool = False
    as_tables: bool = False
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Lists of the input's."""
        return listed(self.child.features)

    @property
    def arrow(self) -> bool:
        """Only where ``datasets`` makes tables."""
        return self.as_tables

    @property
    def one_by_one(self) -> bool:
        """Only where rows are."""
        return not self.child.tabular

    def settings(self) -> dict[str, Any]:
        """The size."""
        return {"size": self.size, "drop_last": self.drop_last}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that lays lists over the columns, or gathers rows."""
        inner = reading.all_columns(chunked=self.typed_input).with_columns(reading.columns)
        if not self.child.tabular:
            return _RowBatchCursor(self, Reader(self.child, inner, place))
        inner = replace(inner, ahead=False)  # who reads the batches reads ahead
        return _TableBatchCursor(self, Reader(self.child, inner, place))


def listed(features: Features | None) -> Features | None:
    """The features of batches of rows with ``features``."""
    return None if features is None else Features({n: List(f) for n, f in features.items()})


class _BatchCursor(Cursor):
    """Stands where its reader does."""

    def __init__(self, node: Batch, reader: Reader) -> None:
        self._size = node.size
        self._drop_last = node.drop_last
        self._reader = reader

    def place(self) -> Place:
        return self._reader.place()

    def locator(self) -> Locator:
        return fixed(f"a batch that ends at {self._reader.where()}")

    def close(self) -> None:
        self._reader.close()


class _TableBatchCursor(_BatchCursor):
    """Several batches are read together: the lists are offsets over the same values."""

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        most = max(1, ROWS_IN_A_BUNDLE // self._size)
        together = 1
        while (block := self._reader.read(self._size * together)) is not None:
            whole = block.num_rows // self._size * self._size
            rows = whole if self._drop_last else block.num_rows
            if rows:
                yield lists_over(block.slice(0, rows), self._size)
            together = min(most, together * 2)


def lists_over(block: pa.RecordBatch, size: int) -> pa.RecordBatch:
    """Lists of ``size`` rows of ``block`` each; the last may be shorter. Nothing is copied."""
    ends = np.append(np.arange(0, block.num_rows, size), block.num_rows).astype(np.int32)
    offsets = pa.Array.from_buffers(pa.int32(), len(ends), [None, pa.py_buffer(ends)])
    columns = [pa.ListArray.from_arrays(offsets, column) for column in block.columns]
    return pa.RecordBatch.from_arrays(columns, names=block.schema.names)


class _RowBatchCursor(_BatchCursor):
    def __iter__(self) -> Iterator[Bundle]:
        while rows := self._reader.take(self._size):
            if len(rows) < self._size and self._drop_last:
                return
            yield [columns_of_rows(rows)]


@dataclass(frozen=True, slots=True)
class BatchRuns(Step):
    """Rows whose columns are lists of the rows that follow each other with equal key columns."""

    child: Node
    keys: tuple[str, ...]
    drop_last: bool = False
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Lists of the input's."""
        return listed(self.child.features)

    @property
    def tabular(self) -> bool:
        """Runs are gathered row by row."""
        return False

    @property
    def one_by_one(self) -> bool:
        """A run at a time."""
        return True

    def settings(self) -> dict[str, Any]:
        """The key columns."""
        return {"keys": self.keys}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that looks one row ahead."""
        return _RunsCursor(self, reading, place)


class _RunsCursor(Cursor):
    """Stands at the place before the first row of the next run."""

    def __init__(self, node: BatchRuns, reading: Reading, place: Place) -> None:
        self._node = node
        inner = reading.all_columns(chunked=node.typed_input)
        self._reader = Reader(node.child, inner, None if place is None else place[0])
        self._place: Place = place

    def place(self) -> Place:
        return self._place

    def locator(self) -> Locator:
        return fixed(f"a run that ends before {self._reader.where()}")

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[list[Row]]:
        keys = self._node.keys
        run: list[Row] = []
        current: tuple[Any, ...] | None = None
        before = self._reader.place()
        for row in self._reader.rows():
            key = tuple(row[name] for name in keys)
            if run and key != current:
                self._place = (before,)
                yield [columns_of_rows(run)]
                run = []
            current = key
            run.append(row)
            before = self._reader.place()
        if run and not self._node.drop_last:
            self._place = (self._reader.place(),)
            yield [columns_of_rows(run)]
