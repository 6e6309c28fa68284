"""Where columns come from: what a table needs of memory, files and other tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.table.selection import Positions

PointReader = "Callable[[int], Any]"


class Source(Protocol):
    """Columns of equal length, immutable, picklable."""

    @property
    def schema(self) -> pa.Schema:
        """Names and storage types of the columns."""
        ...

    @property
    def num_rows(self) -> int:
        """How many rows; may read once where only reading can tell."""
        ...

    @property
    def resident(self) -> bool:
        """Whether rows at any position can be had without a scan."""
        ...

    @property
    def sendable(self) -> bool:
        """Whether pickling sends where the rows are, not the rows."""
        ...

    def batches(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        """The rows from ``start`` to ``stop`` in order, in batches of at most ``batch_size``."""
        ...

    def keep(self, columns: Sequence[str]) -> None:
        """Hold columns of which all rows are about to be read, if the memory budget allows."""
        ...

    def passing(self, columns: Sequence[str], batch_size: int) -> Iterator[pa.RecordBatch]:
        """All rows in order, decoded by several threads where that is faster, and then held."""
        ...

    def gather(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch:
        """The rows at ``positions``, in that order."""
        ...

    def reader(self, column: str) -> Callable[[int], Any]:
        """A function from a position to the Python value there; the fastest way to one row."""
        ...

    def lazy(self, columns: Sequence[str]) -> pl.LazyFrame:
        """A Polars frame with at least ``columns`` that reads when it is collected."""
        ...

    def key(self) -> str:
        """A digest of the content, the same in every process."""
        ...

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The data files that rows come from; none for memory."""
        ...

    @property
    def cache_paths(self) -> tuple[str, ...]:
        """The Arrow files that are memory-mapped here."""
        ...
