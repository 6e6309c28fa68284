"""The ``to_...`` methods of streams: all rows, read now, in another form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd
    import polars as pl

    from crucible_datasets.dataset.dataset import Dataset

ROWS_AT_ONCE = 1000


class StreamWriters:
    """Ways to turn a stream into something else. Each reads all rows."""

    def to_list(self) -> list[dict[str, Any]]:
        """The rows as a list of dicts."""
        rows: list[dict[str, Any]] = collected(self).to_list()
        return rows

    def to_dict(
        self, batch_size: int | None = None, batched: bool = False
    ) -> dict[str, list[Any]] | Iterator[dict[str, list[Any]]]:
        """The columns as lists; with ``batched`` those of ``batch_size`` rows at a time."""
        if batched:
            return (part.to_dict() for part in parts(self, batch_size))
        columns: dict[str, list[Any]] = collected(self).to_dict()
        return columns

    def to_pandas(
        self, batch_size: int | None = None, batched: bool = False
    ) -> pd.DataFrame | Iterator[pd.DataFrame]:
        """The rows as a pandas frame; with ``batched`` several of ``batch_size`` rows."""
        if batched:
            return (part.to_pandas() for part in parts(self, batch_size))
        frame: pd.DataFrame = collected(self).to_pandas()
        return frame

    def to_polars(
        self,
        batch_size: int | None = None,
        batched: bool = False,
        schema_overrides: dict[str, Any] | None = None,
        rechunk: bool = True,
    ) -> pl.DataFrame | Iterator[pl.DataFrame]:
        """The rows as a Polars frame; with ``batched`` several of ``batch_size`` rows."""
        options: dict[str, Any] = {"schema_overrides": schema_overrides, "rechunk": rechunk}
        if batched:
            return (part.to_polars(**options) for part in parts(self, batch_size))
        frame: pl.DataFrame = collected(self).to_polars(**options)
        return frame

    def to_csv(
        self,
        path_or_buf: Any,
        batch_size: int | None = None,
        storage_options: dict[str, Any] | None = None,
        **to_csv_kwargs: Any,
    ) -> int:
        """Write the rows as CSV; how many bytes. See ``Dataset.to_csv``."""
        written: int = collected(self).to_csv(
            path_or_buf, batch_size=batch_size, storage_options=storage_options, **to_csv_kwargs
        )
        return written

    def to_json(
        self,
        path_or_buf: Any,
        batch_size: int | None = None,
        storage_options: dict[str, Any] | None = None,
        **to_json_kwargs: Any,
    ) -> int:
        """Write the rows as JSON; how many bytes. See ``Dataset.to_json``."""
        written: int = collected(self).to_json(
            path_or_buf, batch_size=batch_size, storage_options=storage_options, **to_json_kwargs
        )
        return written

    def to_sql(
        self, name: str, con: Any, batch_size: int | None = None, **sql_writer_kwargs: Any
    ) -> int:
        """Write the rows into a table of a database; how many. See ``Dataset.to_sql``."""
        written: int = collected(self).to_sql(name, con, batch_size=batch_size, **sql_writer_kwargs)
        return written

    def to_parquet(
        self,
        path_or_buf: Any,
        batch_size: int | None = None,
        storage_options: dict[str, Any] | None = None,
        **parquet_writer_kwargs: Any,
    ) -> int:
        """Write the rows as Parquet; how many bytes. See ``Dataset.to_parquet``."""
        written: int = collected(self).to_parquet(
            path_or_buf,
            batch_size=batch_size,
            storage_options=storage_options,
            **parquet_writer_kwargs,
        )
        return written

    def push_to_hub(self, repo_id: str, **options: Any) -> Any:
        """Not there yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "IterableDataset.push_to_hub is not there yet; write Parquet files with to_parquet"
        )


def parts(stream: Any, batch_size: int | None) -> Iterator[Any]:
    """Datasets of ``batch_size`` rows of the stream, one after the other."""
    for table in stream.with_format("arrow").iter(batch_size=batch_size or ROWS_AT_ONCE):
        yield _dataset_of(table, stream)


def collected(stream: Any) -> Any:
    """All rows of the stream as a dataset in memory."""
    tables = list(stream.with_format("arrow").iter(batch_size=ROWS_AT_ONCE))
    if tables:
        return _dataset_of(pa.concat_tables(tables, promote_options="permissive"), stream)
    features = stream.features
    schema = pa.schema([]) if features is None else features.storage_schema
    return _dataset_of(schema.empty_table(), stream)


def _dataset_of(table: pa.Table, stream: Any) -> Dataset:
    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.info import DatasetInfo

    return Dataset(table, DatasetInfo(features=stream.features))
