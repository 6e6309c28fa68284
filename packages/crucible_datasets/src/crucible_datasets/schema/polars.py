"""Features as Polars data types, and back."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

from crucible_datasets.schema.arrow import arrow_type, feature_of_type, storage_type


def polars_schema(features: dict[str, Any]) -> pl.Schema:
    """The Polars schema of the stored values of some features.

    Raises:
        ValueError: if a type has no counterpart in Polars.
    """
    return pl.Schema({name: polars_dtype(feature) for name, feature in features.items()})


def polars_dtype(feature: Any) -> pl.DataType:
    """The Polars type of a feature's stored values.

    Raises:
        ValueError: if it has no counterpart in Polars.
    """
    arrow = storage_type(arrow_type(feature))
    frame = pl.from_arrow(pa.table({"x": pa.nulls(0, arrow)}))
    assert isinstance(frame, pl.DataFrame)
    return frame.schema["x"]


def feature_of_dtype(dtype: Any) -> Any:
    """The feature that holds values of a Polars type; text is ``string``, lists are ``List``.

    Raises:
        ValueError: if there is none.
    """
    frame = pl.DataFrame(schema={"x": dtype})
    return feature_of_type(small_offsets(frame.to_arrow().schema.field("x").type))


def small_offsets(arrow: pa.DataType) -> pa.DataType:
    """An Arrow type as Polars writes it, with 32-bit offsets in place of its 64-bit ones."""
    types = pa.types
    if types.is_large_string(arrow) or types.is_string_view(arrow):
        return pa.string()
    if types.is_large_binary(arrow) or types.is_binary_view(arrow):
        return pa.binary()
    if types.is_large_list(arrow):
        return pa.list_(small_offsets(arrow.value_type))
    if types.is_fixed_size_list(arrow):
        return pa.list_(small_offsets(arrow.value_type), arrow.list_size)
    if types.is_struct(arrow):
        return pa.struct([pa.field(f.name, small_offsets(f.type)) for f in arrow])
    if types.is_dictionary(arrow):
        return small_offsets(arrow.value_type)
    return arrow
