"""Rows and batches as Polars frames, columns as series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from crucible_datasets.formatting.frames import decoded_columns
from crucible_datasets.table.frames import to_polars

if TYPE_CHECKING:
    import pyarrow as pa

    from crucible_datasets.schema import Features


class PolarsFormatter:
    """Frames over the same memory; media and ``Json`` decoded, as Python objects."""

    def __init__(self, features: Features | None = None, **_: Any) -> None:
        self.features = features

    def row(self, table: pa.Table) -> pl.DataFrame:
        """A frame of one row."""
        return self.batch(table)

    def column(self, table: pa.Table) -> pl.Series:
        """The column."""
        return self.batch(table).get_column(table.column_names[0])

    def batch(self, table: pa.Table) -> pl.DataFrame:
        """The frame."""
        frame = to_polars(table)
        if self.features is None:
            return frame
        made = decoded_columns(table, self.features)
        return frame.with_columns(
            [pl.Series(name, values, dtype=pl.Object) for name, values in made.items()]
        )
