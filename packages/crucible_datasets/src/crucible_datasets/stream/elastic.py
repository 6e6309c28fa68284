"""Going on from a state with another number of workers or nodes.

Each worker's state says how far it came in its shards. What is left of all shards is then split
anew. That is exact as long as every row that comes out belongs to one row of one shard. A shuffle
buffer, a batch or a ``take`` mixes rows of a worker's shards, so there only the same number of
workers will do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.batched import FilterBatches, MapBatches
from crucible_datasets.stream.columns import ColumnsStep
from crucible_datasets.stream.filter import Filter, Where
from crucible_datasets.stream.map import Map
from crucible_datasets.stream.source import TableSource, without_first
from crucible_datasets.stream.state import StreamStateError
from crucible_datasets.stream.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.formats.base import Shard
    from crucible_datasets.stream.node import Node, Place
    from crucible_datasets.stream.reading import Plan

_HINT = (
    "go on with the number of workers and nodes that the states were made with, or take states "
    "without such a step"
)


@dataclass(frozen=True, slots=True)
class Rest:
    """What is left of a shard.

    Attributes:
        shard: the whole.
        start: rows at its beginning that are left out.
        filtered: whether they are counted behind a predicate, which only reading can do.
    """

    shard: Shard
    start: int
    filtered: bool = False

    def num_rows(self) -> int | None:
        """Those of the shard without the first ones."""
        rows = self.shard.num_rows()
        return None if rows is None else max(0, rows - self.start)

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = 1000,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order; see :class:`crucible_datasets.formats.base.Shard`."""
        if predicate is None:
            return self.shard.batches(
                columns=columns, start=self.start + start, batch_size=batch_size
            )
        found = self.shard.batches(columns=columns, predicate=predicate, batch_size=batch_size)
        return without_first(found, self.start + start)

    def pieces(self) -> list[Shard]:
        """The pieces of the shard that are left."""
        if self.filtered:
            return [self]
        return rests(_behind(list(self.shard.pieces()), self.start, None), filtered=False)

    def key(self) -> str:
        """The shard's key and the rows left out."""
        return f"{self.shard.key()}+{self.start}"

    def place(self) -> str:
        """The shard in words."""
        return f"{self.shard.place()} from row {self.start}"


def remaining(plan: Plan, states: Sequence[Mapping[str, Any]]) -> Node:
    """The steps over what the workers that made ``states`` have not given yet.

    Args:
        plan: the stream, for the node of a training run that it had when the states were made or
            another.
        states: one of each worker of each node.

    Raises:
        StreamStateError: states are missing, or a step mixes rows of several shards.
    """
    check_complete(states)
    left: list[tuple[Shard, int]] = []
    filtered = False
    for state in states:
        rest, by_predicate = _left_by(plan, state)
        left += rest
        filtered = filtered or by_predicate
    order = {shard.key(): i for i, shard in enumerate(_finest(plan, states[0]["epoch"]))}
    left.sort(key=lambda rest: order.get(rest[0].key(), len(order)))
    return _with_shards(plan.node, tuple(rests(left, filtered=filtered)))


def rests(left: list[tuple[Shard, int]], *, filtered: bool) -> list[Shard]:
    """Shards and the rows of each that are left out, as shards."""
    return [Rest(shard, start, filtered) if start else shard for shard, start in left]


def check_complete(states: Sequence[Mapping[str, Any]]) -> None:
    """Whether there is a state of each worker of each node.

    Raises:
        StreamStateError: if not; it says which are missing.
    """
    worlds = {(_node(state)[1], _worker(state)[1], state["epoch"]) for state in states}
    if len(worlds) > 1:
        raise StreamStateError(
            "the run", "one run", f"states of several: {sorted(worlds)}", "pass those of one moment"
        )
    ((world, count, _),) = worlds
    there = {(_node(state)[0], _worker(state)[0]) for state in states}
    missing = [
        f"worker {index} of node {rank}"
        for rank in range(world)
        for index in range(count)
        if (rank, index) not in there
    ]
    if missing:
        raise StreamStateError(
            "the set of states",
            f"{world * count} states",
            f"{len(there)}; those of {', '.join(missing)} are missing",
            "pass a list with the state of every worker of every node to load_state_dict",
        )


def layout(state: Mapping[str, Any]) -> tuple[int, int, int, int]:
    """``(rank, world size, worker, workers)`` of who made the state."""
    return (*_node(state), *_worker(state))


def _node(state: Mapping[str, Any]) -> tuple[int, int]:
    rank, world = state["node"] or (0, 1)
    return rank, world


def _worker(state: Mapping[str, Any]) -> tuple[int, int]:
    index, count = state["worker"] or (0, 1)
    return index, count


def _finest(plan: Plan, epoch: int) -> list[Shard]:
    """The shards in the order of the epoch, and their pieces, which workers may have read."""
    source = _source(replace(plan, distributed=None).prepared(epoch, None))
    return [piece for shard in source.shards for piece in (shard, *shard.pieces())]


def _left_by(plan: Plan, state: Mapping[str, Any]) -> tuple[list[tuple[Shard, int]], bool]:
    """What one worker has left: shards and rows given of each, and whether behind a predicate."""
    from crucible_datasets.stream.nodes import Distributed
    from crucible_datasets.stream.workers import Worker

    rank, world = _node(state)
    distributed = None
    if state["node"] is not None:
        strategy = "auto" if plan.distributed is None else plan.distributed.strategy
        distributed = Distributed(rank, world, strategy)
    worker = None if state["worker"] is None else Worker(*state["worker"])
    node = replace(plan, distributed=distributed).prepared(state["epoch"], worker)
    source = _source(node)
    if state["place"] is None:
        return [(shard, 0) for shard in source.shards], False
    (index, row), given, predicate = _place_in_source(node, state["place"])
    left = _behind(list(source.shards[index:]), row + given, predicate)
    return left, predicate is not None


def _behind(shards: list[Shard], rows: int, predicate: pl.Expr | None) -> list[tuple[Shard, int]]:
    """The shards without the first ``rows`` rows of all of them together."""
    while shards and rows:
        size = None if predicate is not None else shards[0].num_rows()
        if size is None:
            batches = shards[0].batches(predicate=predicate)
            size = sum(batch.num_rows for batch in batches)
        if rows < size:
            break
        rows -= size
        shards = shards[1:]
    return [(shard, rows if i == 0 else 0) for i, shard in enumerate(shards)]


def _source(node: Node) -> TableSource:
    while not isinstance(node, TableSource):
        if not isinstance(
            node, (ColumnsStep, Typed, Where, Map, Filter, MapBatches, FilterBatches)
        ):
            raise StreamStateError(
                "the number of workers and nodes",
                "another",
                f"that of a chain with {type(node).__name__}, which mixes rows of several shards",
                _HINT,
            )
        node = node.child
    return node


def _place_in_source(node: Node, place: Place) -> tuple[Any, int, pl.Expr | None]:
    """Where a reader of ``node`` stands in the source: its place, rows behind it, the predicate."""
    before, given = place
    predicate = None
    while not isinstance(node, TableSource):
        if isinstance(node, (Map, Filter, MapBatches, FilterBatches)):
            if node.call.with_indices:
                raise StreamStateError(
                    "the number of workers and nodes",
                    "another",
                    "that of a function with indices, which each worker counts by itself",
                    _HINT,
                )
            if given:
                raise StreamStateError(
                    "the number of workers and nodes",
                    "another",
                    f"one that is {given} rows into a batch of a function",
                    "take states between two batches, or go on with the same workers",
                )
            _, inner = (0, None) if before is None else before
            before, given = (None, 0) if inner is None else inner
        elif isinstance(node, Where) and isinstance(node.child, TableSource):
            predicate = node.predicate
            node = node.child
            break
        elif before is not None:
            # A step that passes rows on one for one: the rows given since are the input's too.
            before, more = before
            given += more
        node = node.child  # type: ignore[attr-defined] # _source() has seen that it is a step
    return (0, 0) if before is None else before, given, predicate


def _with_shards(node: Node, shards: tuple[Shard, ...]) -> Node:
    if isinstance(node, TableSource):
        return replace(node, shards=shards)
    return node.with_inputs(tuple(_with_shards(child, shards) for child in node.inputs))
