"""Rows handed to other libraries, and written to files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.dataset.base import BaseDataset
from crucible_datasets.table.rows import columns_of, iterate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import pandas as pd
    import polars as pl

    from crucible_datasets.export.plan import Plan
    from crucible_datasets.stream.dataset import IterableDataset


class ExportVerbs(BaseDataset):
    """``to_...``: Python objects, data frames, files."""

    def to_list(self) -> list[dict[str, Any]]:
        """All rows as dicts, whatever the format; media as they are stored, ``Json`` decoded."""
        from crucible_datasets.export.python import json_decoded

        return json_decoded(list(iterate(self._table.batches())), self._features)

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

    def to_json(
        self,
        path_or_buf: Any,
        batch_size: int | None = None,
        num_proc: int | None = None,
        storage_options: Mapping[str, Any] | None = None,
        **to_json_kwargs: Any,
    ) -> int:
        """Write JSON lines, or one of the layouts of ``pandas.DataFrame.to_json``.

        Args:
            path_or_buf: a path, an fsspec URL, or a file open for bytes.
            batch_size: taken; it only has to cover all rows where ``lines`` is off.
            num_proc: taken; many rows are written by a thread a core.
            storage_options: for the file system that a URL names.
            to_json_kwargs: ``orient`` (records, split, index, columns, values, table), ``lines``,
                ``compression`` (gzip, bz2, xz; inferred from the path's end), ``index``,
                ``indent``; other options of pandas where it is installed.

        Returns:
            How many bytes were written, before compression.

        Raises:
            NotImplementedError: the compression is not supported.
            ValueError: a value can't be written as JSON.
        """
        from crucible_datasets.export.json import write_json

        if num_proc is not None and num_proc <= 0:
            raise ValueError(f"num_proc must be positive, but is {num_proc}")
        return write_json(self, path_or_buf, batch_size, storage_options, to_json_kwargs)

    def to_csv(
        self,
        path_or_buf: Any,
        batch_size: int | None = None,
        num_proc: int | None = None,
        storage_options: Mapping[str, Any] | None = None,
        **to_csv_kwargs: Any,
    ) -> int:
        """Write CSV.

        Args:
            path_or_buf: a path, an fsspec URL, or a file open for bytes.
            batch_size: taken, and not needed.
            num_proc: taken, and not needed.
            storage_options: for the file system that a URL names.
            to_csv_kwargs: ``sep``, ``header``, ``columns``, ``na_rep``, ``index``, ``compression``;
                other options of pandas where it is installed.

        Returns:
            How many bytes were written, before compression.
        """
        from crucible_datasets.export.csv import write_csv

        if num_proc is not None and num_proc <= 0:
            raise ValueError(f"num_proc must be positive, but is {num_proc}")
        return write_csv(self, path_or_buf, batch_size, storage_options, to_csv_kwargs)

    def to_parquet(
        self,
        path_or_buf: Any,
        batch_size: int | None = None,
        storage_options: Mapping[str, Any] | None = None,
        **parquet_writer_kwargs: Any,
    ) -> int:
        """Write Parquet, the features in its metadata.

        Args:
            path_or_buf: a path, an fsspec URL, or a file open for bytes.
            batch_size: rows of a row group; as many as make 64 MiB by default.
            storage_options: for the file system that a URL names.
            parquet_writer_kwargs: for ``pyarrow.parquet.ParquetWriter``.

        Returns:
            How many bytes the rows are in memory.
        """
        from crucible_datasets.export.parquet import write_parquet

        options = parquet_writer_kwargs
        return write_parquet(self, path_or_buf, batch_size, storage_options, options)

    def to_sql(
        self,
        name: str,
        con: Any,
        batch_size: int | None = None,
        num_proc: int | None = None,
        **sql_writer_kwargs: Any,
    ) -> int:
        """Write a table of an SQL database.

        Args:
            name: of the table.
            con: a ``sqlite3`` connection or ``sqlite:///path``; what SQLAlchemy knows, where pandas
                and it are installed.
            batch_size: rows written together; 1000 by default.
            num_proc: taken, and not needed.
            sql_writer_kwargs: ``if_exists`` (fail, append, replace); other options of
                ``pandas.DataFrame.to_sql``.

        Returns:
            How many rows were written.

        Raises:
            ValueError: the table is there already.
        """
        from crucible_datasets.export.sql import write_sql

        return write_sql(self, name, con, batch_size, sql_writer_kwargs)

    def save_to_disk(
        self,
        dataset_path: str | Path,
        max_shard_size: str | int | None = None,
        num_shards: int | None = None,
        num_proc: int | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Write a folder that :func:`load_from_disk` here and in ``datasets`` reads, format included.

        Args:
            dataset_path: the folder; an fsspec URL too.
            max_shard_size: of a file, such as ``500MB``, which is the default.
            num_shards: files, instead of a size.
            num_proc: at least as many files; so many are written at a time, by threads.
            storage_options: for the file system that the URL names.

        Raises:
            PermissionError: the dataset is read from that very folder.
            ValueError: both a size and a number of files are given.
        """
        from crucible_datasets.export.folder import save

        save(self, dataset_path, max_shard_size, num_shards, num_proc, storage_options)

    @classmethod
    def load_from_disk(
        cls,
        dataset_path: str | Path,
        keep_in_memory: bool | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> Self:
        """The dataset of a folder that :meth:`save_to_disk`, here or in ``datasets``, wrote.

        Args:
            dataset_path: the folder; an fsspec URL too.
            keep_in_memory: read it into memory, instead of mapping it.
            storage_options: for the file system that the URL names.

        Raises:
            FileNotFoundError: it is no such folder.
        """
        from crucible_datasets.export.folder import load

        return load(cls, dataset_path, keep_in_memory, storage_options)

    def to_iterable_dataset(self, num_shards: int | None = 1) -> IterableDataset:
        """The rows as a stream.

        Args:
            num_shards: parts that workers may share.

        Raises:
            ValueError: there are more parts than rows.
        """
        from crucible_datasets.stream.opening import from_dataset

        return from_dataset(self, num_shards or 1)  # type: ignore[arg-type]  # a Dataset it is

    def plan(self) -> Plan:
        """What an engine needs to read these rows by itself: pinned files, sizes, rows, schema."""
        from crucible_datasets.export.plan import plan_of

        return plan_of(self)

    def cleanup_cache_files(self) -> int:
        """Remove results of ``map`` and ``filter`` that this dataset does not use.

        Be sure that no other process uses them.

        Returns:
            How many files were removed.
        """
        from crucible_datasets.dataset.kept import clean

        return clean(self.table.cache_paths)

    def _repr_html_(self) -> str:
        """A table of the first rows, for notebooks."""
        from crucible_datasets.export.html import table_html

        return table_html(self)

    def push_to_hub(self, repo_id: str, *arguments: Any, **options: Any) -> Any:
        """Not there yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"Dataset.push_to_hub is not there yet (for {repo_id}); write Parquet files with "
            "to_parquet, or a folder with save_to_disk"
        )
