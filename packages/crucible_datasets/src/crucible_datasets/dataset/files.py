"""Files read into datasets, by the name of their format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.dataset.dict import DatasetDict
    from crucible_datasets.schema import Features


def read_split(
    format_name: str,
    paths: Any,
    split: Any,
    features: Features | None,
    options: Mapping[str, Any],
) -> Dataset:
    """The rows of one file or several as a dataset.

    Args:
        format_name: ``csv``, ``json``, ``parquet`` or ``text``.
        paths: one or several.
        split: the split's name; ``train`` by default.
        features: of the rows; found out if None.
        options: of the format.
    """
    from crucible_datasets.load import load_dataset

    name = "train" if split is None else str(split)
    files = [str(p) for p in paths] if isinstance(paths, (list, tuple)) else str(paths)
    given = {key: value for key, value in options.items() if value is not None}
    read: Dataset = load_dataset(
        format_name, data_files={name: files}, split=name, features=features, **given
    )
    return read


def read_splits(
    format_name: str,
    paths: Mapping[str, Any],
    features: Features | None,
    options: Mapping[str, Any],
) -> DatasetDict:
    """The rows of the files of each split."""
    from crucible_datasets.dataset.dict import DatasetDict

    return DatasetDict(
        {
            str(name): read_split(format_name, own, name, features, options)
            for name, own in paths.items()
        }
    )
