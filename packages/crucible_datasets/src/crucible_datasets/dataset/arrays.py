"""Python values as Arrow columns, with the feature that they turn out to have."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.dataset.mixed import encode_mixed, mixed_feature
from crucible_datasets.dataset.plain import array_of
from crucible_datasets.schema.array_extension import from_values
from crucible_datasets.schema.arrays import Array2D, Array3D, Array4D, Array5D
from crucible_datasets.schema.arrow import arrow_type, feature_of_type, storage_type
from crucible_datasets.schema.cast import cast_column, storage_of
from crucible_datasets.schema.encode import first_telling, to_python_objects
from crucible_datasets.schema.lists import List
from crucible_datasets.schema.value import Value
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence

_SMALL_INTEGERS = {
    "attention_mask": pa.int8(),
    "special_tokens_mask": pa.int8(),
    "input_ids": pa.int32(),
    "token_type_ids": pa.int8(),
}
"""Columns that tokenizers make, and how wide ``datasets`` stores them."""

_DAYS = np.dtype("datetime64[D]")
_ARRAYS = (Array2D, Array3D, Array4D, Array5D)
_FAILED = (TypeError, pa.ArrowInvalid, pa.ArrowNotImplementedError)


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """Values in a storage type, and the feature that says what they mean."""

    array: pa.Array
    feature: Any


def column_as(values: Any, feature: Any) -> pa.Array:
    """``values`` stored as ``feature``.

    Args:
        values: a list, a NumPy array, a pandas or Polars series, an Arrow array.
        feature: what they should be; numbers become text where it says so.

    Raises:
        TypeError: the values can't become that.
        ValueError: one of them can't; ``pyarrow.ArrowInvalid`` is one.
    """
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return _one_chunk(cast_column(values, feature))
    if isinstance(feature, _ARRAYS):
        return from_values(_listed(values), feature.shape, feature.dtype)
    target = storage_type(arrow_type(feature))
    if isinstance(feature, Value) and isinstance(values, list):
        try:
            return _one_chunk(array_of(values, target))
        except _FAILED:
            pass  # the long way casts, or says what is wrong
    if any(type(leaf).__name__ == "Json" for _, leaf in leaves(feature)):
        return _one_chunk(pa.array(encode_mixed(_plain(values), feature), type=target))
    return _one_chunk(cast_column(_array(values), feature))


def column_like(values: Any, feature: Any, name: str, on_mixed_types: str | None) -> TypedColumn:
    """``values`` stored as ``feature`` if they fit it, else as what they are.

    Args:
        values: as for :func:`column_as`.
        feature: what the column was before; numbers do not become text for it.
        name: the column.
        on_mixed_types: as for :func:`inferred_column`.
    """
    if isinstance(feature, _ARRAYS):
        try:
            return TypedColumn(column_as(values, feature), feature)
        except _FAILED:
            return inferred_column(values, name, on_mixed_types)
    target = storage_type(arrow_type(feature))
    has_json = any(type(leaf).__name__ == "Json" for _, leaf in leaves(feature))
    try:
        if has_json:
            return TypedColumn(column_as(values, feature), feature)
        array = _array(values)
        if _fits(array.type, target):
            return TypedColumn(_one_chunk(cast_column(array, feature)), feature)
    except _FAILED:
        pass
    return inferred_column(values, name, on_mixed_types)


def inferred_column(values: Any, name: str, on_mixed_types: str | None) -> TypedColumn:
    """``values`` stored as what they are.

    Args:
        values: as for :func:`column_as`.
        name: the column; those that tokenizers make are stored in small integers.
        on_mixed_types: ``use_json`` stores what differs from row to row as ``Json``; None pads
            dicts with None.

    Raises:
        ValueError: the values are of several types (``pyarrow.ArrowInvalid``).
    """
    image = _image_feature(values)
    if image is not None:
        return TypedColumn(column_as(to_python_objects(_listed(values)), image), image)
    try:
        array = _array(values)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        if on_mixed_types != "use_json":
            raise
        return _with_json(values)
    if on_mixed_types == "use_json" and _has_struct(array.type):
        feature = mixed_feature(_plain(values))
        if feature is not None:
            return _with_json(values)
    small = _SMALL_INTEGERS.get(name)
    if small is not None:
        array = _narrowed(array, small)
    array = storage_of(array)
    feature = feature_of_type(array.type)
    stored = storage_type(arrow_type(feature))
    return TypedColumn(array if array.type == stored else array.cast(stored), feature)


def _with_json(values: Any) -> TypedColumn:
    plain = _plain(values)
    feature = mixed_feature(plain, always=True)
    array = pa.array(encode_mixed(plain, feature))
    wanted = storage_type(arrow_type(feature)) if feature is not None else array.type
    return TypedColumn(_one_chunk(array.cast(wanted)), feature)


def _array(values: Any) -> pa.Array:
    """The values in the type that Arrow finds for them; fields of structs as first seen."""
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return storage_of(_one_chunk(values))
    if isinstance(values, np.ndarray) and values.ndim > 1:
        return pa.array(_rows(values))
    try:
        return _one_chunk(array_of(_listed(values)))
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, TypeError):
        return _one_chunk(pa.array(_plain(values)))


def _listed(values: Any) -> Any:
    if type(values).__module__.startswith("polars"):
        return values.to_list()
    if type(values).__module__.startswith("pandas"):
        return _of_series(values)
    if isinstance(values, (list, np.ndarray)):
        return values
    return list(values)


def _of_series(series: Any) -> list[Any]:
    """The values of a pandas series; what is missing is None, but for floats, where NaN says so."""
    missing = series.isna()
    is_float = isinstance(series.dtype, np.dtype) and series.dtype.kind == "f"
    if is_float or not missing.any():
        return list(series.tolist())
    return [None if no else v for v, no in zip(series.tolist(), missing, strict=True)]


def _plain(values: Any) -> list[Any]:
    """The values with foreign objects made plain, arrays of several dimensions as lists of rows."""
    return [_flat(value) for value in to_python_objects(list(_listed(values)))]


def _flat(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return _rows(value)
    if isinstance(value, np.datetime64) and value.dtype == _DAYS:
        return value.item()
    if isinstance(value, list) and value and isinstance(first_telling(value), np.ndarray):
        return [_flat(inner) for inner in value]
    if isinstance(value, dict) and any(isinstance(inner, np.ndarray) for inner in value.values()):
        return {key: _flat(inner) for key, inner in value.items()}
    return value


def _rows(array: np.ndarray[Any, Any]) -> Any:
    if array.dtype == object or array.dtype == _DAYS:  # of which pyarrow makes no lists
        return [_flat(value) for value in array.tolist()]
    return [_rows(inner) for inner in array] if array.ndim > 1 else array


def _one_chunk(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks > 1 and array.nbytes > 1 << 31:
        raise OverflowError(
            f"a column of {array.nbytes:,} bytes passes the 2 GiB that one batch can hold; "
            "use a smaller batch_size or writer_batch_size"
        )
    return (
        array.chunk(0)
        if array.num_chunks == 1
        else pa.concat_arrays(array.chunks or [pa.nulls(0, array.type)])
    )


def _fits(found: pa.DataType, wanted: pa.DataType) -> bool:
    """Whether a cast would not turn numbers, dates and the like into text."""
    types = pa.types
    if types.is_struct(found) and types.is_struct(wanted):
        known = {field.name: field.type for field in wanted}
        return all(field.name in known and _fits(field.type, known[field.name]) for field in found)
    if _is_list(found) and _is_list(wanted):
        return _fits(found.value_type, wanted.value_type)
    text = types.is_string(wanted) or types.is_large_string(wanted)
    return not (text and (types.is_primitive(found) or types.is_decimal(found)))


def _is_list(kind: pa.DataType) -> bool:
    types = pa.types
    return bool(types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind))


def _has_struct(kind: pa.DataType) -> bool:
    return pa.types.is_struct(kind) or (_is_list(kind) and _has_struct(kind.value_type))


def _narrowed(array: pa.Array, small: pa.DataType) -> pa.Array:
    kind, depth = array.type, 0
    while pa.types.is_list(kind):
        kind, depth = kind.value_type, depth + 1
    if not pa.types.is_int64(kind) or depth > 2:
        return array
    for _ in range(depth):
        small = pa.list_(small)
    try:
        return array.cast(small)
    except pa.ArrowInvalid:  # too large a number: the column stays wide
        return array


def _image_feature(values: Any) -> Any:
    """``Image()``, or a list of it, if the first value that says something is a PIL image."""
    if not isinstance(values, (list, tuple)):
        return None
    first: Any = next((value for value in values if value is not None), None)
    nested = isinstance(first, list)
    if nested:
        lists = (value for value in values if isinstance(value, list))
        first = next((v for value in lists for v in value if v is not None), None)
    if not type(first).__module__.startswith("PIL."):
        return None
    from crucible_datasets.media.image import Image, is_pil_image

    if not is_pil_image(first):
        return None
    return List(Image()) if nested else Image()


def columns_to_batch(columns: Sequence[TypedColumn], names: Sequence[str]) -> pa.RecordBatch:
    """The columns as one batch."""
    return pa.RecordBatch.from_arrays([column.array for column in columns], names=list(names))
