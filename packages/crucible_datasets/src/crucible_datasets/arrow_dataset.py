"""``Dataset`` and its kin, under the peer's name for their module."""

from crucible_datasets.combine import concatenate_datasets, interleave_datasets
from crucible_datasets.dataset.column import Column
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.dataset.dict import DatasetDict

__all__ = ["Column", "Dataset", "DatasetDict", "concatenate_datasets", "interleave_datasets"]
