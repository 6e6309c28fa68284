"""Streams one after another, and side by side."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.node import Node, pick_shards, standing

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import numpy as np

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Place, Reading, Row


@dataclass(frozen=True, slots=True)
class Concat(Node):
    """All rows of the first part, then all of the second, and so on. The parts have one type."""

    parts: tuple[Node, ...]
    types: Features | None

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The parts."""
        return self.parts

    @property
    def num_shards(self) -> int:
        """Those of all parts."""
        return sum(part.num_shards for part in self.parts)

    @property
    def features(self) -> Features | None:
        """Those of every part."""
        return self.types

    @property
    def tabular(self) -> bool:
        """Where all parts are."""
        return all(part.tabular for part in self.parts)

    @property
    def arrow(self) -> bool:
        """Where all parts are."""
        return all(part.arrow for part in self.parts)

    @property
    def one_by_one(self) -> bool:
        """Wherever they are rows."""
        return not self.tabular

    def with_inputs(self, inputs: tuple[Node, ...]) -> Self:
        """The same with other parts."""
        return replace(self, parts=inputs)

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that opens one part at a time."""
        return _ConcatCursor(self, reading, place)

    def single_shards(self) -> list[Node]:
        """Every shard of every part by itself."""
        return [
            part.sharded(part.num_shards, index)
            for part in self.parts
            for index in range(part.num_shards)
        ]

    def shuffled(self, generator: np.random.Generator) -> Node:
        """All shards mixed."""
        shards = self.single_shards()
        deepcopy(generator).shuffle(shards)
        return replace(self, parts=tuple(shards))

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """Some shards."""
        shards = self.single_shards()
        picked = pick_shards(len(shards), num_shards, index, contiguous=contiguous)
        return replace(self, parts=tuple(shards[i] for i in picked))

    def resharded(self) -> Node:
        """The parts resharded."""
        return replace(self, parts=tuple(part.resharded() for part in self.parts))


class _ConcatCursor(Cursor):
    """Stands at ``(part, place in it)``."""

    def __init__(self, node: Concat, reading: Reading, place: Place) -> None:
        self._part, self._inner = standing(place, 0, None)
        self._node = node
        self._reading = reading.below(node)
        self._reader: Reader | None = None
        self._open_part()

    def _open_part(self) -> None:
        parts = self._node.parts
        if self._part < len(parts):
            self._reader = Reader(parts[self._part], self._reading, self._inner)
        self._inner = None

    def place(self) -> Place:
        return (self._part, None if self._reader is None else self._reader.place())

    def skip(self, n: int) -> int:
        return 0 if self._reader is None else self._reader.skip(n)

    def locator(self) -> Locator:
        return fixed("the end of the parts") if self._reader is None else self._reader.locator()

    def close(self) -> None:
        if self._reader is not None:
            self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        tabular = self._node.tabular
        while self._reader is not None:
            if tabular:
                yield from self._reader.bundles()
            else:
                for row in self._reader.rows():
                    yield [row]
            self._reader.close()
            self._reader = None
            self._part += 1
            self._open_part()


@dataclass(frozen=True, slots=True)
class Beside(Node):
    """The columns of several streams side by side. The rows are not split over workers.

    When a stream ends before the others, its columns are missing from the rows that follow.
    """

    parts: tuple[Node, ...]
    types: Features | None
    empty: bool = False

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The parts."""
        return self.parts

    @property
    def num_shards(self) -> int:
        """One, or none for the other workers."""
        return 0 if self.empty else 1

    @property
    def features(self) -> Features | None:
        """Those of all parts."""
        return self.types

    @property
    def tabular(self) -> bool:
        """Rows are put together one by one."""
        return False

    @property
    def arrow(self) -> bool:
        """Where all parts are."""
        return all(part.arrow for part in self.parts)

    @property
    def one_by_one(self) -> bool:
        """Always."""
        return True

    def with_inputs(self, inputs: tuple[Node, ...]) -> Self:
        """The same with other parts."""
        return replace(self, parts=inputs)

    def settings(self) -> dict[str, Any]:
        """Nothing else."""
        return {}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that reads all parts."""
        return _BesideCursor(self, reading, place)

    def shuffled(self, generator: np.random.Generator) -> Node:  # noqa: ARG002
        """The same: the parts belong together row by row."""
        return self

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:  # noqa: ARG002
        """All for part 0, nothing for the others."""
        return self if index == 0 else replace(self, empty=True)

    def resharded(self) -> Node:
        """The same."""
        return self


class _BesideCursor(Cursor):
    """Stands at the places in all parts."""

    def __init__(self, node: Beside, reading: Reading, place: Place) -> None:
        self._node = node
        places = [None] * len(node.parts) if place is None else place
        inner = reading.all_columns(chunked=reading.chunked)
        self._readers = [
            Reader(part, inner, at) for part, at in zip(node.parts, places, strict=True)
        ]

    def place(self) -> Place:
        return [reader.place() for reader in self._readers]

    def locator(self) -> Locator:
        return fixed(" beside ".join(reader.where() for reader in self._readers))

    def close(self) -> None:
        for reader in self._readers:
            reader.close()

    def __iter__(self) -> Iterator[list[Row]]:
        if self._node.empty:
            return
        streams = [reader.rows() for reader in self._readers]
        missing = dict.fromkeys(self._node.types or ())
        while True:
            rows = [row for row in (next(stream, None) for stream in streams) if row is not None]
            if not rows:
                return
            whole: Row = dict(missing)
            for row in rows:
                whole.update(row)
            yield [whole]
