"""Streams over what holds rows: a scan of files, a dataset, a function."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from crucible_datasets.info import DatasetInfo
from crucible_datasets.stream.dataset import IterableDataset
from crucible_datasets.stream.source import TableSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.formats.base import Scan, Shard
    from crucible_datasets.splits import NamedSplit
    from crucible_datasets.table.table import Table

ROWS_AT_ONCE = 1000


def from_scan(
    scan: Scan,
    *,
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    by_tables: bool = True,
    typed: bool = True,
) -> IterableDataset:
    """A stream over the files of a scan, one shard a file.

    Args:
        scan: the files and their schema.
        info: what is known of the dataset.
        split: the split that the rows are.
        by_tables: whether ``datasets`` reads tables from this format (Parquet, Arrow, JSON, CSV,
            text), not rows (folders of media, webdataset). Its shuffle order depends on it.
        typed: whether ``datasets`` knows the features before it reads: for Parquet, Arrow, JSON, or
            where the user or the card gives them; not for CSV and text. Its shuffle order depends
            on it.
    """
    info = DatasetInfo() if info is None else info.copy()
    info.features = scan.features
    node = TableSource(tuple(scan.shards()), scan.features, by_tables)
    return IterableDataset(node, info, split, untyped=not typed)


def from_dataset(dataset: Dataset, num_shards: int = 1) -> IterableDataset:
    """A stream over the rows of a dataset.

    Args:
        dataset: the rows.
        num_shards: into how many runs of rows they are cut.

    Raises:
        ValueError: there are fewer rows than that.
        NotImplementedError: the dataset's format has columns or keyword arguments.
    """
    rows = len(dataset)
    if num_shards > rows:
        raise ValueError(
            f"Unable to shard a dataset of size {rows} into {num_shards} shards "
            "(the number of shards exceeds the number of samples)."
        )
    format = dataset.rows_format  # noqa: A001 # it is one
    if format.type is not None and (
        format.kwargs
        or (format.columns is not None and set(format.columns) != set(dataset.column_names))
    ):
        raise NotImplementedError(
            "to_iterable_dataset of a format with columns or keyword arguments is not there yet; "
            "call with_format(None) before it, and with_format on the stream"
        )
    each, more = divmod(rows, num_shards)
    starts = [each * i + min(i, more) for i in range(num_shards + 1)]
    shards = tuple(RowsShard(dataset.table, start, stop) for start, stop in pairwise(starts))
    stream = IterableDataset(
        TableSource(shards, dataset.features), DatasetInfo(features=dataset.features)
    )
    return stream if format.type is None else stream.with_format(format.type)


@dataclass(frozen=True, slots=True)
class RowsShard:
    """A run of rows of a table.

    Attributes:
        table: the rows.
        start: the first one.
        stop: the one behind the last.
    """

    table: Table
    start: int
    stop: int

    def num_rows(self) -> int:
        """How many rows."""
        return self.stop - self.start

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = ROWS_AT_ONCE,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order; see :class:`crucible_datasets.formats.base.Shard`."""
        from crucible_datasets.formats.conform import filtered

        read = columns
        if columns is not None and predicate is not None:
            read = list(dict.fromkeys([*columns, *predicate.meta.root_names()]))
        found = self.table.batches(
            batch_size, read, start=min(self.stop, self.start + start), stop=self.stop
        )
        return found if predicate is None else filtered(found, predicate, columns)

    def key(self) -> str:
        """The table's content and the run."""
        return f"{self.table.key()}#{self.start}-{self.stop}"

    def place(self) -> str:
        """The run in words."""
        return f"rows {self.start} to {self.stop} of a dataset"

    def pieces(self) -> list[Shard]:
        """The run itself: it could be cut anywhere, and ``datasets`` does not."""
        return [self]
