"""Splitting a stream over the nodes of a training run, and over the workers of a node."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from crucible_datasets.stream.node import pick_shards
from crucible_datasets.stream.window import EveryNth

if TYPE_CHECKING:
    from crucible_datasets.stream.node import Node
    from crucible_datasets.stream.workers import Worker

logger = logging.getLogger(__name__)

Strategy = Literal["auto", "shards", "examples"]

ENOUGH_SHARDS = 16
"""With this many shards a worker, one shard more or less does not matter."""


@dataclass(frozen=True, slots=True)
class Distributed:
    """One node of several that read a stream together.

    Attributes:
        rank: of this node, from 0.
        world_size: how many there are.
        strategy: ``shards`` gives each node shards; ``examples`` gives each every n-th row, all
            read by all; ``auto`` takes shards where each node gets as many.
    """

    rank: int
    world_size: int
    strategy: Strategy = "auto"

    def by_shards(self, num_shards: int) -> bool:
        """Whether nodes get shards, not rows."""
        return self.strategy == "shards" or (
            self.strategy == "auto" and num_shards % self.world_size == 0
        )

    def shards_here(self, num_shards: int) -> int:
        """How many of the shards this node reads (all of them where nodes get rows)."""
        if not self.by_shards(num_shards):
            return num_shards
        return len(pick_shards(num_shards, self.world_size, self.rank, contiguous=False))

    def part_of(self, node: Node) -> Node:
        """What this node reads.

        Raises:
            ValueError: with ``shards``, if there are fewer shards than nodes.
        """
        check_enough_shards(node.num_shards, self)
        if self.by_shards(node.num_shards):
            return node.sharded(self.world_size, self.rank, contiguous=False)
        return EveryNth(node, self.world_size, self.rank)


def check_enough_shards(num_shards: int, distributed: Distributed) -> None:
    """Whether every node gets a shard, where nodes must get shards.

    Raises:
        ValueError: if not.
    """
    if distributed.strategy == "shards" and num_shards < distributed.world_size:
        raise ValueError(
            f"strategy='shards' needs at least as many shards as nodes: num_shards={num_shards} is "
            f"lower than world_size={distributed.world_size}; call reshard() first, or use 'auto'"
        )


def part_for(node: Node, worker: Worker) -> Node:
    """What a torch worker reads of ``node``.

    As in ``datasets``, worker ``i`` of ``n`` reads the shards ``i``, ``i + n``, ... Where that
    would leave workers idle or uneven, the files are first cut into the pieces that they can be
    read in.
    """
    uneven = node.num_shards % worker.count != 0
    if uneven and node.num_shards < ENOUGH_SHARDS * worker.count:
        node = node.resharded()
    if node.num_shards < worker.count and worker.index == 0:
        logger.warning(
            "There are more workers (%d) than shards (%d): the others have nothing to read.",
            worker.count,
            node.num_shards,
        )
    return node.sharded(worker.count, worker.index, contiguous=False).shifted(worker.index)
