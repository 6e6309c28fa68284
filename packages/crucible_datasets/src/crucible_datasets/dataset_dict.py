"""The dicts of splits, under the peer's name for their module."""

from crucible_datasets.dataset.dict import DatasetDict
from crucible_datasets.stream import IterableDatasetDict

__all__ = ["DatasetDict", "IterableDatasetDict"]
