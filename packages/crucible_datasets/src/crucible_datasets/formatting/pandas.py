"""Rows and batches as pandas frames, columns as series."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.formatting.frames import decoded_columns
from crucible_datasets.table.frames import to_pandas

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

    from crucible_datasets.schema import Features


class PandasFormatter:
    """Frames as ``pyarrow`` makes them; media and ``Json`` decoded."""

    def __init__(self, features: Features | None = None, **_: Any) -> None:
        self.features = features

    def row(self, table: pa.Table) -> pd.DataFrame:
        """A frame of one row."""
        return self.batch(table)

    def column(self, table: pa.Table) -> pd.Series[Any]:
        """The column."""
        return self.batch(table)[table.column_names[0]]

    def batch(self, table: pa.Table) -> pd.DataFrame:
        """The frame."""
        if self.features is None:
            return table.to_pandas()
        frame = to_pandas(table, self.features)
        for name, values in decoded_columns(table, self.features).items():
            frame[name] = frame[name].astype(object)
            frame[name] = values
        return frame
