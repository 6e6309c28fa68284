"""From states to where this process begins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.elastic import check_complete, layout, remaining
from crucible_datasets.stream.state import StreamStateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.stream.cursor import Reader
    from crucible_datasets.stream.node import Place
    from crucible_datasets.stream.reading import Plan
    from crucible_datasets.stream.workers import Worker

    State = Mapping[str, Any]
    Rounds = Sequence[Sequence[State]]

KEPT = ("epoch", "worker", "node", "place")
"""What is kept of the states of workers when their number changes."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where an iteration begins.

    Attributes:
        plan: the stream; after a change of workers, what was left then.
        order: the epoch that the shards are ordered by (0 after a change of workers).
        place: the reader's.
        rounds: the states at each change of workers so far.
    """

    plan: Plan
    order: int
    place: Place
    rounds: Rounds = ()

    def open(self, worker: Worker | None, broken: list[str] | None = None) -> Reader:
        """A reader that begins here; ``broken`` notes what it leaves out, None lets it raise."""
        return self.plan.open(self.order, worker, self.place, broken)


def start_of(plan: Plan, states: Sequence[State], epoch: int, worker: Worker | None) -> Start:
    """Where this process begins.

    Args:
        plan: the stream.
        states: none for the beginning; this worker's own; or one of each worker of each node.
        epoch: the epoch.
        worker: the torch worker that this is.

    Raises:
        StreamStateError: the states are those of other workers and can't be split anew.
    """
    if not states:
        return Start(plan, epoch, None)
    of = plan.distributed
    node = (0, 1) if of is None else (of.rank, of.world_size)
    here = (*node, *((0, 1) if worker is None else (worker.index, worker.count)))
    rounds: list[Sequence[State]] = list(states[0].get("rounds") or ())
    for state in states:
        if layout(state) == here:
            order = 0 if rounds else epoch
            return Start(_left_after(plan, rounds), order, state["place"], rounds)
    check_complete(states)
    order = 0 if rounds else epoch
    rounds.append([{**{key: state[key] for key in KEPT}, "epoch": order} for state in states])
    return Start(_left_after(plan, rounds), 0, None, rounds)


def _left_after(plan: Plan, rounds: Rounds) -> Plan:
    for states in rounds:
        plan = replace(plan, node=remaining(plan, states))
    return plan


def states_in(value: Any) -> Iterator[State]:
    """The states of streams in a list of them, or in what a ``StatefulDataLoader`` gave.

    Raises:
        StreamStateError: a loader's state is some steps behind its rows.
    """
    if isinstance(value, dict):
        if "place" in value and "chain" in value:
            yield value
            return
        behind = value.get("_steps_since_snapshot") or value.get("steps_since_snapshot")
        if behind:
            raise StreamStateError(
                "the age of the loader's snapshot",
                "0 steps",
                f"{behind} steps",
                "make the loader with snapshot_every_n_steps=1",
            )
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from states_in(item)
