"""What an engine needs to read a dataset's rows by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.dataset.base import BaseDataset
    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema import Features


@dataclass(frozen=True, slots=True)
class Plan:
    """Files, sizes, rows and schema.

    Attributes:
        files: what is read, in order: path or pinned URL, size, digest.
        features: the columns and what they hold.
        num_rows: how many rows.
        split: the split that they are.
        whole: whether the dataset is exactly the rows of the files, in their order; if not, an
            engine that reads the files gets other rows (save the dataset, and hand over that).
    """

    files: tuple[DataFile, ...]
    features: Features
    num_rows: int
    split: str | None
    whole: bool

    @property
    def paths(self) -> list[str]:
        """The paths or URLs."""
        return [file.path for file in self.files]

    def to_dict(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "split": self.split,
            "num_rows": self.num_rows,
            "whole": self.whole,
            "files": [
                {"path": file.path, "name": file.name, "size": file.size, "digest": file.digest}
                for file in self.files
            ],
            "features": self.features.to_dict(),
        }


def plan_of(ds: BaseDataset) -> Plan:
    """The plan of a dataset; no row is read."""
    parts = ds.table.parts
    same = all(name == ref.name for name, ref in ds.table.columns.items())
    whole = bool(ds.data_files) and len(parts) == 1 and parts[0].whole() and same
    split = None if ds.split is None else str(ds.split)
    return Plan(ds.data_files, ds.features, ds.num_rows, split, whole)
