"""Arrow tables as Polars frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.schema.arrow import storage_type

if TYPE_CHECKING:
    import polars as pl


def to_polars(table: pa.Table) -> pl.DataFrame:
    """The table as a Polars frame; extension types as what they are stored as."""
    import polars as pl

    frame = pl.from_arrow(plain(table))
    assert isinstance(frame, pl.DataFrame)
    frame.columns = table.column_names  # an empty name became column_0
    return frame


def plain(table: pa.Table) -> pa.Table:
    """``table`` with extension types, nested ones too, replaced by their storage."""
    schema = pa.schema([field.with_type(storage_type(field.type)) for field in table.schema])
    if schema.types == table.schema.types:
        return table
    columns = [
        pa.chunked_array([_strip(chunk) for chunk in column.chunks], type=field.type)
        for column, field in zip(table.columns, schema, strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema.with_metadata(table.schema.metadata))


def _strip(array: pa.Array) -> pa.Array:
    target = storage_type(array.type)
    if target == array.type:
        return array
    if isinstance(array.type, pa.BaseExtensionType):
        return _strip(array.storage)
    return array.cast(target)
