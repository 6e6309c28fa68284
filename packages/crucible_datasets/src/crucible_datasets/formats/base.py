"""What every format agrees on: files in, a schema and runs of rows out.

A :class:`Format` turns :class:`DataFile` objects into a :class:`Scan`. A scan knows its
``Features`` without having read the rows, and gives them three ways: as a Polars ``LazyFrame``
(columns), as one Arrow table (random access), or as :class:`Shard` objects (streams, workers,
exact resume).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.schema import Features

DEFAULT_BATCH_SIZE = 1000


@runtime_checkable
class Source(Protocol):
    """Where a file's bytes come from. Small and picklable: it goes to worker processes."""

    def open(self) -> BinaryIO:
        """The bytes as they are stored, seekable, from the first one on."""
        ...

    def local(self) -> Path | None:
        """The file on this machine that holds exactly these bytes, or None if there is none."""
        ...


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file that rows are read from.

    Attributes:
        path: a local path, or a URL for what is not on this machine.
        name: how people are told about it: ``hf://datasets/owner/name@commit/train.jsonl`` or the
            local path.
        size: bytes as stored, where known.
        digest: what the content hashes to (hex), where known; the same text means the same bytes.
        stamp: changes when the content does, where no digest is known (a modification time).
        source: opens it.
    """

    path: str
    name: str
    size: int | None = None
    digest: str | None = None
    stamp: str | None = None
    source: Source = field(kw_only=True, compare=False)

    def open(self) -> BinaryIO:
        """The bytes as stored; formats open it through :mod:`crucible_datasets.formats.opening`."""
        return self.source.open()

    def local(self) -> Path | None:
        """The file on this machine, or None."""
        return self.source.local()

    def key(self) -> str:
        """What identifies the content as well as can be known: the digest, else name and stamp."""
        return self.digest or f"{self.name}:{self.size}:{self.stamp}"


@runtime_checkable
class Shard(Protocol):
    """A contiguous run of rows of one file, to be read by one reader. Picklable and cheap.

    Without a predicate it touches no Polars, so that it may be read in a forked process.
    """

    def num_rows(self) -> int | None:
        """How many rows there are, or None if that takes reading them."""
        ...

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = DEFAULT_BATCH_SIZE,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order, in the storage types of the scan's features.

        Args:
            columns: those to read, in this order; all of them by default.
            predicate: keep the rows where it holds. With it batches may be smaller, even empty.
            start: rows of the shard to leave out at its beginning, counted before ``predicate``.
            batch_size: rows in a batch, at most; fewer where rows are very large.
        """
        ...

    def pieces(self) -> Sequence[Shard]:
        """The finest runs that it can be cut into without reading rows; itself if into none."""
        ...

    def key(self) -> str:
        """What identifies the rows for resuming: the file's content and the place within it."""
        ...

    def place(self) -> str:
        """Where the rows are, for people."""
        ...


class Scan(Protocol):
    """Rows of one split, described but not read."""

    @property
    def features(self) -> Features:
        """The columns and their types."""
        ...

    @property
    def files(self) -> tuple[DataFile, ...]:
        """What is read, in order."""
        ...

    @property
    def typed(self) -> bool:
        """Whether the peer knows these files' types early, where it knows those of the format."""
        ...

    def shards(self, *, pieces: bool = False) -> list[Shard]:
        """The rows cut into runs, in order.

        Args:
            pieces: cut as finely as the format allows without reading rows (a Parquet row group, a
                byte range of JSON lines). By default there is one shard a file, as many as the peer
                has: the order of a shuffled stream depends on how many there are.
        """
        ...

    def lazy(self) -> pl.LazyFrame:
        """A Polars frame that reads when it is collected."""
        ...

    def num_rows(self) -> int:
        """How many rows there are; from metadata where the format has it, else by reading once."""
        ...

    def read(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows as one Arrow table in the features' storage types."""
        ...

    def nbytes(self) -> int | None:
        """About how many bytes :meth:`read` would hold, or None if that cannot be told."""
        ...


class Format(Protocol):
    """One way of writing rows into files."""

    @property
    def name(self) -> str:
        """What ``load_dataset`` calls it."""
        ...

    @property
    def options(self) -> tuple[str, ...]:
        """The parameters that it takes."""
        ...

    @property
    def by_tables(self) -> bool:
        """Whether the peer reads it as tables; what it reads row by row it shuffles differently."""
        ...

    @property
    def typed(self) -> bool:
        """Whether the peer knows the types before it reads rows; shuffled streams depend on it."""
        ...

    def scan(
        self,
        files: Sequence[DataFile],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> Scan:
        """The rows of ``files``, in order.

        Args:
            files: at least one.
            features: the schema to read them with; found out from the files when None.
            options: the format's own parameters, as in ``load_dataset(..., sep=";")``.

        Raises:
            SchemaError: a file does not fit the schema; it says where.
        """
        ...

    def scan_splits(
        self,
        splits: Mapping[str, Sequence[DataFile]],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> dict[str, Scan]:
        """One scan a split, all with the same features."""
        ...
