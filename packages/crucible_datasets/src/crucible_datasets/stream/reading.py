"""A stream being read: the chain as this process reads it, and where it stands."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.stream.cursor import Reader
from crucible_datasets.stream.formatted import as_batch, as_row
from crucible_datasets.stream.node import Reading, ShardOrderFixedError
from crucible_datasets.stream.nodes import part_for
from crucible_datasets.stream.rows import columns_of, columns_of_rows
from crucible_datasets.stream.typed import Typed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.schema import Features
    from crucible_datasets.stream.node import Node, Place
    from crucible_datasets.stream.nodes import Distributed
    from crucible_datasets.stream.workers import Worker


@dataclass(frozen=True, slots=True)
class Plan:
    """A stream as the user described it.

    Attributes:
        node: the steps.
        features: of the rows that are given, where known.
        format: what rows are given as; None for dicts.
        chunked: whether ``datasets`` would read tables at the end of the same steps.
        distributed: the node of a training run that reads.
        threads: how many decode media; None for what suits the machine.
    """

    node: Node
    features: Features | None
    format: Format | None
    chunked: bool
    distributed: Distributed | None
    threads: int | None = None

    def typed(self) -> Node:
        """The steps, and the last one that gives rows the dataset's types if it is needed."""
        return typed(self.node, self.features)

    def prepared(self, epoch: int, worker: Worker | None) -> Node:
        """The steps as one process reads them."""
        node = self.node
        if epoch:
            with suppress(ShardOrderFixedError):
                node = node.shuffled(np.random.default_rng(epoch))
            node = node.shifted(epoch)
        if self.distributed is not None:
            node = self.distributed.part_of(node)
        if worker is not None:
            node = part_for(node, worker)
        return typed(node, self.features)

    def open(
        self, epoch: int, worker: Worker | None, place: Place, broken: list[str] | None = None
    ) -> Reader:
        """A reader that goes on from ``place``."""
        reading = Reading(chunked=self.chunked, broken=broken, threads=self.threads)
        return Reader(self.prepared(epoch, worker), reading, place)


def typed(node: Node, features: Features | None) -> Node:
    """``node`` with its rows in the types of ``features``; the same if they have them already."""
    if features is None or node.features == features:
        return node
    return Typed(node, features)


def read_rows(reader: Reader, features: Features | None, format: Format | None) -> Iterator[Any]:  # noqa: A002
    """The rows one by one, as the format wants them."""
    if format is None or format.type is None:
        yield from reader.rows()
        return
    while (block := reader.read(1)) is not None:
        yield as_row(block, features, format)


def read_batches(
    reader: Reader,
    node: Node,
    format: Format | None,  # noqa: A002
    size: int,
    *,
    drop_last: bool,
) -> Iterator[Any]:
    """Batches of rows: dicts of columns, or what the format wants.

    Args:
        reader: reads ``node``.
        node: the steps that are read.
        format: what a batch is given as.
        size: rows in a batch.
        drop_last: leave out the last batch if it is smaller.
    """
    plain = format is None or format.type is None
    while True:
        if plain and not node.tabular:
            rows = reader.take(size)
            if not rows or (drop_last and len(rows) < size):
                return
            yield columns_of_rows(rows)
            continue
        block = reader.read(size)
        if block is None or (drop_last and block.num_rows < size):
            return
        if format is None or format.type is None:
            yield columns_of(block, node.features)
        else:
            yield as_batch(block, node.features, format)
