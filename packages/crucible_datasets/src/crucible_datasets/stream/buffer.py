"""What a shuffle buffer is, and the one of rows; that of record batches is in :mod:`.blocks`.

Both read several sources in turn, and both can begin with blanks: rows that were in the buffer at
the place that is restored, and have been given since, so that nobody needs to know what they were.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Generic, TypeVar

import numpy as np

from crucible_datasets.stream.cursor import Reader
from crucible_datasets.stream.node import standing

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from crucible_datasets.stream.node import Bundle, Node, Place, Reading, Row

    Numbers = npt.NDArray[np.int64]

ROWS_AT_ONCE = 1000
"""Rows gathered together."""


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
