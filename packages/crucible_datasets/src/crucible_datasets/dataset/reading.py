"""All rows in order, as a format wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.formatting.output import format_row, with_remaining
from crucible_datasets.table.rows import iterate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.schema import Features
    from crucible_datasets.table.table import Table


def read_rows(table: Table, features: Features, format: Format) -> Iterator[Any]:  # noqa: A002
    """The rows of ``table`` one by one.

    Args:
        table: the rows.
        features: what its columns hold.
        format: what to make of them.
    """
    if format.type is not None:
        return _formatted(table, features, format)
    if format.columns is not None:
        names = with_remaining(format, table.column_names)
        table = table.select_columns(names)
        features = features.select(names)
    rows = iterate(table.batches())
    if not features.decodable:
        return rows
    return features.decode_rows(rows)


def _formatted(table: Table, features: Features, format: Format) -> Iterator[Any]:  # noqa: A002
    for batch in table.batches():
        whole = pa.Table.from_batches([batch])
        for i in range(batch.num_rows):
            yield format_row(whole.slice(i, 1), features, format)
