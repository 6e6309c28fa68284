"""Rows, columns and batches as NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.formatting.arrays import column_array
from crucible_datasets.formatting.tensors import TensorFormatter

if TYPE_CHECKING:
    from crucible_datasets.schema import Features

__all__ = ["NumpyFormatter", "column_array"]


class NumpyFormatter(TensorFormatter):
    """Integers as int64 arrays, floats as float32 arrays, text as it is.

    Args:
        features: of the columns.
        kwargs: for ``numpy.asarray``.
    """

    def __init__(self, features: Features | None = None, **kwargs: Any) -> None:
        super().__init__(features)
        self.kwargs = kwargs

    def leaf(self, value: Any) -> Any:
        """One value that holds no other."""
        if isinstance(value, (str, bytes, type(None), np.number, np.character)):
            return value
        default: dict[str, Any] = {}
        if isinstance(value, np.ndarray):
            if np.issubdtype(value.dtype, np.character):
                return value
            if np.issubdtype(value.dtype, np.integer):
                default = {"dtype": np.int64}
            elif np.issubdtype(value.dtype, np.floating):
                default = {"dtype": np.float32}
        return np.asarray(value, **{**default, **self.kwargs})

    def image(self, pixels: np.ndarray[Any, Any]) -> Any:
        """Height, width, channels."""
        return np.asarray(pixels, **self.kwargs)

    def stacked(self, values: list[Any]) -> Any:
        """Arrays of one shape and type as one array; others as an array of objects."""
        if values and all(
            isinstance(value, (np.ndarray, np.number, np.bool_))
            and value.shape == values[0].shape
            and value.dtype == values[0].dtype
            for value in values
        ):
            return np.stack(values)
        held = np.empty(len(values), dtype=object)
        held[:] = values  # np.array(values, dtype=object) would look into them
        return held
