"""The Arrow extension types of ``Array2D`` to ``Array5D``.

They bear the names that ``datasets`` gives them, so each library reads what the other wrote. They
are not registered with pyarrow: the registry is one for the process, and ``datasets`` registers
the same names when it is imported. An unregistered type is read as its storage with the name in
the field's metadata, which :func:`read_array_field` understands.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema import dtypes
from crucible_datasets.schema.arrays import array_feature

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

_PREFIX = "datasets.features.features.Array"
_SUFFIX = "DExtensionType"


class ArrayExtensionType(pa.ExtensionType):  # type: ignore[misc]  # pyarrow ships no types
    """The Arrow type of an array: nested lists that know their shape.

    Attributes:
        shape: the size of each dimension; the first may be None.
        value_type: the name of the elements' type.
        ndims: the number of dimensions.
    """

    def __init__(self, ndims: int, shape: tuple[int | None, ...], dtype: str) -> None:
        if len(shape) != ndims:
            raise ValueError(f"an Array{ndims}D has {ndims} dimensions, but its shape is {shape}")
        if any(size is None for size in shape[1:]):
            raise ValueError(f"only the first dimension may be of any size, but shape is {shape}")
        self.ndims = ndims
        self.shape = tuple(shape)
        self.value_type = dtype
        super().__init__(nested_list_type(ndims, dtype), f"{_PREFIX}{ndims}{_SUFFIX}")

    def __arrow_ext_serialize__(self) -> bytes:
        return json.dumps((self.shape, self.value_type)).encode()

    @classmethod
    def __arrow_ext_deserialize__(cls, storage_type: pa.DataType, serialized: bytes) -> Any:
        shape, dtype = json.loads(serialized)
        return cls(len(shape), tuple(shape), dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        return extension_type, (self.ndims, self.shape, self.value_type)

    def __hash__(self) -> int:
        return hash((type(self), self.shape, self.value_type))


@lru_cache(maxsize=256)
def extension_type(ndims: int, shape: tuple[int | None, ...], dtype: str) -> ArrayExtensionType:
    """The extension type of an array of that shape.

    Raises:
        ValueError: if the shape has another number of dimensions, or None past the first.
    """
    return ArrayExtensionType(ndims, shape, dtype)


def nested_list_type(ndims: int, dtype: str) -> pa.DataType:
    """Lists of lists ... of ``dtype``, ``ndims`` deep: how an array is stored."""
    arrow = dtypes.arrow_type(dtype)
    for _ in range(ndims):
        arrow = pa.list_(arrow)
    return arrow


def read_array_type(arrow: pa.DataType) -> Any | None:
    """The feature of an extension type of ours or of ``datasets``; None for any other type."""
    name = getattr(arrow, "extension_name", "")
    if not name.startswith(_PREFIX):
        return None
    return _read(name, arrow.__arrow_ext_serialize__())


def read_array_field(metadata: Mapping[bytes, bytes] | None) -> Any | None:
    """The feature that a field's metadata name when the extension type was not registered."""
    if not metadata:
        return None
    name = metadata.get(b"ARROW:extension:name", b"").decode()
    if not name.startswith(_PREFIX):
        return None
    return _read(name, metadata[b"ARROW:extension:metadata"])


def _read(name: str, serialized: bytes) -> Any:
    shape, dtype = json.loads(serialized)
    return array_feature(int(name[len(_PREFIX)]), tuple(shape), dtype)


def to_numpy(storage: pa.Array, shape: tuple[int | None, ...]) -> np.ndarray[Any, Any]:
    """A column of arrays, stored as nested lists, as one NumPy array.

    Args:
        storage: the nested lists (not the extension array).
        shape: the feature's shape.

    Returns:
        ``(rows, *shape)``; a fixed shape with null rows becomes float64 with NaN there; a first
        dimension that differs from row to row gives a 1-D array of objects, NaN for null rows.
    """
    import numpy as np

    valid = storage.is_valid().to_numpy(zero_copy_only=False)
    values = storage
    for _ in shape:
        values = values.flatten()
    flat = values.to_numpy(zero_copy_only=False)
    if shape[0] is not None:
        dense: np.ndarray[Any, Any] = flat.reshape(-1, *shape)
        if valid.all():
            return dense
        out = np.full((len(storage), *dense.shape[1:]), np.nan)
        out[valid] = dense
        return out
    sizes = np.asarray(storage.value_lengths().fill_null(0))
    rows = np.split(flat.reshape(-1, *shape[1:]), np.cumsum(sizes)[:-1]) if len(sizes) else []
    if valid.all() and len(set(sizes.tolist())) == 1:
        return np.stack(rows)
    ragged = np.empty(len(storage), dtype=object)
    for number, row in enumerate(rows):
        ragged[number] = row if valid[number] else np.nan
    return ragged


def from_values(values: Any, shape: tuple[int | None, ...], dtype: str) -> pa.Array:
    """Arrays, given as NumPy arrays, nested lists or None, as stored nested lists.

    Args:
        values: a NumPy array with the rows in its first dimension, or a list of rows.
        shape: the feature's shape.
        dtype: the name of the elements' type.

    Raises:
        ValueError: a row has another shape.
    """
    import numpy as np

    arrow = nested_list_type(len(shape), dtype)
    if isinstance(values, np.ndarray) and values.dtype != object:
        _check_shape(values.shape[1:], shape)
        return _stack(values, dtypes.arrow_type(dtype))
    rows = list(values)
    arrays = [row for row in rows if row is not None]
    if arrays and all(isinstance(row, np.ndarray) and row.dtype != object for row in arrays):
        for row in arrays:
            _check_shape(row.shape, shape)
        pieces = [_stack(row[np.newaxis], dtypes.arrow_type(dtype)) for row in arrays]
        joined = pa.concat_arrays(pieces).cast(arrow)
        if len(arrays) == len(rows):
            return joined
        positions, taken = [], 0
        for row in rows:
            positions.append(None if row is None else taken)
            taken += row is not None
        return joined.take(pa.array(positions, pa.int64()))
    made = pa.array([_plain(row) for row in rows], arrow)
    _check_lengths(made, shape)
    return made


def _check_shape(found: tuple[int, ...], shape: tuple[int | None, ...]) -> None:
    if len(found) != len(shape) or any(
        size not in (None, n) for n, size in zip(found, shape, strict=True)
    ):
        raise ValueError(f"an array of shape {found} stands where the feature says {shape}")


def _check_lengths(storage: pa.Array, shape: tuple[int | None, ...]) -> None:
    for axis, size in enumerate(shape):
        if size is not None:
            found = set(storage.value_lengths().unique().to_pylist()) - {None, size}
            if found:
                raise ValueError(
                    f"an array with {found.pop()} items along axis {axis} stands where the feature "
                    f"says {shape}"
                )
        storage = storage.flatten()


def _stack(values: np.ndarray[Any, Any], element: pa.DataType) -> pa.Array:
    import numpy as np

    array = pa.array(np.ascontiguousarray(values).reshape(-1), element)
    for axis in range(values.ndim - 1, 0, -1):
        size = values.shape[axis]
        count = int(np.prod(values.shape[:axis], dtype=np.int64))
        offsets = pa.array(np.arange(count + 1, dtype=np.int64) * size, pa.int32())
        array = pa.ListArray.from_arrays(offsets, array)
    return array


def _plain(row: Any) -> Any:
    if hasattr(row, "tolist"):
        return row.tolist()
    if isinstance(row, (list, tuple)):
        return [_plain(item) for item in row]
    return row
