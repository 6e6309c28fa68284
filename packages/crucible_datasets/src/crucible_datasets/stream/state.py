"""What ``state_dict`` holds: a place in the chain, and what it is a place in."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import DatasetsError
from crucible_datasets.stream.source import TableSource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.stream.node import Node, Place
    from crucible_datasets.stream.workers import Worker

VERSION = 1


class StreamStateError(DatasetsError, ValueError):
    """A state that does not belong to this stream, or can't be taken up by these workers.

    Attributes:
        what: what does not fit.
        expected: what the stream has.
        found: what the state has.
        hint: what to do.
    """

    def __init__(self, what: str, expected: str, found: str, hint: str) -> None:
        super().__init__(what, expected, found, hint)
        self.what = what
        self.expected = expected
        self.found = found
        self.hint = hint

    def __str__(self) -> str:
        return (
            f"this state does not fit the stream: {self.what} is {self.expected} here, "
            f"and {self.found} in the state; {self.hint}"
        )


def digest_of_data(node: Node) -> str | None:
    """A digest of what the sources hold; None where a function makes the rows."""
    digest = hashlib.blake2b(digest_size=8)
    known = False
    for source in node.sources():
        if isinstance(source, TableSource):
            known = True
            for shard in source.shards:
                digest.update(shard.key().encode() + b"\0")
        digest.update(b"\1")
    return digest.hexdigest() if known else None


def digest_of_chain(node: Node) -> str:
    """A digest of the steps and their settings. Functions are known by name only."""
    words = "\n".join(node.describe())
    return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def write_state(
    identity: tuple[str | None, str],
    place: Place,
    *,
    epoch: int,
    worker: Worker | None,
    node_of: tuple[int, int] | None,
    rounds: Sequence[Sequence[Mapping[str, Any]]] = (),
) -> dict[str, Any]:
    """The state as plain values.

    Args:
        identity: the digests of the data and of the steps.
        place: the reader's.
        epoch: the epoch that the order belongs to.
        worker: the torch worker that reads, if one does.
        node_of: ``(rank, world size)`` of a stream split by node.
        rounds: the states at each change of the number of workers since the epoch began.
    """
    return {
        "version": VERSION,
        "epoch": epoch,
        "data": identity[0],
        "chain": identity[1],
        "worker": None if worker is None else [worker.index, worker.count],
        "node": None if node_of is None else list(node_of),
        "rounds": listed(rounds),
        "place": listed(place),
    }


def listed(value: Any) -> Any:
    """Tuples as lists, as JSON would give them back."""
    if isinstance(value, (tuple, list)):
        return [listed(item) for item in value]
    if isinstance(value, dict):
        return {key: listed(item) for key, item in value.items()}
    return value


def not_a_state(value: Any) -> StreamStateError:
    """The error for something that holds no state of ours."""
    found = (
        f"a dict with the keys {list(value)}" if isinstance(value, dict) else type(value).__name__
    )
    return StreamStateError(
        "the form",
        "what state_dict() gave",
        found,
        "pass what state_dict() of this library gave, or a StatefulDataLoader's",
    )


def check_state(state: Mapping[str, Any], identity: tuple[str | None, str]) -> None:
    """Refuse a state of another stream.

    Raises:
        StreamStateError: it says what differs.
    """
    if state.get("version") != VERSION:
        raise StreamStateError(
            "the version",
            str(VERSION),
            repr(state.get("version")),
            "it was made by another release; start anew, or use that release",
        )
    data, chain = identity
    if state["data"] != data:
        raise StreamStateError(
            "the digest of the data",
            str(data),
            str(state["data"]),
            "load the same revision and files that the state was made with, or start anew",
        )
    if state["chain"] != chain:
        raise StreamStateError(
            "the digest of the steps",
            chain,
            str(state["chain"]),
            "apply the same steps with the same arguments and seeds, or start anew",
        )
