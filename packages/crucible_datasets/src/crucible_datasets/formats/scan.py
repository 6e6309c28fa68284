"""What the scans of all formats share; a format says how its shards are cut and read."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile, Scan, Shard
    from crucible_datasets.schema import Features

#: Rows that are read at once where nobody asked for a size.
READ_ROWS = 8192


class FileScan(ABC):
    """The rows of files, shard after shard.

    Attributes:
        threads: whether shards are decoded without Python, so that several threads are faster.
        typed: whether the peer knows the types of these files before it reads rows, if it does of the
            format.
    """

    threads = False
    typed = True

    def __init__(self, files: Sequence[DataFile], features: Features) -> None:
        self.files = tuple(files)
        self.features = features
        self._num_rows: int | None = None

    @abstractmethod
    def shards(self, *, pieces: bool = False) -> list[Shard]:
        """The rows cut into runs; see :class:`crucible_datasets.formats.base.Scan`."""

    def num_rows(self) -> int:
        """How many rows there are; counted once."""
        if self._num_rows is None:
            self._num_rows = sum(map(count_rows, self.shards()))
        return self._num_rows

    def batches(
        self, *, columns: Sequence[str] | None = None, batch_size: int = READ_ROWS
    ) -> Iterator[pa.RecordBatch]:
        """All rows in order."""
        for shard in self.shards():
            yield from shard.batches(columns=columns, batch_size=batch_size)

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows as one table."""
        schema = self.features.storage_schema.remove_metadata()
        if columns is not None:
            schema = pa.schema([schema.field(name) for name in columns])
        return pa.Table.from_batches(self.batches(columns=columns), schema=schema)

    def nbytes(self) -> int | None:
        """About what :meth:`read` would hold: the files' sizes, where they are known."""
        sizes = [file.size for file in self.files]
        return None if None in sizes else sum(size or 0 for size in sizes)

    def lazy(self) -> pl.LazyFrame:
        """A Polars frame that reads, shard by shard, only what a query needs of it."""
        return shards_as_frame(self.shards(), self.features)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.files)} files, columns {list(self.features)}>"


class FileFormat(ABC):
    """A format whose first file has the schema of all splits."""

    @abstractmethod
    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> Scan:
        """The rows of ``files``; see :class:`crucible_datasets.formats.base.Format`."""

    def scan_splits(
        self,
        splits: Mapping[str, Sequence[DataFile]],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> dict[str, Scan]:
        """One scan a split; the first one's features are those of all."""
        scans: dict[str, Scan] = {}
        for split, files in splits.items():
            scans[split] = self.scan(files, features=features, options=options)
            features = scans[split].features
        return scans


def cut(shards: Iterable[Shard]) -> list[Shard]:
    """The finest pieces of all ``shards``, in order."""
    return [piece for shard in shards for piece in shard.pieces()]


def count_rows(shard: Shard) -> int:
    """How many rows the shard has, reading it if there is no other way."""
    known = shard.num_rows()
    return sum(batch.num_rows for batch in shard.batches()) if known is None else known


def shards_as_frame(shards: Sequence[Shard], features: Features) -> pl.LazyFrame:
    """The rows of ``shards`` as a frame; columns, filters and row limits are pushed into them."""
    from polars.io.plugins import register_io_source

    def read(
        with_columns: list[str] | None,
        predicate: pl.Expr | None,
        n_rows: int | None,
        batch_size: int | None,
    ) -> Iterator[pl.DataFrame]:
        left = n_rows
        names = list(features) if with_columns is None else with_columns
        for shard in shards:
            for batch in shard.batches(
                columns=names, predicate=predicate, batch_size=batch_size or READ_ROWS
            ):
                frame = as_frame(batch)
                if left is not None:
                    frame = frame.head(left)
                    left -= frame.height
                yield frame
                if left == 0:
                    return

    return register_io_source(io_source=read, schema=features.polars_schema)


def as_frame(batch: pa.RecordBatch) -> pl.DataFrame:
    """One batch as a Polars frame with the same names."""
    import polars as pl

    frame: Any = pl.from_arrow(pa.Table.from_batches([batch]))
    frame.columns = batch.schema.names  # an empty name became column_0
    return frame  # type: ignore[no-any-return] # a table gives a frame
