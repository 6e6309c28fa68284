"""Files that are kept in the Hub's cache while a stream reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.formats.base import DataFile, Shard


@dataclass(frozen=True, slots=True)
class Kept:
    """A shard whose file is fetched whole and verified when it is read; after that it lies here.

    Attributes:
        shard: the shard.
        file: the file that it is a part of.
        fetch: brings files into the cache.
    """

    shard: Shard
    file: DataFile
    fetch: Callable[[Sequence[DataFile]], object]

    def num_rows(self) -> int | None:
        """See :class:`crucible_datasets.formats.base.Shard`."""
        return self.shard.num_rows()

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = 1000,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order, of the file in the cache."""
        if self.file.local() is None:
            self.fetch([self.file])
        yield from self.shard.batches(
            columns=columns, predicate=predicate, start=start, batch_size=batch_size
        )

    def pieces(self) -> list[Shard]:
        """The pieces of the shard, kept likewise."""
        return [Kept(piece, self.file, self.fetch) for piece in self.shard.pieces()]

    def key(self) -> str:
        """The shard's."""
        return self.shard.key()

    def place(self) -> str:
        """The shard's."""
        return self.shard.place()
