"""Files read into datasets, by the name of their format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.schema import Features


def read_files(
    format_name: str,
    paths: Any,
    split: Any,
    features: Features | None,
    options: Mapping[str, Any],
    *,
    streaming: bool = False,
) -> Any:
    """The rows of one file or several as a dataset, or a stream.

    Args:
        format_name: ``csv``, ``json``, ``parquet`` or ``text``.
        paths: one or several, or those of each split by its name.
        split: the split's name; without one ``train``, or a ``DatasetDict`` of those that are named.
        features: of the rows; found out if None.
        options: of the format.
        streaming: give a stream.
    """
    from crucible_datasets.load import load_dataset

    if not isinstance(paths, Mapping):
        split = "train" if split is None else split
        paths = {str(split): paths}
    files = {str(name): _texts(own) for name, own in paths.items()}
    given = {key: value for key, value in options.items() if value is not None}
    load: Any = load_dataset  # which of its overloads is not known here
    return load(
        format_name,
        data_files=files,
        split=split,
        features=features,
        streaming=streaming,
        **given,
    )


def _texts(paths: Any) -> Any:
    return [str(path) for path in paths] if isinstance(paths, (list, tuple)) else str(paths)
