"""Where a stream's rows come from when a Python function makes them."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.cursor import Cursor, fixed
from crucible_datasets.stream.node import Node, pick_shards, standing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Self

    import numpy as np

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Place, Reading, Row


@dataclass(frozen=True, slots=True)
class GeneratorSource(Node):
    """The rows that ``function(**kwargs)`` yields; a list among the arguments is one shard an item.

    Attributes:
        function: called once a shard, with lists of one item.
        kwargs: its arguments. Lists must be equally long.
        count: how many shards the lists make (0 for a part without any).
    """

    function: Callable[..., Iterable[Row]]
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    count: int = 1

    @classmethod
    def over(cls, function: Callable[..., Iterable[Row]], kwargs: Mapping[str, Any]) -> Self:
        """The source, with its shards counted.

        Raises:
            RuntimeError: if the lists among ``kwargs`` are of different lengths.
        """
        lengths = {name: len(value) for name, value in kwargs.items() if isinstance(value, list)}
        if len(set(lengths.values())) > 1:
            raise RuntimeError(
                "Sharding is ambiguous: the lists in gen_kwargs have different lengths "
                f"({lengths}); use lists only for what is to be split over shards, and tuples for "
                "the rest"
            )
        return cls(function, dict(kwargs), max(1, *lengths.values()) if lengths else 1)

    @property
    def inputs(self) -> tuple[Node, ...]:
        """None: rows begin here."""
        return ()

    @property
    def num_shards(self) -> int:
        """As many as the lists in the arguments have items."""
        return self.count

    @property
    def features(self) -> Features | None:
        """Unknown."""
        return None

    @property
    def tabular(self) -> bool:
        """Never."""
        return False

    @property
    def arrow(self) -> bool:
        """Never."""
        return False

    @property
    def pure(self) -> bool:
        """Never: there is a function."""
        return False

    @property
    def one_by_one(self) -> bool:
        """Always: the function goes on when a row is asked for."""
        return True

    def with_inputs(self, inputs: tuple[Node, ...]) -> Self:  # noqa: ARG002 # there are none
        """The same."""
        return self

    def sources(self) -> Iterator[Node]:
        """This one."""
        yield self

    def settings(self) -> dict[str, Any]:
        """The function's name: what it yields can't be known."""
        return {"function": getattr(self.function, "__qualname__", type(self.function).__name__)}

    def open(self, reading: Reading, place: Place) -> Cursor:  # noqa: ARG002 # rows come as they are
        """A cursor that calls the function for one shard after the other."""
        return _GeneratorCursor(self, place)

    def shuffled(self, generator: np.random.Generator) -> Node:
        """The lists in the order that ``datasets`` draws from the same generator."""
        if not any(isinstance(value, list) for value in self.kwargs.values()):
            return self
        order = list(range(self.count))
        deepcopy(generator).shuffle(order)
        return self._picked(order)

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """Some items of the lists."""
        return self._picked(list(pick_shards(self.count, num_shards, index, contiguous=contiguous)))

    def resharded(self) -> Node:
        """The same: what a function yields can't be split further."""
        return self

    def arguments(self, shard: int) -> dict[str, Any]:
        """What the function is called with for one shard."""
        return {
            name: [value[shard]] if isinstance(value, list) and value else value
            for name, value in self.kwargs.items()
        }

    def _picked(self, order: list[int]) -> Node:
        picked = {
            name: [value[i] for i in order if value] if isinstance(value, list) else value
            for name, value in self.kwargs.items()
        }
        return replace(self, kwargs=picked, count=len(order))


class _GeneratorCursor(Cursor):
    """Stands at ``(shard, rows of it that were given)``."""

    def __init__(self, source: GeneratorSource, place: Place) -> None:
        self._source = source
        self._shard, self._row = standing(place, 0, 0)
        self._rows: Iterator[Row] | None = None

    def place(self) -> Place:
        return (self._shard, self._row)

    def locator(self) -> Locator:
        name = getattr(self._source.function, "__name__", "the generator")
        return fixed(f"{name}, shard {self._shard}, row {self._row - 1}")

    def close(self) -> None:
        close = getattr(self._rows, "close", None)
        if close is not None:
            close()
        self._rows = None

    def __iter__(self) -> Iterator[Bundle]:
        while self._shard < self._source.count:
            self._rows = iter(self._source.function(**self._source.arguments(self._shard)))
            # A generator can't be told to start later: its first rows are made and dropped.
            drop = self._row
            for row in self._rows:
                if drop:
                    drop -= 1
                    continue
                self._row += 1
                yield [row]
            self._shard, self._row = self._shard + 1, 0
        self._rows = None
