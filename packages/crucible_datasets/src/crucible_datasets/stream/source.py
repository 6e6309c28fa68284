"""Where a stream's rows come from when they are in files or tables: shards."""

from __future__ import annotations

import logging
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import pyarrow as pa

from crucible_datasets.errors import DatasetGenerationError, DatasetsError
from crucible_datasets.stream.cursor import Cursor, fixed
from crucible_datasets.stream.node import Node, pick_shards, standing
from hfhub.errors import ArchiveError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import numpy as np
    import polars as pl

    from crucible_datasets.formats.base import Shard
    from crucible_datasets.formats.json_text import Lines
    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Place, Reading


logger = logging.getLogger(__name__)

READING_ERRORS = (DatasetsError, ArchiveError, OSError, pa.ArrowException)
"""What a file that is broken for good raises ..."""
PASSING_ERRORS = (ConnectionError, TimeoutError, IntegrityError)
"""... and what only says that it could not be had now, or that rows already given were wrong."""


@dataclass(frozen=True, slots=True)
class TableSource(Node):
    """Rows of shards, one shard after the other.

    Attributes:
        shards: read in this order.
        types: the features that the shards' record batches have.
        by_tables: whether ``datasets`` reads tables from this format; its order depends on it.
        predicate: only the rows where it holds.
    """

    shards: tuple[Shard, ...]
    types: Features
    by_tables: bool = True
    predicate: pl.Expr | None = None

    @property
    def inputs(self) -> tuple[Node, ...]:
        """None: rows begin here."""
        return ()

    @property
    def num_shards(self) -> int:
        """How many shards there are."""
        return len(self.shards)

    @property
    def features(self) -> Features:
        """The features that were given with the shards."""
        return self.types

    @property
    def tabular(self) -> bool:
        """Always."""
        return True

    @property
    def arrow(self) -> bool:
        """Whether ``datasets`` reads tables here."""
        return self.by_tables

    def with_inputs(self, inputs: tuple[Node, ...]) -> Self:  # noqa: ARG002 # there are none
        """The same."""
        return self

    def sources(self) -> Iterator[Node]:
        """This one."""
        yield self

    def settings(self) -> dict[str, Any]:
        """The predicate; the shards are compared by their content."""
        return {} if self.predicate is None else {"predicate": str(self.predicate)}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that reads the shards in order."""
        return _ShardsCursor(self, reading, place)

    def shuffled(self, generator: np.random.Generator) -> Node:
        """The shards in the order that ``datasets`` draws from the same generator."""
        order = list(range(len(self.shards)))
        deepcopy(generator).shuffle(order)
        return replace(self, shards=tuple(self.shards[i] for i in order))

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """Some of the shards."""
        picked = pick_shards(len(self.shards), num_shards, index, contiguous=contiguous)
        return replace(self, shards=tuple(self.shards[i] for i in picked))

    def resharded(self) -> Node:
        """A shard for each piece that can be read by itself."""
        return replace(self, shards=tuple(p for shard in self.shards for p in shard.pieces()))


@runtime_checkable
class TextShard(Protocol):
    """A shard whose rows may stay the text that they are."""

    def bundles(self, *, start: int, batch_size: int) -> Iterator[Lines | pa.RecordBatch]:
        """As :meth:`crucible_datasets.formats.base.Shard.batches`, of all columns."""
        ...


class _ShardsCursor(Cursor):
    """Stands at ``(shard, rows of it that were given)``."""

    def __init__(self, source: TableSource, reading: Reading, place: Place) -> None:
        self._source = source
        self._batch_size = reading.batch_size
        self._broken = reading.broken
        self._columns = _present(reading.columns, source.types)
        self._shard, self._row = standing(place, 0, 0)
        self._last = 0
        self._batches: Iterator[Bundle] | None = None
        self._as_text = False

    def place(self) -> Place:
        return (self._shard, self._row)

    def locator(self) -> Locator:
        shards = self._source.shards
        if self._shard >= len(shards):
            return fixed("the end of the data")
        return partial(_row_of, shards[self._shard], self._row - self._last)

    def close(self) -> None:
        close = getattr(self._batches, "close", None)
        if close is not None:
            close()
        self._batches = None

    def skip(self, n: int) -> int:
        if self._source.predicate is not None:
            return 0
        left = n
        while left and self._shard < len(self._source.shards):
            size = self._source.shards[self._shard].num_rows()
            if size is None:
                break
            here = max(0, min(left, size - self._row))
            left -= here
            if self._row + here < size:
                self._row += here
                break
            self._shard, self._row = self._shard + 1, 0
        return n - left

    def with_text(self) -> Iterator[Bundle | Lines]:
        self._as_text = self._columns is None and self._source.predicate is None
        yield from self

    def __iter__(self) -> Iterator[Bundle]:
        while self._shard < len(self._source.shards):
            shard = self._source.shards[self._shard]
            try:
                yield from self._given(self._open(shard, self._row))
            except READING_ERRORS as error:
                if isinstance(error, PASSING_ERRORS):
                    raise
                yield from self._what_can_be_read(shard, error)
            self._shard, self._row = self._shard + 1, 0
        self._batches = None

    def _given(self, batches: Iterator[Bundle]) -> Iterator[Bundle]:
        self._batches = batches
        for batch in batches:
            if size := len(batch):
                self._last = size
                self._row += size
                yield batch

    def _what_can_be_read(self, shard: Shard, error: Exception) -> Iterator[Bundle]:
        """Read a broken shard piece by piece, so that it is known which of them are broken.

        Raises:
            BrokenShardError: one is, and it is not to be left out.
        """
        end = 0
        pieces = self._counted_pieces(shard)
        for piece, rows in pieces:
            start, end = end, end + rows
            if self._row >= end:
                continue
            try:
                yield from self._given(self._open(piece, self._row - start))
            except READING_ERRORS as broken:
                if isinstance(broken, PASSING_ERRORS):
                    raise
                self._leave_out(piece, broken)
            self._row = end
        if not pieces:
            self._leave_out(shard, error)

    def _counted_pieces(self, shard: Shard) -> list[tuple[Shard, int]]:
        """The pieces of a shard with their rows; none where they can't be told."""
        if self._source.predicate is not None:
            return []  # rows are counted behind it
        try:
            return [(piece, _counted(piece)) for piece in shard.pieces()]
        except READING_ERRORS:
            return []

    def _leave_out(self, shard: Shard, error: Exception) -> None:
        place = shard.place()
        if self._broken is None:
            if isinstance(error, (DatasetsError, ArchiveError)):
                error.add_note(f"in {place}")
                raise error
            raise BrokenShardError(place, self._row, str(error)) from error
        logger.warning("left out %s: %s", place, error)
        self._broken.append(place)

    def _open(self, shard: Shard, row: int) -> Iterator[Bundle]:
        if self._as_text and isinstance(shard, TextShard):
            return shard.bundles(start=row, batch_size=self._batch_size)
        if self._source.predicate is None:
            return shard.batches(columns=self._columns, start=row, batch_size=self._batch_size)
        # Rows are counted behind the predicate, so going on reads the shard from its beginning.
        batches = shard.batches(
            columns=self._columns, predicate=self._source.predicate, batch_size=self._batch_size
        )
        return without_first(batches, row)


def is_far(node: Node) -> bool:
    """Whether the first rows come from another machine."""
    firsts = [s.shards[0] for s in node.sources() if isinstance(s, TableSource) and s.shards]
    files = [getattr(shard, "file", None) for shard in firsts]
    return any(file is not None and file.local() is None for file in files)


class BrokenShardError(DatasetGenerationError):
    """A part of a file can't be read.

    Attributes:
        place: the file and, where it has them, the row group.
        row: the row of the shard at which reading failed, from 0.
        reason: what went wrong.
    """

    def __init__(self, place: str, row: int, reason: str) -> None:
        super().__init__(place, row, reason)
        self.place = place
        self.row = row
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"{self.place} can't be read from row {self.row} on: {self.reason}; "
            "load it again, or leave such parts out with skip_broken_shards()"
        )


def _counted(shard: Shard) -> int:
    rows = shard.num_rows()
    return sum(batch.num_rows for batch in shard.batches()) if rows is None else rows


def _row_of(shard: Shard, first: int, row: int) -> str:
    return f"{shard.place()}, row {first + row}"


def _present(columns: tuple[str, ...] | None, types: Features) -> list[str] | None:
    if columns is None:
        return None
    wanted = [name for name in columns if name in types]
    return None if wanted == list(types) else wanted


def without_first(batches: Iterator[pa.RecordBatch], n: int) -> Iterator[pa.RecordBatch]:
    """The rows behind the first ``n``."""
    for batch in batches:
        if n >= batch.num_rows:
            n -= batch.num_rows
        else:
            yield batch.slice(n)
            n = 0
