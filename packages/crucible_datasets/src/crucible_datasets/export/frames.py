"""Datasets as Polars and pandas frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.export.python import decoded, json_names
from crucible_datasets.table.frames import batches_to_pandas, to_pandas, to_polars

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl

    from crucible_datasets.dataset.base import BaseDataset

ROWS_AT_ONCE = 1 << 16
"""Rows of which objects are made while the next ones are read."""


def polars_frame(ds: BaseDataset, overrides: Any, rechunk: bool) -> pl.DataFrame:
    """All rows; see :meth:`ExportVerbs.to_polars`."""
    ds.table.keep(ds.column_names)
    return _finished(ds.table.lazy().collect(), overrides, rechunk)


def polars_frames(
    ds: BaseDataset, batch_size: int, overrides: Any, rechunk: bool
) -> Iterator[pl.DataFrame]:
    """The rows in frames of ``batch_size``."""
    for batch in ds.table.batches(batch_size, exact=True):
        yield _finished(to_polars(pa.Table.from_batches([batch])), overrides, rechunk)


def _finished(frame: pl.DataFrame, overrides: Any, rechunk: bool) -> pl.DataFrame:
    if overrides:
        frame = frame.cast({name: overrides[name] for name in overrides if name in frame.columns})
    return frame.rechunk() if rechunk else frame


def pandas_frame(ds: BaseDataset) -> pd.DataFrame:
    """All rows; see :meth:`ExportVerbs.to_pandas`."""
    table = ds.table
    if json_names(ds.features):
        return _pandas(ds, table.to_arrow())
    return batches_to_pandas(table.passing(ROWS_AT_ONCE), table.schema, ds.features)


def pandas_frames(ds: BaseDataset, batch_size: int) -> Iterator[pd.DataFrame]:
    """The rows in frames of ``batch_size``."""
    for batch in ds.table.batches(batch_size, exact=True):
        yield _pandas(ds, pa.Table.from_batches([batch]))


def frames_to_write(ds: BaseDataset, batch_size: int) -> Iterator[pd.DataFrame]:
    """The rows in frames of ``batch_size``, at least one; integers beside nulls keep all digits."""
    if len(ds) == 0:
        yield _pandas(ds, ds.table.to_arrow())
    for batch in ds.table.batches(batch_size, exact=True):
        yield _pandas(ds, pa.Table.from_batches([batch]), integer_object_nulls=True)


def _pandas(ds: BaseDataset, table: pa.Table, **options: Any) -> pd.DataFrame:
    frame = to_pandas(table, ds.features, **options)
    for name in json_names(ds.features):
        values = table.column(name).to_pylist()
        frame[name] = [decoded(value, ds.features[name]) for value in values]
    return frame
