"""Arrow tables as Polars and pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.schema.array_extension import to_numpy
from crucible_datasets.schema.arrays import is_array_feature
from crucible_datasets.schema.arrow import storage_type
from crucible_datasets.table.chats import chat_objects, is_chats

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    import polars as pl

    from crucible_datasets.schema import Features


def to_polars(table: pa.Table) -> pl.DataFrame:
    """The table as a Polars frame; extension types as what they are stored as."""
    import polars as pl

    frame = pl.from_arrow(plain(table))
    assert isinstance(frame, pl.DataFrame)
    frame.columns = table.column_names  # an empty name became column_0
    return frame


def to_pandas(table: pa.Table, features: Features, **options: Any) -> pd.DataFrame:
    """The table as a pandas frame; arrays of several dimensions as NumPy arrays.

    Args:
        table: columns of the storage types.
        features: what the columns hold.
        options: of ``pyarrow.Table.to_pandas``.
    """
    return batches_to_pandas(table.to_batches(), table.schema, features, **options)


def batches_to_pandas(
    batches: Iterable[pa.RecordBatch], schema: pa.Schema, features: Features, **options: Any
) -> pd.DataFrame:
    """The same of batches: objects are made of one while the next ones are read."""
    import pandas as pd

    chats = [field.name for field in schema if is_chats(field.type)]
    rows = []
    objects: dict[str, list[Any]] = {name: [np.empty(0, dtype=object)] for name in chats}
    for batch in batches:
        rows.append(batch)
        for name in chats:
            objects[name].append(chat_objects(batch.column(name)))
    table = pa.Table.from_batches(rows, schema)
    frame = table.drop_columns(chats).to_pandas(**options)
    for name in chats:
        column = pd.Series(np.concatenate(objects[name]), dtype=object)
        frame.insert(schema.get_field_index(name), name, column)
    for name in schema.names:
        if is_array_feature(features[name]):
            chunks = table.column(name).chunks
            arrays = [row for chunk in chunks for row in to_numpy(chunk, features[name].shape)]
            frame[name] = arrays
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
