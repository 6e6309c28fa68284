"""``prefetch``: a thread that reads ahead, as far as its queue goes and no further."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crucible_datasets.stream.ahead import Ahead
from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.node import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


@dataclass(frozen=True, slots=True)
class Prefetch(Step):
    """The same rows, read ahead by a thread.

    Attributes:
        bundles: how many bundles may wait (about a thousand rows each; single rows behind a
            function of rows are gathered a hundred together).
    """

    child: Node
    bundles: int

    @property
    def one_by_one(self) -> bool:
        """Never: rows are gathered."""
        return False

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor with a thread that starts with the first row asked for."""
        return _PrefetchCursor(self, reading, place)


ROWS_TOGETHER = 100
"""Rows behind a function that are gathered before they are handed over."""


class _PrefetchCursor(Cursor):
    """Stands at the reader's place behind the last bundle that was given, not read."""

    def __init__(self, node: Prefetch, reading: Reading, place: Place) -> None:
        self._place: Place = place
        inner = replace(reading.below(node), ahead=False)
        self._reader = Reader(node.child, inner, None if place is None else place[0])
        self._single = node.child.one_by_one
        self._ahead = Ahead(self._reads(), max(1, node.bundles))

    def place(self) -> Place:
        return self._place

    def locator(self) -> Locator:
        return fixed(f"a little before {self._reader.where()}")

    def close(self) -> None:
        self._ahead.close()
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        for bundle, place in self._ahead:
            self._place = (place,)
            yield bundle

    def _reads(self) -> Iterator[tuple[Bundle, Place]]:
        if not self._single:
            for bundle in self._reader.bundles():
                yield bundle, self._reader.place()
            return
        size = 1
        while rows := self._reader.take(size):
            yield rows, self._reader.place()
            size = min(ROWS_TOGETHER, size * 2)
