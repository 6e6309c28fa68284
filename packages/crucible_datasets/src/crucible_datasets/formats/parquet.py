"""Parquet: scanned where it lies; a shard is a file, a piece is a row group."""

from __future__ import annotations

import math
from collections import deque
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crucible_datasets.errors import FileFormatError
from crucible_datasets.formats.base import DEFAULT_BATCH_SIZE
from crucible_datasets.formats.conform import Conformer, conforms, filtered, rebatched, with_roots
from crucible_datasets.formats.damage import named
from crucible_datasets.formats.opening import is_compressed, open_plain
from crucible_datasets.formats.ranges import RangeFile, chunk_ranges
from crucible_datasets.formats.scan import FileFormat, FileScan, cut
from crucible_datasets.schema import Features
from crucible_datasets.schema.visit import requires_storage_cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile, Shard
    from crucible_datasets.schema.validate import Validation


_BUFFER_BYTES = 64 << 10
_KIND = "a Parquet file"
#: A batch is not to take more memory than this, nor than rows of so many bytes would.
_BATCH_BYTES = 16 << 20
_ROW_BYTES = 1 << 10


class Parquet(FileFormat):
    """Files that end in ``.parquet``."""

    name = "parquet"
    extensions = (".parquet", ".geoparquet", ".gpq")
    options = ("columns", "filters", "batch_size", "on_bad_files", "fragment_scan_options")
    by_tables = True
    typed = True

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> ParquetScan:
        """The rows of ``files``; the schema is that of the first one, unless ``features`` is given.

        Args:
            files: Parquet files.
            features: cast to these; from the ``huggingface`` metadata or the schema when None.
            options: ``columns`` (those to read), ``filters`` (an Arrow expression, or the tuples
                that ``pyarrow.parquet`` takes), ``on_bad_files`` ("error", "warn" or "skip").
        """
        files = _readable(files, options.get("on_bad_files") or "error")
        if features is None:
            features = Features.from_arrow_schema(read_schema(files[0]))
        wanted = options.get("columns")
        if wanted is not None:
            if missing := [name for name in wanted if name not in features]:
                raise ValueError(
                    f"columns={missing} are not in {files[0].name}, which has {list(features)}"
                )
            features = features.select([name for name in features if name in set(wanted)])
        return ParquetScan(
            files,
            features,
            only=_expression(options.get("filters")),
            all_columns=wanted is None,
            validation=options.get("validation"),
        )


class ParquetScan(FileScan):
    """Rows of Parquet files."""

    threads = True

    def __init__(
        self,
        files: Sequence[DataFile],
        features: Features,
        *,
        only: Any | None = None,
        all_columns: bool = True,
        validation: Validation = None,
    ) -> None:
        super().__init__(files, features)
        self.only = only
        self.all_columns = all_columns
        self.validation = validation
        self._whole: list[ParquetShard] | None = None

    def shards(self, *, pieces: bool = False) -> list[Shard]:
        """One a file, or one a row group."""
        if self._whole is None:
            self._whole = [
                ParquetShard(
                    file,
                    self.features,
                    only=self.only,
                    all_columns=self.all_columns,
                    validation=self.validation,
                )
                for file in self.files
            ]
        return cut(self._whole) if pieces else [*self._whole]

    def nbytes(self) -> int | None:
        """The uncompressed size that the files' footers give."""
        self.shards()
        footers = [shard.footer() for shard in self._whole or ()]
        return sum(
            int(f.row_group(i).total_byte_size) for f in footers for i in range(f.num_row_groups)
        )

    def lazy(self) -> pl.LazyFrame:
        """Polars' own scan where all files lie here and hold exactly the features' types."""
        import polars as pl

        paths = [file.local() for file in self.files]
        looked_at = self.validation not in (None, "off") and requires_storage_cast(self.features)
        if self.only is not None or None in paths or looked_at or not self._plain():
            return super().lazy()
        return pl.scan_parquet([str(path) for path in paths], glob=False)

    def _plain(self) -> bool:
        return all(map(_same_in_polars, self.features.storage_schema.types)) and all(
            conforms(read_schema(file), self.features) for file in self.files
        )


class ParquetShard:
    """A file, or some row groups of it that follow each other.

    Args:
        file: what is read.
        features: the columns of the scan.
        groups: the row groups, or None for all.
        only: an Arrow expression that the rows must fulfil.
        all_columns: whether a column that ``features`` does not know is an error.
        validation: what becomes of values that are not of their type.
        footer: the file's metadata, where they have been read.
    """

    def __init__(
        self,
        file: DataFile,
        features: Features,
        groups: tuple[int, ...] | None = None,
        *,
        only: Any | None = None,
        all_columns: bool = True,
        validation: Validation = None,
        footer: pq.FileMetaData | None = None,
    ) -> None:
        self.file = file
        self.features = features
        self.groups = groups
        self.only = only
        self.all_columns = all_columns
        self.validation = validation
        self._footer = footer

    def __getstate__(self) -> dict[str, Any]:
        return {**vars(self), "_footer": None}  # read again where it is needed

    def num_rows(self) -> int | None:
        """From the footer; None if a filter has to be applied first."""
        return None if self.only is not None else sum(self._sizes())

    def pieces(self) -> list[ParquetShard]:
        """One shard for each row group that has rows."""
        footer = self.footer()
        return [
            ParquetShard(
                self.file,
                self.features,
                (group,),
                only=self.only,
                all_columns=self.all_columns,
                validation=self.validation,
                footer=footer,
            )
            for group, rows in zip(self._groups(), self._sizes(), strict=True)
            if rows
        ]

    def footer(self) -> pq.FileMetaData:
        """The file's metadata, read once."""
        if self._footer is None:
            with opened(self.file) as parquet:
                self._footer = parquet.metadata
        return self._footer

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = DEFAULT_BATCH_SIZE,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order; whole row groups before ``start`` are not read."""
        wanted = with_roots(columns, predicate)
        features = self.features if wanted is None else self.features.select(wanted)
        groups, rest = self._from(start) if start > 0 else (list(self._groups()), 0)
        size = self._rows_at_once(batch_size)
        found = rebatched(self._read(features, groups, size), size, skip=rest)
        return found if predicate is None else filtered(found, predicate, columns)

    def key(self) -> str:
        """The file's content and the row groups."""
        groups = "" if self.groups is None else ",".join(map(str, self.groups))
        return f"{self.file.key()}#{groups}"

    def place(self) -> str:
        """The file and the row groups, for people."""
        if self.groups is None:
            return self.file.name
        return f"{self.file.name}, row group {', '.join(map(str, self.groups))}"

    def _groups(self) -> Sequence[int]:
        return range(self.footer().num_row_groups) if self.groups is None else self.groups

    def _sizes(self) -> list[int]:
        footer = self.footer()
        return [footer.row_group(group).num_rows for group in self._groups()]

    def _from(self, start: int) -> tuple[list[int], int]:
        """The row groups from the one with row ``start`` on, and the rows to leave out in it."""
        groups = list(self._groups())
        if self.only is None:
            for rows in self._sizes():
                if start < rows:
                    break
                start -= rows
                groups.pop(0)
        return groups, start if groups else 0

    def _rows_at_once(self, wanted: int) -> int:
        """``wanted`` rows, or fewer where rows are so large that a batch would fill the memory."""
        rows = sum(self._sizes())
        if not rows:
            return wanted
        footer = self.footer()
        size = sum(footer.row_group(group).total_byte_size for group in self._groups())
        most = min(_BATCH_BYTES, wanted * _ROW_BYTES)
        return max(1, min(wanted, most * rows // max(int(size), 1)))

    def _read(self, features: Features, groups: list[int], size: int) -> Iterator[pa.RecordBatch]:
        if not groups:
            return
        footer = self.footer()
        with named(self.file, _KIND), _stream(self.file) as stream:
            # Column chunks are read a little at a time: a shuffle has ten files open.
            parquet = pq.ParquetFile(
                stream,
                metadata=footer,
                pre_buffer=False,
                buffer_size=_BUFFER_BYTES,
                page_checksum_verification=True,  # where the writer left checksums
            )
            schema = parquet.schema_arrow
            conform = Conformer(self.file.name, self.features, list(features), self.validation)
            told = [f for f in schema if self.all_columns or f.name in self.features]
            present = conform.columns(pa.schema(told))
            # The reader takes a dot for a path into a struct, and a filter may need any column.
            whole = self.only is not None or any("." in name for name in schema.names)
            names = None if whole or present == schema.names or not present else present
            if isinstance(stream, RangeFile):
                stream.plan(chunk_ranges(footer, groups, names))
            as_it_is = conform.passes(schema)
            row = sum(footer.row_group(group).num_rows for group in range(groups[0]))
            middles = deque(_middles(footer, groups, row))
            # Of a remote file one row group at a time: of a batch across two, the columns would ask
            # for both by turns. One thread: to hand columns of small batches around takes longer
            # than to decode them.
            runs = [[group] for group in groups] if isinstance(stream, RangeFile) else [groups]
            for batch in chain.from_iterable(
                parquet.iter_batches(size, row_groups=run, columns=names, use_threads=False)
                for run in runs
            ):
                rows = batch if self.only is None else _kept(batch, self.only)
                if as_it_is:
                    yield rows.select(list(features)).replace_schema_metadata(None)
                else:
                    table = pa.Table.from_batches([rows]).select(present)
                    yield from conform(table, row=row).to_batches()
                row += batch.num_rows
                # Not sooner: it would be in the way of the first row, and a shuffle of ten files
                # would hold twenty row groups.
                if isinstance(stream, RangeFile) and row > middles[0]:
                    middles.popleft()
                    stream.go_on()


def _middles(footer: pq.FileMetaData, groups: Sequence[int], row: int) -> Iterator[float]:
    """The number of the row in the middle of each row group; behind them none is reached.

    Args:
        footer: the file's.
        groups: the numbers of the row groups.
        row: the number of the first one's first row.
    """
    for group in groups:
        count = footer.row_group(group).num_rows
        yield row + count // 2
        row += count
    yield math.inf


def _kept(batch: pa.RecordBatch, only: Any) -> pa.RecordBatch:
    """The rows for which an Arrow expression holds.

    Raises:
        ValueError: it can't be evaluated on them.
    """
    try:
        table = pa.Table.from_batches([batch]).filter(only).combine_chunks()
    except pa.ArrowException as error:
        raise ValueError(f"filters={only} can't be evaluated: {error}") from error
    found = table.to_batches()
    return found[0] if found else batch.slice(0, 0)


def read_schema(file: DataFile) -> pa.Schema:
    """The Arrow schema of a Parquet file, with its metadata."""
    with opened(file) as parquet:
        return parquet.schema_arrow


@contextmanager
def opened(file: DataFile, footer: pq.FileMetaData | None = None) -> Iterator[pq.ParquetFile]:
    """The file with its footer read, unless it is given.

    Raises:
        FileFormatError: it is no Parquet file, or a damaged one.
    """
    with named(file, _KIND), _stream(file) as stream:
        yield pq.ParquetFile(stream, metadata=footer)


def _stream(file: DataFile) -> Any:
    local = file.local()
    # Looking into a remote file costs a request, so its name is believed.
    if not file.name.endswith(Parquet.extensions) and is_compressed(file):
        with open_plain(file) as plain:
            return pa.BufferReader(plain.read())
    if local is not None:
        return pa.OSFile(str(local), "rb")
    ranges = getattr(file.source, "ranges", None)
    if ranges is not None:
        return RangeFile(ranges())
    stream = file.open()
    if stream.seekable():
        return stream
    with stream:  # in an archive: the footer is at the end
        return pa.BufferReader(stream.read())


def _readable(files: Sequence[DataFile], policy: str) -> Sequence[DataFile]:
    if policy not in ("error", "warn", "skip"):
        raise ValueError(f"on_bad_files must be 'error', 'warn' or 'skip', not {policy!r}")
    if policy == "error":
        return files
    good = []
    for file in files:
        try:
            read_schema(file)
        except FileFormatError as error:
            if policy == "warn":
                import warnings

                warnings.warn(f"left out: {error}", stacklevel=4)
        else:
            good.append(file)
    if not good:
        raise FileFormatError(f"none of {len(files)} files is a Parquet file that we can read")
    return good


def _expression(filters: Any) -> Any:
    return pq.filters_to_expression(filters) if isinstance(filters, list) else filters


#: Types that Polars' Parquet reader gives exactly as pyarrow does.
_SHARED = (
    pa.types.is_integer,
    pa.types.is_floating,
    pa.types.is_boolean,
    pa.types.is_string,
    pa.types.is_large_string,
    pa.types.is_binary,
    pa.types.is_large_binary,
)


def _same_in_polars(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        return kind.num_fields > 0 and all(_same_in_polars(field.type) for field in kind)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _same_in_polars(kind.value_type)
    return not pa.types.is_float16(kind) and any(check(kind) for check in _SHARED)


FORMAT = Parquet()
