"""``TableShard``: shards that read tables of any length, cut here into the batches asked for."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from crucible_datasets.formats.base import DEFAULT_BATCH_SIZE
from crucible_datasets.formats.conform import filtered, rebatched, with_roots

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.schema import Features


class TableShard(ABC):
    """A run of rows, of which a subclass reads tables.

    Attributes:
        features: the columns of the scan.
    """

    __slots__ = ()
    features: Features

    @abstractmethod
    def tables(self, columns: Sequence[str], start: int, batch_size: int) -> Iterator[pa.Table]:
        """The rows in order, in the storage types of the features.

        Args:
            columns: those to give.
            start: rows to leave out at the beginning.
            batch_size: rows in a table, as far as the shard can choose.
        """

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = DEFAULT_BATCH_SIZE,
    ) -> Iterator[pa.RecordBatch]:
        """See :class:`crucible_datasets.formats.base.Shard`."""
        wanted = with_roots(columns, predicate)
        names = list(self.features) if wanted is None else wanted
        tables = self.tables(names, start, batch_size)
        found = (batch for table in tables for batch in table.combine_chunks().to_batches())
        rows = rebatched(found, batch_size)
        return rows if predicate is None else filtered(rows, predicate, columns)
