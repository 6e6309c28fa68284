"""``Report``: what a validation found, bounded."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.errors import SchemaError


class Report:
    """The first mismatches in full, and how many there were.

    Args:
        limit: how many mismatches are kept.

    Attributes:
        total: how many there were.
        rows: how many rows were looked at.
    """

    def __init__(self, limit: int = 1000) -> None:
        self.limit = limit
        self.total = 0
        self.rows = 0
        self._kept: list[SchemaError] = []

    def add(self, mismatch: SchemaError) -> None:
        """Count a mismatch, and keep it if there is room."""
        self.total += 1
        if len(self._kept) < self.limit:
            self._kept.append(mismatch)

    @property
    def ok(self) -> bool:
        """Whether there was no mismatch."""
        return self.total == 0

    @property
    def full(self) -> bool:
        """Whether no more mismatches are kept, only counted."""
        return len(self._kept) >= self.limit

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[SchemaError]:
        return iter(self._kept)

    def __getitem__(self, number: int) -> SchemaError:
        return self._kept[number]

    def raise_first(self) -> None:
        """Raise the first mismatch, if there is one.

        Raises:
            SchemaError: that one.
        """
        if self._kept:
            raise self._kept[0]

    def to_arrow(self) -> pa.Table:
        """The mismatches that were kept, a row each: the attributes of ``SchemaError``."""
        import pyarrow as pa

        schema = pa.schema(
            [
                ("file", pa.string()),
                ("row", pa.int64()),
                ("line", pa.int64()),
                ("pointer", pa.string()),
                ("expected", pa.string()),
                ("found", pa.string()),
                ("snippet", pa.string()),
                ("hint", pa.string()),
            ]
        )
        return pa.Table.from_pylist([mismatch.facts() for mismatch in self._kept], schema=schema)

    def to_polars(self) -> pl.DataFrame:
        """As :meth:`to_arrow`, as a Polars frame."""
        import polars as pl

        frame = pl.from_arrow(self.to_arrow())
        assert isinstance(frame, pl.DataFrame)
        return frame

    def __str__(self) -> str:
        if self.ok:
            return f"{self.rows} rows, no mismatch"
        shown = "\n".join(str(mismatch) for mismatch in self._kept[:10])
        more = f"\n... {self.total - 10} more" if self.total > 10 else ""
        return f"{self.rows} rows, {self.total} mismatches\n{shown}{more}"
