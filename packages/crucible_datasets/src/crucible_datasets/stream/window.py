"""``take``, ``skip``, ``repeat`` and every n-th row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.stream.cursor import Cursor, Reader
from crucible_datasets.stream.node import ShardOrderFixedError, Step, standing
from crucible_datasets.stream.rows import cut, numbers_array

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


class Window(Step):
    """A step that counts rows from the beginning, so that the order of shards is fixed below it."""

    n: int
    split: bool

    def settings(self) -> dict[str, Any]:
        """How many rows."""
        return {"n": self.n}

    def shuffled(self, generator: np.random.Generator) -> Node:  # noqa: ARG002
        """Never: other rows would be the first ones."""
        raise ShardOrderFixedError

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """A part of the input, with a part of the count."""
        child = self.child.sharded(num_shards, index, contiguous=contiguous)
        if not self.split:
            return self.with_inputs((child,))
        parts = min(num_shards, self.child.num_shards)
        each, more = divmod(self.n, parts) if parts else (0, 0)
        n = each + (index < more) if index < parts else 0
        return replace(self, child=child, n=n)  # type: ignore[type-var] # both are dataclasses


@dataclass(frozen=True, slots=True)
class Take(Window):
    """The first ``n`` rows. ``split``: parts share the count, else each takes ``n``."""

    child: Node
    n: int
    split: bool = True

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that reads no further than it must."""
        return _TakeCursor(self, reading, place)


@dataclass(frozen=True, slots=True)
class Skip(Window):
    """All rows but the first ``n``. ``split``: parts share the count, else each skips ``n``."""

    child: Node
    n: int
    split: bool = True

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that jumps where the source can."""
        return _SkipCursor(self, reading, place)


class _PassingCursor(Cursor):
    """What cursors that pass bundles on have in common."""

    _reader: Reader

    def locator(self) -> Locator:
        return self._reader.locator()

    def close(self) -> None:
        self._reader.close()


class _TakeCursor(_PassingCursor):
    """Stands at ``(rows given, place in the input)``."""

    def __init__(self, node: Take, reading: Reading, place: Place) -> None:
        self._taken, inner = standing(place, 0, None)
        self._n = node.n
        if 0 < node.n - self._taken < reading.batch_size:
            reading = replace(reading, batch_size=node.n - self._taken)
        self._reader = Reader(node.child, reading.below(node), inner)
        self._place: Place = (self._taken, inner)

    def place(self) -> Place:
        return self._place

    def skip(self, n: int) -> int:
        skipped = self._reader.skip(min(n, max(0, self._n - self._taken)))
        self._taken += skipped
        self._place = (self._taken, self._reader.place())
        return skipped

    def __iter__(self) -> Iterator[Bundle]:
        if self._taken >= self._n:
            return
        for bundle in self._reader.bundles():
            left = self._n - self._taken
            part = bundle if len(bundle) <= left else cut(bundle, 0, left)
            self._taken += len(part)
            self._place = (self._taken, self._reader.place())
            yield part
            if self._taken >= self._n:
                self._reader.close()
                return


class _SkipCursor(_PassingCursor):
    """Stands at the place in the input behind the rows left out."""

    def __init__(self, node: Skip, reading: Reading, place: Place) -> None:
        self._left = max(0, node.n) if place is None else 0
        self._reader = Reader(node.child, reading.below(node), None if place is None else place[0])
        self._place: Place = place

    def place(self) -> Place:
        return self._place

    def skip(self, n: int) -> int:
        self._left -= self._reader.skip(self._left)
        if self._left:
            return 0
        skipped = self._reader.skip(n)
        self._place = (self._reader.place(),)
        return skipped

    def __iter__(self) -> Iterator[Bundle]:
        if self._left:
            self._left -= self._reader.skip(self._left)
        for bundle in self._reader.bundles():
            if self._left >= len(bundle):
                self._left -= len(bundle)
                continue
            part = cut(bundle, self._left, len(bundle)) if self._left else bundle
            self._left = 0
            self._place = (self._reader.place(),)
            yield part


@dataclass(frozen=True, slots=True)
class EveryNth(Step):
    """The rows ``offset``, ``offset + step``, ...: what one of ``step`` nodes reads."""

    child: Node
    step: int
    offset: int

    def settings(self) -> dict[str, Any]:
        """Which rows."""
        return {"step": self.step, "offset": self.offset}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that reads all rows and gives some."""
        return _EveryNthCursor(self, reading, place)


class _EveryNthCursor(_PassingCursor):
    """Stands at ``(rows to leave out before the next, place in the input)``."""

    def __init__(self, node: EveryNth, reading: Reading, place: Place) -> None:
        self._next, inner = standing(place, node.offset, None)
        self._step = node.step
        self._reader = Reader(node.child, reading.below(node), inner)

    def place(self) -> Place:
        return (self._next, self._reader.place())

    def __iter__(self) -> Iterator[Bundle]:
        for bundle in self._reader.bundles():
            first, size = self._next, len(bundle)
            picked = np.arange(first, size, self._step, dtype=np.int64)
            self._next = (first - size) % self._step if first < size else first - size
            if isinstance(bundle, list):
                kept: Bundle = [bundle[i] for i in picked.tolist()]
            else:
                kept = bundle.take(
                    numbers_array(np.arange(first, size, self._step, dtype=np.int64))
                )
            if len(kept):
                yield kept


@dataclass(frozen=True, slots=True)
class Repeat(Step):
    """The rows again and again: ``times`` times, or without end."""

    child: Node
    times: int | None

    def settings(self) -> dict[str, Any]:
        """How often."""
        return {"times": self.times}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that opens the input anew each time."""
        return _RepeatCursor(self, reading, place)


class _RepeatCursor(_PassingCursor):
    """Stands at ``(times done, place in the input)``."""

    def __init__(self, node: Repeat, reading: Reading, place: Place) -> None:
        self._done, self._inner = standing(place, 0, None)
        self._node = node
        self._reading = reading.below(node)
        self._reader = Reader(node.child, self._reading, self._inner)

    def place(self) -> Place:
        return (self._done, self._reader.place())

    def __iter__(self) -> Iterator[Bundle]:
        times = self._node.times
        fresh = self._inner is None
        while times is None or self._done < times:
            empty = True
            for bundle in self._reader.bundles():
                empty = False
                yield bundle
            self._reader.close()
            if times is None and empty and fresh:
                return  # an endless repetition of nothing
            fresh = True
            self._done += 1
            self._reader = Reader(self._node.child, self._reading)
