"""Scans of formats whose files are read from their first row to their last, by one reader."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from crucible_datasets.formats.scan import FileScan
from crucible_datasets.formats.table_shard import TableShard

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from crucible_datasets.formats.base import DataFile, Shard
    from crucible_datasets.schema import Features


class FileReader(Protocol):
    """Reads one file; small and picklable."""

    def tables(
        self, file: DataFile, features: Features, columns: Sequence[str]
    ) -> Iterator[pa.Table]:
        """The rows of ``file`` in order, in the storage types of ``features``.

        Args:
            file: what is read.
            features: all columns that the file should have.
            columns: those to give.
        """
        ...

    def count(self, file: DataFile) -> int | None:
        """How many rows ``file`` has, or None if that takes reading them."""
        ...

    def key(self) -> str:
        """The options that change what is read."""
        ...


class ReaderScan(FileScan):
    """Rows of files that one reader reads.

    Args:
        files: in order.
        features: the columns.
        reader: reads a file.
        rows: how many rows each file has, where that is known.
    """

    def __init__(
        self,
        files: Sequence[DataFile],
        features: Features,
        reader: FileReader,
        rows: Sequence[int] | None = None,
    ) -> None:
        super().__init__(files, features)
        self.reader = reader
        self._rows = rows

    def shards(self, *, pieces: bool = False) -> list[Shard]:  # noqa: ARG002 - not to be cut
        """One a file."""
        known: Sequence[int | None] = self._rows or [None] * len(self.files)
        return [
            ReaderShard(file, self.features, self.reader, rows)
            for file, rows in zip(self.files, known, strict=True)
        ]


@dataclass(frozen=True, slots=True)
class ReaderShard(TableShard):
    """A whole file.

    Attributes:
        file: what is read.
        features: the columns of the scan.
        reader: reads it.
        rows: how many rows there are, if it is known.
    """

    file: DataFile
    features: Features
    reader: FileReader
    rows: int | None = None

    def num_rows(self) -> int | None:
        """As counted when the types were found out, or as the file tells."""
        return self.reader.count(self.file) if self.rows is None else self.rows

    def pieces(self) -> list[ReaderShard]:
        """Itself: where a row begins is known only to who reads from the start."""
        return [self]

    def tables(
        self,
        columns: Sequence[str],
        start: int,
        batch_size: int,  # noqa: ARG002 - as the reader finds them
    ) -> Iterator[pa.Table]:
        """The rows in order; those before ``start`` are read, too."""
        for table in self.reader.tables(self.file, self.features, columns):
            skipped = min(start, table.num_rows)
            start -= skipped
            yield table.slice(skipped)

    def key(self) -> str:
        """The file's content and the reader's options."""
        return f"{self.file.key()}#{self.reader.key()}"

    def place(self) -> str:
        """The file, for people."""
        return self.file.name
