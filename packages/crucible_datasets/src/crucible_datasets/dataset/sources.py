"""``Dataset.from_...``: the constructors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.dataset import create
from crucible_datasets.dataset.base import BaseDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from crucible_datasets.info import DatasetInfo
    from crucible_datasets.schema import Features
    from crucible_datasets.splits import NamedSplit
    from crucible_datasets.table.table import Table


class Sources(BaseDataset):
    """Datasets out of what Python programs hold, and out of files."""

    @classmethod
    def _made(
        cls,
        made: tuple[Table, Features],
        info: DatasetInfo | None,
        split: NamedSplit | str | None,
    ) -> Self:
        table, features = made
        return cls.from_table(table, features, info=None if info is None else info, split=split)

    @classmethod
    def from_dict(
        cls,
        mapping: Mapping[str, Any],
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        on_mixed_types: str | None = None,
    ) -> Self:
        """A dataset of columns.

        Args:
            mapping: lists, arrays or series of one length, by name.
            features: what they are, and are cast to; found out if None.
            info: what else is known.
            split: the split's name.
            on_mixed_types: ``use_json`` stores values of several types as ``Json``.

        Raises:
            ValueError: a value is not what its column is, or a column has another length.
        """
        features = create.one_of(features, info)
        return cls._made(create.table_of_columns(mapping, features, on_mixed_types), info, split)

    @classmethod
    def from_list(
        cls,
        mapping: Sequence[Mapping[str, Any]],
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        on_mixed_types: str | None = None,
    ) -> Self:
        """A dataset of rows; the first one says which columns there are.

        Args:
            mapping: the rows.
            features: what the columns are, and are cast to; found out if None.
            info: what else is known.
            split: the split's name.
            on_mixed_types: ``use_json`` stores values of several types as ``Json``.

        Raises:
            ValueError: a value is not what its column is.
        """
        columns = create.columns_of_rows(mapping)
        return cls.from_dict(columns, features, info, split, on_mixed_types)

    @classmethod
    def from_pandas(
        cls,
        df: pd.DataFrame,
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        preserve_index: bool | None = None,
    ) -> Self:
        """A dataset of a pandas frame.

        Args:
            df: the rows.
            features: what the columns are cast to.
            info: what else is known.
            split: the split's name.
            preserve_index: keep the index as a column; None does unless it is a plain range.

        Raises:
            TypeError: a column's type can't become the feature's.
            ValueError: a value can't.
        """
        import pyarrow as pa

        features = create.one_of(features, info)
        table = pa.Table.from_pandas(df, preserve_index=preserve_index)
        return cls._made(create.table_of_frame(table, features), info, split)

    @classmethod
    def from_polars(
        cls,
        df: pl.DataFrame | pl.LazyFrame,
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
    ) -> Self:
        """A dataset of a Polars frame; a lazy one is collected.

        Args:
            df: the rows.
            features: what the columns are cast to.
            info: what else is known.
            split: the split's name.

        Raises:
            TypeError: a column's type can't become the feature's.
            ValueError: a value can't.
        """
        import polars as pl

        features = create.one_of(features, info)
        frame = df.collect() if isinstance(df, pl.LazyFrame) else df
        return cls._made(create.table_of_frame(frame.to_arrow(), features), info, split)

    @classmethod
    def from_generator(
        cls,
        generator: Callable[..., Iterable[Any]],
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        gen_kwargs: Mapping[str, Any] | None = None,
        num_proc: int | None = None,
        split: NamedSplit | str = "train",
        fingerprint: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """A dataset of what a generator function yields: rows, or ``(key, row)`` pairs.

        More rows than 64 MB hold are written to the cache, and found there by the next call with
        the same function and arguments, while caching is enabled; fewer are held in memory.

        Args:
            generator: the function.
            features: of the rows; found out from the first thousand if None.
            cache_dir: the folder for the file.
            keep_in_memory: write no file.
            gen_kwargs: what it is called with; it is called once for each item of the lists in it.
            num_proc: accepted for code written for ``datasets``; the generator runs here.
            split: the split's name.
            fingerprint: a name for the content, and for the file.
            kwargs: likewise accepted.

        Raises:
            DatasetGenerationError: it yields nothing and no features say what the columns are.
            RuntimeError: the lists in ``gen_kwargs`` are of different lengths.
            TypeError: it is not a function.
        """
        # Fingerprints and the cache are loaded with it, which a first row can do without.
        from crucible_datasets.dataset.generated import table_of_generator

        del num_proc, kwargs
        table, found = table_of_generator(
            generator,
            features,
            gen_kwargs,
            cache_dir=cache_dir,
            keep_in_memory=keep_in_memory,
            fingerprint=fingerprint,
        )
        return cls.from_table(table, found, split=split, fingerprint=fingerprint)

    @classmethod
    def from_file(
        cls,
        filename: str | Path,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        indices_filename: str | None = None,
        in_memory: bool = False,
    ) -> Self:
        """The dataset of an Arrow file, memory-mapped.

        Args:
            filename: an Arrow file or stream file.
            info: what else is known.
            split: the split's name.
            indices_filename: an Arrow file with positions, where not all rows are meant.
            in_memory: read it into memory.

        Raises:
            FileNotFoundError: there is no such file.
        """
        features = None if info is None else info.features
        if in_memory:
            made = create.adopt_table(create.read_arrow(filename, in_memory=True), features)
        else:
            made = create.mapped_table(filename, features)
        if indices_filename is None:
            return cls._made(made, info, split)
        positions = create.read_arrow(indices_filename, in_memory=True).column(0).to_numpy()
        return cls._made((made[0].select_rows(positions), made[1]), info, split)

    @classmethod
    def from_buffer(
        cls,
        buffer: pa.Buffer,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        indices_buffer: pa.Buffer | None = None,
    ) -> Self:
        """The dataset of an Arrow stream in memory.

        Args:
            buffer: the stream.
            info: what else is known.
            split: the split's name.
            indices_buffer: positions, where not all rows are meant.
        """
        import pyarrow as pa

        features = None if info is None else info.features
        table, found = create.adopt_table(pa.ipc.open_stream(buffer).read_all(), features)
        if indices_buffer is not None:
            positions = pa.ipc.open_stream(indices_buffer).read_all().column(0)
            table = table.select_rows(positions.to_numpy())
        return cls._made((table, found), info, split)

    @classmethod
    def from_csv(
        cls,
        path_or_paths: Any,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        num_proc: int | None = None,
        **kwargs: Any,
    ) -> Self:
        """The rows of CSV files, scanned where they lie.

        Args:
            path_or_paths: one path or several, URLs too.
            split: the split's name.
            features: of the rows; found out if None.
            cache_dir: taken, and not needed.
            keep_in_memory: taken, and not needed.
            num_proc: taken, and not needed.
            kwargs: of the format, such as ``sep``.
        """
        made: Self = _read("csv", path_or_paths, split, features, kwargs)
        return made

    @classmethod
    def from_json(
        cls,
        path_or_paths: Any,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        field: str | None = None,
        num_proc: int | None = None,
        **kwargs: Any,
    ) -> Self:
        """The rows of JSON files, scanned where they lie.

        Args:
            path_or_paths: one path or several, URLs too.
            split: the split's name.
            features: of the rows; found out if None.
            cache_dir: taken, and not needed.
            keep_in_memory: taken, and not needed.
            field: the key of the object under which the rows are.
            num_proc: taken, and not needed.
            kwargs: of the format.
        """
        made: Self = _read("json", path_or_paths, split, features, {"field": field, **kwargs})
        return made

    @classmethod
    def from_parquet(
        cls,
        path_or_paths: Any,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        columns: list[str] | None = None,
        num_proc: int | None = None,
        filters: Any = None,
        fragment_scan_options: Any = None,
        on_bad_files: str = "error",
        **kwargs: Any,
    ) -> Self:
        """The rows of Parquet files, scanned where they lie.

        Args:
            path_or_paths: one path or several, URLs too.
            split: the split's name.
            features: of the rows; found out if None.
            cache_dir: taken, and not needed.
            keep_in_memory: taken, and not needed.
            columns: those to have; all of them by default.
            num_proc: taken, and not needed.
            filters: keep rows only where they hold, as ``pyarrow.parquet.read_table`` takes them.
            fragment_scan_options: taken, and not needed.
            on_bad_files: ``error``, ``warn`` or ``skip``.
            kwargs: of the format.
        """
        options = {
            "columns": columns,
            "filters": filters,
            "fragment_scan_options": fragment_scan_options,
            "on_bad_files": None if on_bad_files == "error" else on_bad_files,
            **kwargs,
        }
        made: Self = _read("parquet", path_or_paths, split, features, options)
        return made

    @classmethod
    def from_text(
        cls,
        path_or_paths: Any,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        num_proc: int | None = None,
        keep_linebreaks: bool = False,
        sample_by: str = "line",
        **kwargs: Any,
    ) -> Self:
        """The lines, paragraphs or whole texts of text files, in a column ``text``.

        Args:
            path_or_paths: one path or several, URLs too.
            split: the split's name.
            features: of the rows; found out if None.
            cache_dir: taken, and not needed.
            keep_in_memory: taken, and not needed.
            num_proc: taken, and not needed.
            keep_linebreaks: leave the ends of lines on.
            sample_by: ``line``, ``paragraph`` or ``document``.
            kwargs: of the format.
        """
        options = {"keep_linebreaks": keep_linebreaks, "sample_by": sample_by, **kwargs}
        made: Self = _read("text", path_or_paths, split, features, options)
        return made

    @classmethod
    def from_sql(
        cls,
        sql: Any,
        con: Any,
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        **kwargs: Any,
    ) -> Self:
        """The rows that a SQL query gives.

        Args:
            sql: a query, or the name of a table.
            con: a URI (``sqlite:///file.db``, ``postgresql://...``), an open connection, or a
                SQLAlchemy engine.
            features: of the rows; found out if None.
            cache_dir: taken, and not needed.
            keep_in_memory: taken, and not needed.
            kwargs: ``params`` for the query, ``coerce_float``.

        Raises:
            SchemaError: a value is not as ``features`` say.
        """
        from crucible_datasets.formats.sql import read_sql
        from crucible_datasets.table.table import Table

        kwargs.pop("chunksize", None)  # all rows are wanted
        rows, found = read_sql(sql, con, features=features, **kwargs)
        return cls._made((Table.from_arrow(rows), found), None, None)

    @classmethod
    def from_spark(
        cls,
        df: Any,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        keep_in_memory: bool = True,
        cache_dir: str | None = None,
        working_dir: str | None = None,
        load_from_cache_file: bool = True,
        **kwargs: Any,
    ) -> Self:
        """The rows of a Spark frame, collected to this process.

        Args:
            df: the frame.
            split: the split's name.
            features: of the rows; found out if None.
            keep_in_memory: taken; rows are in memory.
            cache_dir: taken, and not needed.
            working_dir: taken, and not needed.
            load_from_cache_file: taken, and not needed.
            kwargs: taken, and not needed.
        """
        if not hasattr(df, "toArrow"):  # Spark before 4
            return cls.from_pandas(df.toPandas(), features=features, split=split)
        return cls._made(create.table_of_frame(df.toArrow(), features), None, split)


def _read(
    name: str, paths: Any, split: Any, features: Features | None, options: Mapping[str, Any]
) -> Any:  # the caller's class, which this module is below
    from crucible_datasets.dataset.files import read_files

    return read_files(name, paths, split, features, options)
