"""Streams, under the peer's name for their module: see :mod:`crucible_datasets.stream`."""

from crucible_datasets.stream import IterableDataset

__all__ = ["IterableDataset"]
