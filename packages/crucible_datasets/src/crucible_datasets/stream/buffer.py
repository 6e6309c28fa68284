"""The two shuffle buffers: one of rows, one of positions in record batches.

Both read several sources in turn, and both can begin with blanks: rows that were in the buffer at
the place that is restored, and have been given since, so that nobody needs to know what they were.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from crucible_datasets.stream.cursor import Reader
from crucible_datasets.stream.node import standing
from crucible_datasets.stream.rows import joined, numbers_array

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from concurrent.futures import Executor, Future

    import numpy.typing as npt
    import pyarrow as pa

    from crucible_datasets.stream.node import Bundle, Node, Place, Reading, Row

    Numbers = npt.NDArray[np.int64]

ROWS_AT_ONCE = 1000
"""Rows gathered together."""

BEGIN_TOGETHER = 4
"""Sources that are begun at the same time."""


class Tap(ABC):
    """One of the sources of a buffer, read a turn at a time."""

    @abstractmethod
    def place(self) -> Place:
        """Where to go on behind the last turn."""

    @abstractmethod
    def close(self) -> None:
        """Let go of everything below."""


TapT = TypeVar("TapT", bound=Tap)


class Buffer(ABC, Generic[TapT]):
    """Rows that arrive in turn from several taps, with the time when each arrived.

    Attributes:
        age: the time that arriving rows are marked with; the cursor counts it up.
    """

    def __init__(self, taps: Sequence[TapT], place: Place) -> None:
        self._taps = taps
        self._turn, ended, _ = standing(place, 0, 0, None)
        self._running = [not ended >> index & 1 for index in range(len(taps))]
        self.age = 0

    def place(self) -> Place:
        """``(whose turn, which have ended as bits, place of each)``."""
        ended = sum(1 << i for i, runs in enumerate(self._running) if not runs)
        places = [
            tap.place() if runs else None
            for tap, runs in zip(self._taps, self._running, strict=True)
        ]
        return (self._turn, ended, places)

    def close(self) -> None:
        """Let go of everything below."""
        for tap in self._taps:
            tap.close()

    def fill(self, size: int) -> bool:
        """Take turns until there are ``size`` rows, one turn at least; False if all taps ended."""
        while any(self._running):
            index = self._turn
            self._turn = (index + 1) % len(self._taps)
            if not self._running[index]:
                continue
            if not self._arrive(self._taps[index]):
                self._running[index] = False
                self._taps[index].close()
                continue
            if len(self) >= size:
                return True
        return False

    @abstractmethod
    def __len__(self) -> int:
        """Rows in the buffer."""

    @property
    @abstractmethod
    def waiting(self) -> int:
        """Rows that have left the buffer and were not given yet."""

    @abstractmethod
    def _arrive(self, tap: TapT) -> bool:
        """Take one turn of a tap; False if it has ended."""

    @abstractmethod
    def oldest(self) -> int:
        """When the oldest row in the buffer arrived."""

    @abstractmethod
    def permute(self, order: Numbers, leave: int) -> None:
        """Put the buffer in ``order``; the first ``leave`` rows then wait to be given."""

    @abstractmethod
    def drop(self, n: int) -> int:
        """Forget up to ``n`` rows that wait; how many there were."""

    @abstractmethod
    def give(self) -> Iterator[Bundle]:
        """The rows that wait."""


class _RowTap(Tap):
    """Rows one by one."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self.rows = reader.rows()

    def place(self) -> Place:
        """See :class:`Tap`."""
        return self._reader.place()

    def close(self) -> None:
        """See :class:`Tap`."""
        self._reader.close()


class RowBuffer(Buffer[_RowTap]):
    """A buffer of rows; blanks are None."""

    def __init__(
        self, parts: Sequence[Node], reading: Reading, chunk: int, place: Place, blanks: int
    ) -> None:
        places = [None] * len(parts) if place is None else place[2]
        super().__init__(
            [_RowTap(Reader(part, reading, at)) for part, at in zip(parts, places, strict=True)],
            place,
        )
        self._chunk = chunk
        self._rows: list[Row | None] = [None] * blanks
        self._ages: Numbers = np.zeros(blanks, np.int64)
        self._waiting: deque[Row | None] = deque()

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def waiting(self) -> int:
        """See :class:`Buffer`."""
        return len(self._waiting)

    def _arrive(self, tap: _RowTap) -> bool:
        if self._chunk == 1:
            row = next(tap.rows, None)
            if row is None:
                return False
            self._rows.append(row)
            return True
        before = len(self._rows)
        self._rows.extend(islice(tap.rows, self._chunk))
        return len(self._rows) > before

    def _known_ages(self) -> Numbers:
        """The ages, with those of the rows that arrived since they were looked at last."""
        new = len(self._rows) - len(self._ages)
        if new:
            self._ages = np.concatenate([self._ages, np.full(new, self.age)])
        return self._ages

    def oldest(self) -> int:
        """See :class:`Buffer`."""
        return int(self._known_ages().min())

    def permute(self, order: Numbers, leave: int) -> None:
        """See :class:`Buffer`."""
        self._ages = self._known_ages()[order[leave:]]
        rows = self._rows
        mixed = [rows[i] for i in order.tolist()]
        self._waiting.extend(mixed[:leave])
        self._rows = mixed[leave:]

    def drop(self, n: int) -> int:
        """See :class:`Buffer`."""
        n = min(n, len(self._waiting))
        for _ in range(n):
            self._waiting.popleft()
        return n

    def give(self) -> Iterator[list[Row]]:
        """See :class:`Buffer`."""
        while self._waiting:
            count = min(ROWS_AT_ONCE, len(self._waiting))
            yield [_not_blank(self._waiting.popleft()) for _ in range(count)]


def _not_blank(row: Row | None) -> Row:
    if row is None:
        raise AssertionError("a blank left the shuffle buffer: its anchor is too late")
    return row


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
        self.rows = 0

    def add(self, batch: pa.RecordBatch, *, being_read: bool = True) -> int:
        """Keep a batch; its number."""
        number = self._next
        self._next += 1
        self.batches[number] = batch
        self.rows += batch.num_rows
        if being_read:
            self._being_read.add(number)
        return number

    def release(self, number: int) -> None:
        """The batch is not read any more: only the buffer decides how long it stays."""
        self._being_read.discard(number)

    def keep_only(self, numbers: set[int]) -> None:
        """Forget the batches that are in no buffer and not being read."""
        for number in self.batches.keys() - numbers - self._being_read:
            self.rows -= self.batches.pop(number).num_rows

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
    of what the store holds has been given, the rows still in the buffer are copied together.
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
        self._may_begin_together = len(parts) > 1 and all(part.pure for part in parts)
        # Columns: batch, row, age.
        self._spots: Numbers = np.full((blanks, 3), -1)
        self._spots[:, 2] = 0
        self._arrived: list[Numbers] = []
        self._arrived_rows = 0
        self._waiting: deque[Numbers] = deque()
        self._waiting_rows = 0

    def __len__(self) -> int:
        return len(self._spots) + self._arrived_rows

    @property
    def waiting(self) -> int:
        """See :class:`Buffer`."""
        return self._waiting_rows

    def fill(self, size: int) -> bool:
        """See :class:`Buffer`. Files are opened, and begun, several at once."""
        if self._may_begin_together:
            self._may_begin_together = False
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
        for start in range(0, len(spots), ROWS_AT_ONCE):
            piece = spots[start : start + ROWS_AT_ONCE]
            yield self._store.gather(piece[:, 0], piece[:, 1])
        self._tidy()

    def _tidy(self) -> None:
        """Forget batches that are not needed; copy rows together when most are not."""
        if self._waiting_rows:
            return
        spots = self._known_spots()
        self._store.keep_only(set(np.unique(spots[:, 0]).tolist()))
        if self._store.rows <= 2 * (len(spots) + ROWS_AT_ONCE * (1 + len(self._taps))):
            return
        real = np.flatnonzero(spots[:, 0] >= 0)
        for start in range(0, len(real), ROWS_AT_ONCE):
            piece = real[start : start + ROWS_AT_ONCE]
            batch = self._store.gather(spots[piece, 0], spots[piece, 1])
            number = self._store.add(batch, being_read=False)
            spots[piece, 0] = number
            spots[piece, 1] = np.arange(len(piece))
        self._store.keep_only(set(np.unique(spots[:, 0]).tolist()))
