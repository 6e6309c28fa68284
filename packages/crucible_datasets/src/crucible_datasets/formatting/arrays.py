"""Arrow columns as NumPy arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.schema.array_extension import to_numpy
from crucible_datasets.schema.arrays import Array2D, Array3D, Array4D, Array5D

if TYPE_CHECKING:
    from crucible_datasets.schema import Features

_ARRAYS = (Array2D, Array3D, Array4D, Array5D)


def column_array(column: pa.ChunkedArray, feature: Any = None) -> np.ndarray[Any, Any]:
    """The values of a column as an array; of lists, as an array of arrays where they differ.

    Args:
        column: the values.
        feature: what they are; arrays of several dimensions keep their shape by it.
    """
    if isinstance(feature, _ARRAYS):
        chunks = [to_numpy(chunk, feature.shape) for chunk in column.chunks]
        values = [value for chunk in chunks for value in chunk]
    else:
        plain = pa.types.is_primitive(column.type) and not pa.types.is_boolean(column.type)
        if plain and column.null_count == 0 and not pa.types.is_temporal(column.type):
            return np.asarray(column.to_numpy())
        values = [
            value for chunk in column.chunks for value in chunk.to_numpy(zero_copy_only=False)
        ]
    return _array(values)


def _array(values: list[Any]) -> np.ndarray[Any, Any]:
    arrays = [value for value in values if isinstance(value, np.ndarray)]
    if arrays:
        first = arrays[0]
        ragged = any(
            _is_missing(value)
            if not isinstance(value, np.ndarray)
            else value.dtype == object or value.shape != first.shape
            for value in values
        )
        if ragged:
            return np.asarray(values, dtype=object)
    return np.asarray(values)


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def batch_arrays(table: pa.Table, features: Features | None) -> dict[str, np.ndarray[Any, Any]]:
    """The columns of a table as arrays."""
    return {
        name: column_array(column, None if features is None else features.get(name))
        for name, column in zip(table.column_names, table.columns, strict=True)
    }
