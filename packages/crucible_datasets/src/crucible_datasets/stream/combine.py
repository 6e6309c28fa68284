"""Several streams as one, and one stream as several."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.info import DatasetInfo
from crucible_datasets.schema import Features
from crucible_datasets.stream.concat import Beside, Concat
from crucible_datasets.stream.interleaving import Chance, Interleave
from crucible_datasets.stream.nodes import Distributed, check_enough_shards
from crucible_datasets.stream.reading import typed
from crucible_datasets.table.table import check_unique

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.splits import NamedSplit
    from crucible_datasets.stream.dataset import IterableDataset
    from crucible_datasets.stream.interleaving import Stopping
    from crucible_datasets.stream.node import Node
    from crucible_datasets.stream.nodes import Strategy


def concatenate(
    streams: Sequence[IterableDataset],
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    axis: int = 0,
) -> IterableDataset:
    """The rows of all streams one after the other, or (``axis=1``) their columns side by side.

    Columns that a stream does not have are None in its rows.

    Args:
        streams: at least one.
        info: of the result; merged from the streams' by default.
        split: the name of the result's split.
        axis: 0 for rows, 1 for columns.

    Raises:
        ValueError: the types of a column differ, a column is there twice (``axis=1``), or the
            streams are not split by node in the same way.
    """
    known = [stream.resolve_features() for stream in streams]
    if axis == 1:
        check_unique([name for stream in known for name in _types(stream)])
    distributed = _same_nodes(known)
    features = aligned_features([_types(stream) for stream in known])
    if axis == 0:
        node: Node = Concat(_typed_nodes(known, features), features)
    else:
        node = Beside(tuple(stream.typed_node() for stream in known), features)
    return _combined(known, node, features, info, split, _same_format(known), distributed)


def interleave(
    streams: Sequence[IterableDataset],
    probabilities: Sequence[float] | None = None,
    seed: int | None = None,
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    stopping_strategy: Stopping = "first_exhausted",
) -> IterableDataset:
    """Rows of all streams in turn, or drawn by chance as ``datasets`` draws them.

    Args:
        streams: at least one.
        probabilities: of each stream; None takes turns.
        seed: for the draws.
        info: of the result; merged from the streams' by default.
        split: the name of the result's split.
        stopping_strategy: ``first_exhausted``, ``all_exhausted`` (shorter streams are read
            again) or ``all_exhausted_without_replacement``.

    Raises:
        ValueError: the types of a column differ, or the streams are not split by node alike.
    """
    known = [stream.resolve_features() for stream in streams]
    distributed = _same_nodes(known)
    features = aligned_features([_types(stream) for stream in known])
    chance = None
    if probabilities is not None:
        chance = Chance(np.random.default_rng(seed), tuple(probabilities))
    node = Interleave(_typed_nodes(known, features), stopping_strategy, chance, features)
    return _combined(known, node, features, info, split, None, distributed)


def split_by_node(
    stream: IterableDataset, rank: int, world_size: int, strategy: Strategy = "auto"
) -> IterableDataset:
    """The part of a stream that one node of a training run reads.

    Args:
        stream: the whole. If it is a part already, that part is split further.
        rank: of this node, from 0.
        world_size: how many there are.
        strategy: ``shards``: every node gets shards; ``examples``: every node reads all and keeps
            every ``world_size``-th row; ``auto``: shards where every node gets as many.

    Raises:
        ValueError: there are fewer shards than nodes, or the stream was split by another strategy.
    """
    before = stream.distributed
    if before is not None:
        if strategy not in ("auto", before.strategy):
            raise ValueError(
                f"this stream is split by strategy={before.strategy!r} already; "
                f"it can't be split further by {strategy!r}"
            )
        strategy = before.strategy
        rank = world_size * before.rank + rank
        world_size = world_size * before.world_size
    distributed = Distributed(rank, world_size, strategy)
    check_enough_shards(stream.node.num_shards, distributed)
    return stream.derive(distributed=distributed)


def aligned_features(all_features: Sequence[Features]) -> Features:
    """The columns of all, in order of appearance.

    A column whose values are all null takes the type that another stream gives it.

    Raises:
        ValueError: two streams give a column different types.
    """
    from crucible_datasets.schema import Value

    nothing = Value("null")
    found: dict[str, Any] = {}
    for features in all_features:
        for name, feature in features.items():
            known = found.get(name, nothing)
            if known in (nothing, feature):
                found[name] = feature
            elif feature != nothing and not _same_kind(known, feature):
                raise ValueError(
                    f"the features can't be aligned: column {name!r} is {known} in one dataset "
                    f"and {feature} in another; cast one of them first"
                )
    return Features(found)


def _same_kind(one: Any, other: Any) -> bool:
    """Structs may list their fields in another order."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same_kind(one[k], other[k]) for k in one)
    inner = [getattr(feature, "feature", None) for feature in (one, other)]
    if type(one) is type(other) and None not in inner:
        return _same_kind(*inner)
    return bool(one == other)


def _types(stream: IterableDataset) -> Features:
    features = stream.features
    assert features is not None, "resolve_features() gives features"
    return features


def _typed_nodes(streams: Sequence[IterableDataset], features: Features) -> tuple[Node, ...]:
    return tuple(typed(stream.typed_node(), features) for stream in streams)


def _same_nodes(streams: Sequence[IterableDataset]) -> Distributed | None:
    first = streams[0].distributed
    for index, stream in enumerate(streams):
        if stream.distributed != first:
            raise ValueError(
                "the datasets must be split by node in the same way: the first one is "
                f"{first}, number {index} is {stream.distributed}"
            )
    return first


def _same_format(streams: Sequence[IterableDataset]) -> Format | None:
    first = streams[0].rows_format
    return first if all(stream.rows_format == first for stream in streams) else None


def _combined(
    streams: Sequence[IterableDataset],
    node: Node,
    features: Features,
    info: DatasetInfo | None,
    split: NamedSplit | str | None,
    formatting: Format | None,
    distributed: Distributed | None,
) -> IterableDataset:
    merged = DatasetInfo.from_merge([s.info for s in streams]) if info is None else info.copy()
    merged.features = features
    return type(streams[0])(node, merged, split, formatting, distributed)
