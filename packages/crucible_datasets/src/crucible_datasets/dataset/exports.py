"""Rows handed to other libraries, and written to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.dataset.base import BaseDataset
from crucible_datasets.table.rows import columns_of, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl


class ExportVerbs(BaseDataset):
    """``to_...``: Python objects, data frames, files."""

    def to_list(self) -> list[dict[str, Any]]:
        """All rows as dicts, whatever the format; media as they are stored, ``Json`` decoded."""
        from crucible_datasets.export.python import json_decoded

        rows: list[dict[str, Any]] = []
        for batch in self._table.batches():
            rows += rows_of(batch)
        return json_decoded(rows, self._features)

    def to_dict(
        self, batch_size: int | None = None, batched: bool = False
    ) -> dict[str, list[Any]] | Iterator[dict[str, list[Any]]]:
        """All columns as lists, whatever the format; media as they are stored, ``Json`` decoded.

        Args:
            batch_size: rows in a batch, if ``batched``; 1000 by default.
            batched: give batches, one after the other.
        """
        from crucible_datasets.export.python import json_columns

        if batched:
            batches = self._table.batches(batch_size or 1000, exact=True)
            return (json_columns(columns_of(batch), self._features) for batch in batches)
        return json_columns(columns_of(self._table.to_arrow()), self._features)

    def to_polars(
        self,
        batch_size: int | None = None,
        batched: bool = False,
        schema_overrides: Any = None,
        rechunk: bool = True,
    ) -> pl.DataFrame | Iterator[pl.DataFrame]:
        """All rows as a Polars frame, over the same memory where that can be.

        Args:
            batch_size: rows in a frame, if ``batched``; 1000 by default.
            batched: give frames, one after the other.
            schema_overrides: name -> Polars type, for columns that shall have another.
            rechunk: make each column one piece.
        """
        from crucible_datasets.export.frames import polars_frame, polars_frames

        if batched:
            return polars_frames(self, batch_size or 1000, schema_overrides, rechunk)
        return polars_frame(self, schema_overrides, rechunk)

    def to_pandas(
        self, batch_size: int | None = None, batched: bool = False
    ) -> pd.DataFrame | Iterator[pd.DataFrame]:
        """All rows as a pandas frame.

        Args:
            batch_size: rows in a frame, if ``batched``; 1000 by default.
            batched: give frames, one after the other.
        """
        from crucible_datasets.export.frames import pandas_frame, pandas_frames

        return pandas_frames(self, batch_size or 1000) if batched else pandas_frame(self)

    def lazy(self) -> pl.LazyFrame:
        """The rows as a Polars frame that reads when it is collected."""
        return self._table.lazy()
