"""Datasets out of what Python programs hold: dicts, lists, frames, Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.dataset.arrays import TypedColumn, column_as, inferred_column
from crucible_datasets.schema import Features
from crucible_datasets.schema.arrow import storage_type
from crucible_datasets.schema.cast import cast_table, storage_of
from crucible_datasets.table.streams import stream_files
from crucible_datasets.table.table import Table, check_unique

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from crucible_datasets.info import DatasetInfo


def adopt_table(table: pa.Table | Table, features: Features | None) -> tuple[Table, Features]:
    """An Arrow table, or ours, with the features that it has, or that it is said to have.

    Args:
        table: the rows.
        features: what they are; found out from types and metadata if None.

    Raises:
        TypeError: it is not a table.
        ValueError: ``features`` are not those of the table, or two columns have one name.
    """
    if not isinstance(table, (pa.Table, Table)):
        raise TypeError(f"expected a pyarrow.Table, but got a {type(table).__name__}")
    found = Features.from_arrow_schema(table.schema)
    if features is None:
        features = found
    else:
        features = features.reorder_fields_as(found)
        if storage_type(features.type) != storage_type(found.type):
            raise ValueError(
                f"the features don't match the table: they say\n{features}\nbut it holds\n{found}"
            )
    if isinstance(table, Table):
        return table, features
    check_unique(table.column_names)
    return Table.from_arrow(stored(table, features)), features


def stored(table: pa.Table, features: Features) -> pa.Table:
    """``table`` in the storage types of its features: no extension types, no dictionaries."""
    schema = features.storage_schema
    if table.schema.types == schema.types:
        return table.replace_schema_metadata(None)
    columns = []
    for column, field in zip(table.columns, schema, strict=True):
        chunks = [_stored(chunk, field.type) for chunk in column.chunks]
        columns.append(pa.chunked_array(chunks, type=field.type))
    return pa.Table.from_arrays(columns, schema=schema.remove_metadata())


def _stored(array: pa.Array, kind: pa.DataType) -> pa.Array:
    plain = storage_of(array)
    return plain if plain.type == kind else plain.cast(kind)


def one_of(features: Features | None, info: DatasetInfo | None) -> Features | None:
    """The features of two places that may both have them.

    Raises:
        ValueError: they differ.
    """
    if features is not None and info is not None and info.features not in (None, features):
        raise ValueError(f"features and info.features differ:\n{features}\n{info.features}")
    if features is None and info is not None:
        features = info.features
    return None if features is None else Features(features)


def table_of_columns(
    mapping: Mapping[str, Any], features: Features | None, on_mixed_types: str | None
) -> tuple[Table, Features]:
    """Columns by name as a table.

    Args:
        mapping: lists, arrays or series of one length.
        features: what they are; found out if None.
        on_mixed_types: ``use_json`` stores values of several types as ``Json``.

    Raises:
        ValueError: a value has another type, or the columns another length or other names.
    """
    columns = {
        name: inferred_column(values, name, on_mixed_types)
        if features is None
        else _encoded(values, features, name)
        for name, values in mapping.items()
    }
    if features is not None and set(features) != set(columns):
        raise ValueError(f"the features have columns {list(features)}, the data {list(columns)}")
    table = pa.table({name: column.array for name, column in columns.items()})
    found = Features({name: column.feature for name, column in columns.items()})
    return Table.from_arrow(table), found


def _encoded(values: Any, features: Features, name: str) -> TypedColumn:
    if name not in features:
        raise ValueError(f"column {name!r} is not in the features {list(features)}")
    if not isinstance(values, (pa.Array, pa.ChunkedArray)):
        values = features.encode_column(values, name)
    return TypedColumn(column_as(values, features[name]), features[name])


def columns_of_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Rows as columns; the first row says which."""
    return {name: [row.get(name) for row in rows] for name in rows[0]} if rows else {}


def table_of_frame(table: pa.Table, features: Features | None) -> tuple[Table, Features]:
    """An Arrow table made from a data frame, cast to ``features`` if there are any.

    Raises:
        TypeError: a column's type can't become the feature's.
        ValueError: a value can't.
    """
    if features is None:
        features = Features.from_arrow_schema(table.schema)
        return Table.from_arrow(stored(table, features)), features
    return Table.from_arrow(cast_table(table, features)), features


def read_arrow(path: str | Path, *, in_memory: bool = False) -> pa.Table:
    """The table of an Arrow file or stream file, memory-mapped unless ``in_memory``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it is no Arrow file (``pyarrow.ArrowInvalid``).
    """
    source = pa.OSFile(str(path)) if in_memory else pa.memory_map(str(path))
    with source:
        try:
            return pa.ipc.open_stream(source).read_all()
        except pa.ArrowInvalid:
            source.seek(0)
            return pa.ipc.open_file(source).read_all()


def mapped_table(path: str | Path, features: Features | None) -> tuple[Table, Features]:
    """An Arrow file as a table that reads pages as rows are asked for."""
    source, found = stream_files([str(path)], features)
    return Table.from_source(source), found
