"""The columns of a table that a data frame can't hold as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from crucible_datasets.schema import Features


def decoded_columns(table: pa.Table, features: Features) -> dict[str, list[Any]]:
    """The media and ``Json`` columns of ``table``, decoded."""
    return {
        name: features.decode_column(table.column(name).to_pylist(), name)
        for name in table.column_names
        if name in features.decodable
    }
