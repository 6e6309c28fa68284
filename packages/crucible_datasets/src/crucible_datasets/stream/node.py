"""What a step of a stream is: a frozen node that opens cursors over its rows.

A stream is a chain (or tree) of nodes, from the sources up to the step that was asked for last.
Nodes are immutable and picklable, so a chain can be shared between datasets and sent to worker
processes. Iterating opens one :class:`~crucible_datasets.stream.cursor.Cursor` a node.

Rows travel in bundles, about a thousand together where the step allows: a ``pyarrow.RecordBatch``
from a node that is :attr:`Node.tabular`, a list of dicts from the others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Self

    import numpy as np
    import pyarrow as pa

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Cursor

Row: TypeAlias = dict[str, Any]
Bundle: TypeAlias = "pa.RecordBatch | list[Row]"
Place: TypeAlias = Any
"""Where a cursor stands: None at the start, else numbers, strings and tuples of them."""

ROWS_IN_A_BUNDLE = 1000


def standing(place: Place, *start: Any) -> Any:
    """The parts of ``place``, or ``start`` where there is none yet."""
    return start if place is None else place


class ShardOrderFixedError(Exception):
    """The shards can't be put in another order: a ``take`` or ``skip`` below counts on it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a node is to be read.

    Attributes:
        chunked: whether ``datasets`` would read tables here, not rows. It decides the order that a
            shuffle buffer gives (see :mod:`crucible_datasets.stream.shuffle`).
        columns: the columns that are wanted, or None for all. A node that can't leave the others
            out may give more.
        batch_size: rows in a bundle, about.
        ahead: whether a thread may read ahead of what is asked for.
        broken: where to note parts of files that can't be read and are left out; None raises.
        threads: how many decode media; None for what suits the machine.
    """

    chunked: bool = True
    columns: tuple[str, ...] | None = None
    batch_size: int = ROWS_IN_A_BUNDLE
    ahead: bool = True
    broken: list[str] | None = None
    threads: int | None = None

    def below(self, node: Node) -> Reading:
        """How the inputs of ``node`` are read when ``node`` itself is read like this."""
        return self if node.arrow or not self.chunked else replace(self, chunked=False)

    def all_columns(self, *, chunked: bool) -> Reading:
        """How to read rows for a function, which may look at any column."""
        return replace(self, columns=None, chunked=chunked)

    def with_columns(self, columns: Sequence[str] | None) -> Reading:
        """The same, for other columns."""
        return replace(self, columns=None if columns is None else tuple(columns))


class Node(ABC):
    """A step of a stream."""

    @property
    @abstractmethod
    def inputs(self) -> tuple[Node, ...]:
        """The nodes whose rows this one reads."""

    @property
    @abstractmethod
    def num_shards(self) -> int:
        """Into how many parts the rows can be split over workers."""

    @property
    @abstractmethod
    def features(self) -> Features | None:
        """The types of the rows given, or None where only reading tells."""

    @property
    @abstractmethod
    def tabular(self) -> bool:
        """Whether bundles are record batches."""

    @property
    @abstractmethod
    def arrow(self) -> bool:
        """Whether ``datasets`` can read tables (not rows) from the same step."""

    @property
    def pure(self) -> bool:
        """Whether no function of the user's is called, so that reading ahead shows nowhere."""
        return all(node.pure for node in self.inputs)

    @property
    def one_by_one(self) -> bool:
        """Whether every bundle is a list of one row, made when it is asked for."""
        return False

    @abstractmethod
    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor over the rows after ``place``, which a cursor of the same node gave."""

    @abstractmethod
    def shuffled(self, generator: np.random.Generator) -> Node:
        """The same with shards in another order, drawn from a copy of ``generator``.

        Raises:
            ShardOrderFixedError: a step counts on the order.
        """

    @abstractmethod
    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """The part ``index`` of ``num_shards``; empty where there are not as many shards."""

    @abstractmethod
    def resharded(self) -> Node:
        """The same rows in as many shards as the files allow without reading rows."""

    def shifted(self, value: int) -> Node:
        """The same with every random generator moved on by ``value`` (an epoch, a worker)."""
        return self.with_inputs(tuple(node.shifted(value) for node in self.inputs))

    @abstractmethod
    def with_inputs(self, inputs: tuple[Node, ...]) -> Self:
        """The same step over other nodes."""

    def describe(self) -> Iterator[str]:
        """Words that tell this chain from another; a state fits where they are the same."""
        yield type(self).__name__
        yield from (f"{name}={value!r}" for name, value in self.settings().items())
        yield "("
        for node in self.inputs:
            yield from node.describe()
        yield ")"

    def settings(self) -> dict[str, Any]:
        """What else decides which rows come out, in plain values."""
        return {}

    def sources(self) -> Iterator[Node]:
        """The nodes that have no inputs."""
        for node in self.inputs:
            yield from node.sources()


class Step(Node):
    """A node with one input, which it passes most questions on to."""

    child: Node

    @property
    def inputs(self) -> tuple[Node, ...]:
        """The one input."""
        return (self.child,)

    @property
    def num_shards(self) -> int:
        """As many as the input."""
        return self.child.num_shards

    @property
    def features(self) -> Features | None:
        """Those of the input."""
        return self.child.features

    @property
    def tabular(self) -> bool:
        """As the input."""
        return self.child.tabular

    @property
    def arrow(self) -> bool:
        """As the input."""
        return self.child.arrow

    @property
    def one_by_one(self) -> bool:
        """As the input."""
        return self.child.one_by_one

    def with_inputs(self, inputs: tuple[Node, ...]) -> Self:
        """The same step over another node."""
        (child,) = inputs
        return replace(self, child=child)  # type: ignore[type-var] # every step is a dataclass

    def shuffled(self, generator: np.random.Generator) -> Node:
        """The step over the shuffled input."""
        return self.with_inputs((self.child.shuffled(generator),))

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:
        """The step over a part of the input."""
        return self.with_inputs((self.child.sharded(num_shards, index, contiguous=contiguous),))

    def resharded(self) -> Node:
        """The step over the resharded input."""
        return self.with_inputs((self.child.resharded(),))


def pick_shards(count: int, num_shards: int, index: int, *, contiguous: bool) -> range:
    """Which of ``count`` shards are in part ``index`` of ``num_shards``.

    >>> [list(pick_shards(5, 2, i, contiguous=True)) for i in range(2)]
    [[0, 1, 2], [3, 4]]
    >>> [list(pick_shards(5, 2, i, contiguous=False)) for i in range(2)]
    [[0, 2, 4], [1, 3]]
    """
    if not contiguous:
        return range(index, count, num_shards)
    each, more = divmod(count, num_shards)
    start = each * index + min(index, more)
    return range(start, start + each + (index < more))
