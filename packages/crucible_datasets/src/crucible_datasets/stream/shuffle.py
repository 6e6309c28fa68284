"""``shuffle``: rows in the order that ``datasets`` 5.2 gives for the same seed.

The shards are permuted once. They are then split into up to ten sources, which are read in turn;
what arrives fills a buffer. When the buffer is full it is permuted, all but half of it is given
away, and the rest waits for more. Where ``datasets`` reads tables, a turn is a chunk of
``buffer_size // 10`` rows (:attr:`Reading.chunked`); where it reads rows, a turn is one row.

A state holds no rows. It holds the place in each source, and the generator, at the *anchor*: the
last time the buffer was permuted before the oldest of its rows arrived. Reading again from there,
with blanks for the rows that have been given since, makes the same buffer. A row survives each
permutation with probability one half, so the anchor is about ``log2(buffer_size)`` permutations
back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.blocks import TableBuffer
from crucible_datasets.stream.buffer import RowBuffer
from crucible_datasets.stream.cursor import Cursor, fixed
from crucible_datasets.stream.node import Step, standing
from crucible_datasets.stream.randomness import moved_on, restored, saved

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


FEW_ROWS = 100
"""Rows of a source that are read together at least."""


@dataclass(frozen=True, slots=True)
class Shuffle(Step):
    """The input through a shuffle buffer.

    Attributes:
        buffer_size: rows that are mixed with each other.
        generator: permutes the buffer; it is copied, never drawn from.
        max_sources: how many parts of the input are read in turn.
    """

    child: Node
    buffer_size: int
    generator: np.random.Generator
    max_sources: int

    @property
    def one_by_one(self) -> bool:
        """Never: rows leave the buffer in bulk."""
        return False

    def settings(self) -> dict[str, Any]:
        """All that decides the order."""
        return {
            "buffer_size": self.buffer_size,
            "max_sources": self.max_sources,
            "generator": saved(self.generator),
        }

    def shifted(self, value: int) -> Node:
        """The same over the shifted input, with another generator."""
        return replace(
            self, child=self.child.shifted(value), generator=moved_on(self.generator, value)
        )

    def parts(self) -> list[Node]:
        """The sources that are read in turn."""
        count = min(self.child.num_shards, self.max_sources)
        if self.max_sources <= 1 or count == 0:
            return [self.child]
        return [self.child.sharded(count, index) for index in range(count)]

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that fills a buffer, or the buffer of ``place`` again."""
        return _ShuffleCursor(self, reading, place)


@dataclass(frozen=True, slots=True)
class _Anchor:
    """The moment right behind a permutation: from here on the buffer can be made again."""

    inputs: Place
    generator: Any
    kept: int
    given: int


class _ShuffleCursor(Cursor):
    """Stands at ``(anchor's inputs, anchor's generator, rows kept there, rows given since)``."""

    def __init__(self, node: Shuffle, reading: Reading, place: Place) -> None:
        chunked = reading.chunked and node.arrow
        chunk = max(1, node.buffer_size // max(1, node.max_sources)) if chunked else 1
        inputs, state, kept, self._blank = standing(place, None, None, 0, 0)
        self._size = node.buffer_size
        self._generator = restored(node.generator, state or saved(node.generator))
        kind = TableBuffer if node.tabular else RowBuffer
        parts = node.parts()
        # The whole shuffle is read ahead, not its sources; each holds about its share of the buffer.
        below = replace(
            reading.below(node),
            ahead=False,
            batch_size=min(reading.batch_size, max(FEW_ROWS, node.buffer_size // len(parts))),
        )
        self._buffer = kind(parts, below, chunk, inputs, kept)
        first = _Anchor(inputs, saved(self._generator), kept, 0)
        self._history: deque[_Anchor] = deque([first])
        self._forgotten = 0  # anchors that have left the history
        self._anchor = first
        self._given = 0

    def place(self) -> Place:
        a = self._anchor
        return (a.inputs, a.generator, a.kept, self._given - a.given)

    def locator(self) -> Locator:
        return fixed("a shuffle buffer")

    def close(self) -> None:
        self._buffer.close()

    def __iter__(self) -> Iterator[Bundle]:
        wanted = 1  # the first rows soon, later ones in full bundles
        more = True
        while more:
            more = self._mix()
            self._blank -= (dropped := self._buffer.drop(self._blank))
            self._given += dropped
            if more and self._buffer.waiting < wanted:
                continue
            for bundle in self._buffer.give():
                self._given += len(bundle)
                yield bundle
            wanted = min(1000, wanted * 4)

    def _mix(self) -> bool:
        """Fill the buffer and permute it; False when that was the last time."""
        more = self._buffer.fill(self._size)
        length = len(self._buffer)
        if not length:
            return more
        self._look_back()
        order = self._generator.permutation(length)
        keep = self._size // 2 if more else 0
        self._buffer.permute(order, length - keep)
        given = self._history[-1].given + length - keep
        self._history.append(_Anchor(self._buffer.place(), saved(self._generator), keep, given))
        self._buffer.age = self._forgotten + len(self._history) - 1
        return more

    def _look_back(self) -> None:
        """Find the anchor of what is in the buffer now, and forget those before it."""
        while self._forgotten < self._buffer.oldest():
            self._history.popleft()
            self._forgotten += 1
        if not self._buffer.waiting:
            # Rows that wait to be given may be older than those in the buffer.
            self._anchor = self._history[0]
