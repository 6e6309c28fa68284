"""Polars frames as shards of a stream."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from crucible_datasets.schema import Features
from crucible_datasets.stream.typed import aligned
from crucible_datasets.stream.workers import check_polars_may_run

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from crucible_datasets.formats.base import Shard


def features_of(frame: pl.DataFrame | pl.LazyFrame) -> Features:
    """The features of a frame's columns."""
    schema = frame.collect_schema() if isinstance(frame, pl.LazyFrame) else frame.schema
    return Features.from_polars_schema(schema)


@dataclass(frozen=True, slots=True)
class FrameShard:
    """The rows of a frame.

    Attributes:
        frame: eager or lazy.
        features: of its columns.
    """

    frame: pl.DataFrame | pl.LazyFrame
    features: Features

    def num_rows(self) -> int | None:
        """How many rows; None for a lazy frame."""
        return self.frame.height if isinstance(self.frame, pl.DataFrame) else None

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = 1000,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order; see :class:`crucible_datasets.formats.base.Shard`."""
        check_polars_may_run("a stream over a Polars frame")
        frame = self.frame.lazy().slice(start) if start else self.frame.lazy()
        if predicate is not None:
            frame = frame.filter(predicate)
        features = self.features
        if columns is not None:
            frame = frame.select(list(columns))
            features = features.select(columns)
        schema = features.storage_schema.remove_metadata()
        for part in frame.collect_batches(chunk_size=batch_size, maintain_order=True, lazy=True):
            table: pa.Table = part.to_arrow()
            for batch in table.combine_chunks().to_batches(batch_size):
                yield aligned(batch, features, schema)

    def pieces(self) -> list[Shard]:
        """The frame itself."""
        return [self]

    def place(self) -> str:
        """The frame in words."""
        return f"a {type(self.frame).__name__}"

    def key(self) -> str:
        """The content of an eager frame; the query of a lazy one."""
        if isinstance(self.frame, pl.LazyFrame):
            text = self.frame.explain(optimized=False)
        else:
            text = f"{self.frame.schema} {self.frame.hash_rows(seed=0).sum()} {self.frame.height}"
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
