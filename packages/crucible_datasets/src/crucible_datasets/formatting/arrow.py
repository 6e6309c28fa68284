"""Rows, columns and batches as Arrow has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crucible_datasets.schema.cast import with_extension_types

if TYPE_CHECKING:
    import pyarrow as pa

    from crucible_datasets.schema import Features


class ArrowFormatter:
    """Tables with the features' Arrow types, extension types included."""

    def __init__(self, features: Features | None = None, **_: object) -> None:
        self.features = features

    def row(self, table: pa.Table) -> pa.Table:
        """A table of one row."""
        return self.batch(table)

    def column(self, table: pa.Table) -> pa.ChunkedArray:
        """The column."""
        return self.batch(table).column(0)

    def batch(self, table: pa.Table) -> pa.Table:
        """The table."""
        if self.features is None:
            return table
        return with_extension_types(table, self.features.select(table.column_names))
