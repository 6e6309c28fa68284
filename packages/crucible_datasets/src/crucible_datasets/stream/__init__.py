"""Streams: rows in order, read as they are asked for, resumed exactly, split over workers.

::

    source.py, generator.py      where rows come from
    map.py, filter.py, ...       a step each: a frozen node
    cursor.py                    reading a node, and the place between two rows
    shuffle.py, buffer.py        the shuffle buffer, and how it is made again
    state.py                     what state_dict() holds
    dataset.py                   IterableDataset: the chain, as users see it
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.stream.column import IterableColumn
    from crucible_datasets.stream.combine import concatenate, interleave, split_by_node
    from crucible_datasets.stream.dataset import IterableDataset
    from crucible_datasets.stream.dict import IterableDatasetDict
    from crucible_datasets.stream.opening import from_dataset, from_scan

_HOME = {
    "IterableColumn": "crucible_datasets.stream.column",
    "IterableDataset": "crucible_datasets.stream.dataset",
    "IterableDatasetDict": "crucible_datasets.stream.dict",
    "concatenate": "crucible_datasets.stream.combine",
    "from_dataset": "crucible_datasets.stream.opening",
    "from_scan": "crucible_datasets.stream.opening",
    "interleave": "crucible_datasets.stream.combine",
    "split_by_node": "crucible_datasets.stream.combine",
}

__all__ = [
    "IterableColumn",
    "IterableDataset",
    "IterableDatasetDict",
    "concatenate",
    "from_dataset",
    "from_scan",
    "interleave",
    "split_by_node",
]


def __getattr__(name: str) -> Any:
    try:
        home = _HOME[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value
