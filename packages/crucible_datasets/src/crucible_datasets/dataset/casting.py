"""Columns cast to other features; those that are stored alike already are not read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema.arrow import arrow_type, storage_type
from crucible_datasets.schema.cast import cast_column
from crucible_datasets.schema.visit import requires_storage_cast
from crucible_datasets.table.table import Table, check_unique

if TYPE_CHECKING:
    from crucible_datasets.schema import Features


def cast_columns(table: Table, before: Features, features: Features) -> Table:
    """``table`` with its columns, in the order of ``features``, stored as those are.

    Args:
        table: the rows.
        before: what the columns hold.
        features: what they shall hold; the same columns.

    Raises:
        TypeError: a column's type can't become the feature's.
        ValueError: a value can't.
    """
    schema = table.schema
    changed = {
        name: cast_column(table.to_arrow([name]).column(0), feature)
        for name, feature in features.items()
        if not _is_stored(schema.field(name).type, feature, before[name])
    }
    if not changed:
        return table.select_columns(list(features))
    return table.with_columns(Table.from_arrow(pa.table(changed)), order=list(features))


def _is_stored(kind: pa.DataType, feature: Any, before: Any) -> bool:
    """Whether values of ``kind``, which were ``before``, are those of ``feature`` as they stand."""
    if kind != storage_type(arrow_type(feature)):
        return False  # also where only the order of a struct's fields differs
    if before == feature:
        return True
    if type(feature).__name__ == "ClassLabel":
        return False  # numbers out of range must be found
    return not requires_storage_cast(feature) or not pa.types.is_string(kind)


def flatten_columns(table: Table, features: Features, max_depth: int) -> tuple[Table, Features]:
    """Structs as columns of their fields, called ``column.field``, in the structs' place.

    Args:
        table: the rows.
        features: what the columns hold.
        max_depth: how many levels at most, plus one.

    Raises:
        ValueError: two columns would have one name.
    """
    from crucible_datasets.schema import Features

    flat = features.flatten(max_depth=max_depth)
    columns: dict[str, pa.ChunkedArray] = {}
    order: list[str] = []
    for name, field in zip(table.column_names, table.schema, strict=True):
        if not pa.types.is_struct(field.type):
            order.append(name)
            continue
        parts = table.to_arrow([name])
        for _ in range(1, max_depth):
            if not any(pa.types.is_struct(kind) for kind in parts.schema.types):
                break
            parts = parts.flatten()
        columns |= dict(zip(parts.column_names, parts.columns, strict=True))
        order += parts.column_names
    check_unique(order)
    if columns:
        table = table.with_columns(Table.from_arrow(pa.table(columns)), order=order)
    return table, Features({name: flat[name] for name in order})
