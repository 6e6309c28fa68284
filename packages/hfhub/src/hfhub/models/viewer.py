"""What the dataset viewer knows of a dataset."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DatasetParquetEntry:
    """One file of the Parquet copy of a dataset.

    Attributes:
        config: which configuration it is part of.
        split: which split it is part of.
        url: where it lies.
        size: bytes; 0 if the Hub did not say.
    """

    config: str
    split: str
    url: str
    size: int
