"""Several streams in turn, or by chance."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.node import Node, standing
from crucible_datasets.stream.randomness import moved_on, restored, saved

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

    import numpy as np

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Place, Reading, Row

Stopping = Literal["first_exhausted", "all_exhausted", "all_exhausted_without_replacement"]

DRAWS_AT_ONCE = 1000
"""Draws that ``datasets`` makes together; the generator's state depends on it."""


@dataclass(frozen=True, slots=True)
class Chance:
    """Which stream is next, by chance.

    Attributes:
        generator: draws; it is copied, never drawn from.
        probabilities: of each stream, or None where all are equal.
    """

    generator: np.random.Generator
    probabilities: tuple[float, ...] | None


@dataclass(frozen=True, slots=True)
class Interleave(Node):
    """Rows of several streams, which have one type.

    Attributes:
        parts: the streams.
        stopping: ``first_exhausted`` ends with the first stream that ends; ``all_exhausted`` when
            all have ended once, the shorter ones being read again;
            ``all_exhausted_without_replacement`` when all have ended, none being read again.
        chance: how the next one is drawn; None takes turns.
        types: the features of every part.
    """

    parts: tuple[Node, ...]
    stopping: Stopping
    chance: Chance | None = None
    types: Features | None = field(default=None)

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The parts."""
        return self.parts

    @property
    def num_shards(self) -> int:
        """As many as the part with the fewest has."""
        return min((part.num_shards for part in self.parts), default=0)

    @property
    def features(self) -> Features | None:
        """Those of every part."""
        return self.types

    @property
    def tabular(self) -> bool:
        """Rows are drawn one by one."""
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
        """The same over other streams."""
        return replace(self, parts=inputs)

    def settings(self) -> dict[str, Any]:
        """All that decides the order."""
        chance = self.chance
        return {
            "stopping": self.stopping,
            "probabilities": chance and chance.probabilities,
            "generator": chance and saved(chance.generator),
        }

    def shuffled(self, generator: np.random.Generator) -> Node:
        """The parts shuffled; what is drawn by chance is drawn from ``generator`` then."""
        chance = None if self.chance is None else replace(self.chance, generator=generator)
        return replace(
            self, parts=tuple(part.shuffled(generator) for part in self.parts), chance=chance
        )

    def shifted(self, value: int) -> Node:
        """The parts shifted, and another generator."""
        chance = self.chance
        if chance is not None:
            chance = replace(chance, generator=moved_on(chance.generator, value))
        return replace(self, parts=tuple(p.shifted(value) for p in self.parts), chance=chance)

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """A part of every stream."""
        num_shards = min(num_shards, self.num_shards)
        if index >= num_shards:
            return replace(self, parts=())
        parts = (part.sharded(num_shards, index, contiguous=contiguous) for part in self.parts)
        return replace(self, parts=tuple(parts))

    def resharded(self) -> Node:
        """The streams resharded."""
        return replace(self, parts=tuple(part.resharded() for part in self.parts))

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that looks one row ahead in every stream."""
        return _InterleaveCursor(self, reading, place)


class Turns(ABC):
    """An endless series of stream numbers that can be left and taken up again."""

    @abstractmethod
    def next(self) -> int:
        """The next number."""

    @abstractmethod
    def place(self) -> Any:
        """Where to go on."""


class _InTurn(Turns):
    """0, 1, ..., n - 1, 0, ..."""

    def __init__(self, count: int, place: Any) -> None:
        self._count = count
        self._next = 0 if place is None else place

    def next(self) -> int:
        index: int = self._next
        self._next = (index + 1) % self._count
        return index

    def place(self) -> Any:
        return self._next


class _ByChance(Turns):
    """Drawn from a generator as ``datasets`` does, a thousand together."""

    def __init__(self, count: int, chance: Chance, place: Any) -> None:
        self._count = count
        self._probabilities = chance.probabilities
        state, at = (saved(chance.generator), 0) if place is None else place
        self._generator = restored(chance.generator, state)
        self._draw(at)

    def _draw(self, at: int) -> None:
        self._state = saved(self._generator)
        if self._probabilities is None:
            drawn = self._generator.integers(0, self._count, size=DRAWS_AT_ONCE)
        else:
            drawn = self._generator.choice(self._count, size=DRAWS_AT_ONCE, p=self._probabilities)
        self._drawn: list[int] = drawn.tolist()
        self._at = at

    def next(self) -> int:
        if self._at == DRAWS_AT_ONCE:
            self._draw(0)
        self._at += 1
        return self._drawn[self._at - 1]

    def place(self) -> Any:
        return (self._state, self._at)


class _Ahead:
    """A stream with its next row in hand: when it has none, the last one was the last."""

    def __init__(self, node: Node, reading: Reading, place: Place) -> None:
        self._node = node
        self._reading = reading
        self._start(place)

    def _start(self, place: Place) -> None:
        self._reader = Reader(self._node, self._reading, place)
        self._rows = self._reader.rows()
        self._row: Row | None = None
        self._before: Place = place
        self._looked = False

    def look(self) -> Row | None:
        """The next row, which stays."""
        if not self._looked:
            self._before = self._reader.place()
            self._row = next(self._rows, None)
            self._looked = True
        return self._row

    def step(self) -> None:
        """Go on to the next row."""
        self._looked = False

    def place(self) -> Place:
        """Where to go on with the next row."""
        return self._before if self._looked else self._reader.place()

    def again(self) -> None:
        """Go on from the beginning."""
        self.close()
        self._start(None)

    def where(self) -> str:
        """Words for where the next row, or the one before, is."""
        return self._reader.where()

    def close(self) -> None:
        """Let go of everything below."""
        self._reader.close()


class _InterleaveCursor(Cursor):
    """Stands at ``(whose turn, which have ended as bits, place in each)``."""

    def __init__(self, node: Interleave, reading: Reading, place: Place) -> None:
        turns, ended, places = standing(place, None, 0, None)
        count = len(node.parts)
        self._stopping = node.stopping
        self._ended = [bool(ended >> index & 1) for index in range(count)]
        inner = reading.all_columns(chunked=reading.chunked and node.arrow)
        self._streams = [
            _Ahead(part, inner, at)
            for part, at in zip(node.parts, places or [None] * count, strict=True)
        ]
        self._turns: Turns | None = None
        if count:
            self._turns = (
                _InTurn(count, turns)
                if node.chance is None
                else _ByChance(count, node.chance, turns)
            )
        self._last = 0

    def place(self) -> Place:
        ended = sum(1 << i for i, has in enumerate(self._ended) if has)
        turns = None if self._turns is None else self._turns.place()
        return (turns, ended, [stream.place() for stream in self._streams])

    def locator(self) -> Locator:
        return fixed(f"stream {self._last}, {self._streams[self._last].where()}")

    def close(self) -> None:
        for stream in self._streams:
            stream.close()

    def _over(self) -> bool:
        return (any if self._stopping == "first_exhausted" else all)(self._ended)

    def __iter__(self) -> Iterator[list[Row]]:
        once = self._stopping == "all_exhausted_without_replacement"
        while self._turns is not None and not self._over():
            index = self._turns.next()
            if once and self._ended[index]:
                continue
            stream = self._streams[index]
            row = stream.look()
            stream.step()
            # Looked at before the row is given: with its last row a stream has ended.
            if row is None or stream.look() is None:
                self._ended[index] = True
                stream.close() if once else stream.again()
            self._last = index
            if row is not None:
                yield [row]
