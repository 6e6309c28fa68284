"""What a format must be able to make: a row, a column, a batch."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import pyarrow as pa


class Formatter(Protocol):
    """Makes objects of Arrow tables that hold the columns to be given out."""

    def row(self, table: pa.Table) -> Any:
        """The only row of ``table``."""
        ...

    def column(self, table: pa.Table) -> Any:
        """The only column of ``table``."""
        ...

    def batch(self, table: pa.Table) -> Any:
        """All rows of ``table``."""
        ...
