"""Rows as dicts, columns as lists, batches as dicts of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.table.rows import columns_of, rows_of, values_of

if TYPE_CHECKING:
    import pyarrow as pa

    from crucible_datasets.schema import Features


class PythonFormatter:
    """Plain Python objects, media decoded.

    Args:
        features: of the columns.
        token_per_repo_id: repository id -> token, for media that are links into the Hub.
    """

    def __init__(self, features: Features | None = None, *, token_per_repo_id: Any = None) -> None:
        self.features = features
        self.token_per_repo_id = token_per_repo_id

    def row(self, table: pa.Table) -> dict[str, Any]:
        """The only row."""
        row = rows_of(table)[0]
        if self.features is None or not self.features.decodable:
            return row
        return self.features.decode_example(row, self.token_per_repo_id)

    def column(self, table: pa.Table) -> list[Any]:
        """The only column."""
        values = values_of(table.column(0))
        if self.features is None:
            return values
        return self.features.decode_column(values, table.column_names[0], self.token_per_repo_id)

    def batch(self, table: pa.Table) -> dict[str, list[Any]]:
        """Lists by column."""
        columns = columns_of(table)
        if self.features is None or not self.features.decodable:
            return columns
        return self.features.decode_batch(columns, self.token_per_repo_id)
