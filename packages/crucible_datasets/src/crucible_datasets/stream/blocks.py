"""The shuffle buffer of record batches: positions are permuted, rows are copied when they leave."""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from crucible_datasets.stream.buffer import ROWS_AT_ONCE, Buffer, Tap
from crucible_datasets.stream.cursor import Reader
from crucible_datasets.stream.rows import joined, numbers_array
from crucible_datasets.stream.source import is_far

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor, Future

    from crucible_datasets.stream.buffer import Numbers
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading

BEGIN_TOGETHER = 4
"""Sources that are begun at the same time."""
KEPT_BYTES = 64 << 20
"""Rows copied together are no larger, about: an Arrow array has room for 2 GiB of text."""
GIVEN_BYTES = 1 << 20
"""Rows gathered together are no larger, about."""
RELEASE_BYTES = 8 << 20
"""When so much was given, Arrow's allocator is asked to give back what it holds unused: blocks of
ever other sizes come and go, and it would hold twice what is in use."""


class _TableTap(Tap):
    """Runs of rows of the record batches of a store."""

    def __init__(self, reader: Reader, store: _Store) -> None:
        self._reader = reader
        self._store = store
        self._bundles = reader.bundles()
        self._place = self._next_place = reader.place()
        self._batch = -1
        self._row = self._stop = 0
        self._first: Future[Bundle | None] | None = None

    def begin(self, pool: Executor) -> None:
        """Read the first bundle in another thread. What goes wrong is raised at its turn."""
        self._first = pool.submit(next, self._bundles, None)

    def _next(self) -> Bundle | None:
        if self._first is None:
            return next(self._bundles, None)
        first, self._first = self._first, None
        return first.result()

    def place(self) -> Place:
        """See :class:`Tap`."""
        if self._row == self._stop:
            return self._next_place
        before, given = (None, 0) if self._place is None else self._place
        return (before, given + self._row)

    def close(self) -> None:
        """See :class:`Tap`."""
        self._reader.close()
        self._store.release(self._batch)
        self._batch = -1

    def run(self, most: int) -> tuple[int, int, int] | None:
        """``(batch, first row, row behind the last)`` of up to ``most`` rows; None at the end."""
        if self._row == self._stop:
            self._store.release(self._batch)
            self._batch = -1
            # Asked for before the reader moves on: the bundle's own place is behind it.
            self._place = self._next_place
            bundle = self._next()
            if bundle is None:
                return None
            self._next_place = self._reader.place()
            self._batch, self._row, self._stop = self._store.add(bundle), 0, len(bundle)
        first = self._row
        self._row = min(self._stop, first + most)
        return self._batch, first, self._row


class _Store:
    """Record batches by number."""

    def __init__(self) -> None:
        self.batches: dict[int, pa.RecordBatch] = {}
        self._being_read: set[int] = set()
        self._next = 0
        self._row_bytes = 1

    def add(self, batch: pa.RecordBatch, *, being_read: bool = True) -> int:
        """Keep a batch; its number."""
        number = self._next
        self._next += 1
        self.batches[number] = batch
        self._row_bytes = max(1, batch.nbytes // max(1, batch.num_rows))
        if being_read:
            self._being_read.add(number)
        return number

    def rows_in(self, size: int) -> int:
        """How many rows are about ``size`` bytes, judged by the batch that came last."""
        return max(1, size // self._row_bytes)

    def release(self, number: int) -> None:
        """The batch is not read any more: only the buffer decides how long it stays."""
        self._being_read.discard(number)

    def settled_rows(self) -> int:
        """Rows of the batches that are not being read."""
        return sum(self.batches[n].num_rows for n in self.batches.keys() - self._being_read)

    def keep_only(self, numbers: set[int]) -> None:
        """Forget the batches that are in no buffer and not being read."""
        for number in self.batches.keys() - numbers - self._being_read:
            del self.batches[number]

    def gather(self, numbers: Numbers, rows: Numbers) -> pa.RecordBatch:
        """The rows at ``(numbers[i], rows[i])``, in that order."""
        order = np.argsort(numbers, kind="stable")
        batches, starts = np.unique(numbers[order], return_index=True)
        parts = [
            self.batches[number].take(numbers_array(rows[indices]))
            for number, indices in zip(batches.tolist(), np.split(order, starts[1:]), strict=True)
        ]
        if len(parts) == 1:
            return parts[0]  # a stable order of one batch is the order asked for
        back = np.empty(len(order), np.int64)
        back[order] = np.arange(len(order))
        return joined(parts).take(numbers_array(back))


class TableBuffer(Buffer[_TableTap]):
    """A buffer of positions in record batches; blanks are in batch -1.

    Positions are permuted, the rows stay where they are until they are given. When more than half
    of what the store holds has been given, the rows still in the buffer are copied together: to
    gather rows out of few large batches costs a third of what many small ones cost.
    """

    def __init__(
        self, parts: Sequence[Node], reading: Reading, chunk: int, place: Place, blanks: int
    ) -> None:
        places = [None] * len(parts) if place is None else place[2]
        self._store = _Store()
        super().__init__(
            [
                _TableTap(Reader(part, reading, at), self._store)
                for part, at in zip(parts, places, strict=True)
            ],
            place,
        )
        self._chunk = chunk
        self._to_begin_together = len(parts) > 1 and all(p.pure and is_far(p) for p in parts)
        # Columns: batch, row, age.
        self._spots: Numbers = np.full((blanks, 3), -1)
        self._spots[:, 2] = 0
        self._arrived: list[Numbers] = []
        self._arrived_rows = 0
        self._waiting: deque[Numbers] = deque()
        self._waiting_rows = 0
        self._given_bytes = 0

    def __len__(self) -> int:
        return len(self._spots) + self._arrived_rows

    @property
    def waiting(self) -> int:
        """See :class:`Buffer`."""
        return self._waiting_rows

    def fill(self, size: int) -> bool:
        """See :class:`Buffer`. Remote files are opened, and begun, several at once."""
        if self._to_begin_together:
            self._to_begin_together = False
            with ThreadPoolExecutor(min(BEGIN_TOGETHER, len(self._taps))) as pool:
                for tap, runs in zip(self._taps, self._running, strict=True):
                    if runs:
                        tap.begin(pool)
        return super().fill(size)

    def _arrive(self, tap: _TableTap) -> bool:
        missing = self._chunk
        while missing and (run := tap.run(missing)) is not None:
            batch, first, stop = run
            spots = np.empty((stop - first, 3), np.int64)
            spots[:, 0] = batch
            spots[:, 1] = np.arange(first, stop)
            spots[:, 2] = self.age
            self._arrived.append(spots)
            missing -= stop - first
            self._arrived_rows += stop - first
        return missing < self._chunk

    def _known_spots(self) -> Numbers:
        if self._arrived:
            self._spots = np.concatenate([self._spots, *self._arrived])
            self._arrived = []
            self._arrived_rows = 0
        return self._spots

    def oldest(self) -> int:
        """See :class:`Buffer`."""
        return int(self._known_spots()[:, 2].min())

    def permute(self, order: Numbers, leave: int) -> None:
        """See :class:`Buffer`."""
        mixed = self._known_spots()[order]
        if leave:
            self._waiting.append(mixed[:leave])
            self._waiting_rows += leave
        self._spots = mixed[leave:]

    def drop(self, n: int) -> int:
        """See :class:`Buffer`."""
        dropped = 0
        while self._waiting and dropped < n:
            spots = self._waiting.popleft()
            here = min(len(spots), n - dropped)
            dropped += here
            if here < len(spots):
                self._waiting.appendleft(spots[here:])
        self._waiting_rows -= dropped
        if dropped:
            self._tidy()
        return dropped

    def give(self) -> Iterator[pa.RecordBatch]:
        """See :class:`Buffer`."""
        spots = np.concatenate(self._waiting) if self._waiting else np.empty((0, 3), np.int64)
        self._waiting.clear()
        self._waiting_rows = 0
        if (spots[:, 0] < 0).any():
            raise AssertionError("a blank left the shuffle buffer: its anchor is too late")
        size = self._store.rows_in(GIVEN_BYTES)
        for start in range(0, len(spots), size):
            piece = spots[start : start + size]
            block = self._store.gather(piece[:, 0], piece[:, 1])
            self._given_bytes += block.nbytes
            for first in range(0, len(block), ROWS_AT_ONCE):
                yield block.slice(first, ROWS_AT_ONCE)
        self._tidy()

    def _tidy(self) -> None:
        """Forget batches that are not needed; copy rows together when most are not."""
        if self._waiting_rows:
            return
        spots = self._known_spots()
        self._store.keep_only(set(np.unique(spots[:, 0]).tolist()))
        if self._store.settled_rows() > 2 * len(spots) + ROWS_AT_ONCE:
            self._copy_together(spots)
        if self._given_bytes > RELEASE_BYTES:
            self._given_bytes = 0
            pa.default_memory_pool().release_unused()

    def _copy_together(self, spots: Numbers) -> None:
        real = np.flatnonzero(spots[:, 0] >= 0)
        size = self._store.rows_in(KEPT_BYTES)
        for start in range(0, len(real), size):
            piece = real[start : start + size]
            batch = self._store.gather(spots[piece, 0], spots[piece, 1])
            number = self._store.add(batch, being_read=False)
            spots[piece, 0] = number
            spots[piece, 1] = np.arange(len(piece))
        self._store.keep_only(set(np.unique(spots[:, 0]).tolist()))
