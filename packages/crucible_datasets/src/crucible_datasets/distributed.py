"""``split_dataset_by_node``: one node's part of a dataset, for distributed training."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from crucible_datasets.dataset.dataset import Dataset

if TYPE_CHECKING:
    from crucible_datasets.stream import IterableDataset
    from crucible_datasets.stream.nodes import Strategy

__all__ = ["split_dataset_by_node"]

D = TypeVar("D", "Dataset", "IterableDataset")


def split_dataset_by_node(dataset: D, rank: int, world_size: int, strategy: Strategy = "auto") -> D:
    """The part of ``dataset`` that node ``rank`` of ``world_size`` reads.

    Rows by position are cut into runs that follow each other. A stream's shards are dealt out where
    their number is a multiple of ``world_size``; else every node reads all and keeps each
    ``world_size``-th row.

    Args:
        dataset: a ``Dataset`` or an ``IterableDataset``.
        rank: the node, from 0.
        world_size: how many there are.
        strategy: for streams: ``"shards"`` deals out shards, ``"examples"`` rows; ``"auto"`` is as
            said above.

    Raises:
        ValueError: the strategy is not one of these, or not for this kind of dataset; or there are
            fewer shards than nodes, with ``"shards"``.
    """
    if strategy not in ("auto", "shards", "examples"):
        raise ValueError(
            f"Invalid strategy {strategy!r}. Expected one of 'auto', 'shards', or 'examples'."
        )
    if isinstance(dataset, Dataset):
        if strategy != "auto":
            raise ValueError(
                f"Map-style datasets only support strategy='auto', but got strategy={strategy!r}."
            )
        return dataset.shard(num_shards=world_size, index=rank, contiguous=True)
    from crucible_datasets.stream import split_by_node

    return split_by_node(dataset, rank, world_size, strategy)
