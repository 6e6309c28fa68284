"""Consecutive rows put together: each column becomes a column of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.table.selection import Positions

ROWS_IN_A_CHUNK = 1 << 16


def by_size(table: Table, size: int, drop_last: bool) -> Table:
    """Groups of ``size`` rows.

    Args:
        table: the rows.
        size: rows in a group; the last may have fewer.
        drop_last: leave such a last group out.
    """
    count = table.num_rows // size * size if drop_last else table.num_rows
    edges = np.append(np.arange(0, count, size), count) if count else np.zeros(1, np.int64)
    return _grouped(table, edges)


def by_columns(table: Table, columns: Sequence[str], size: int | None, drop_last: bool) -> Table:
    """Groups of consecutive rows that are equal in ``columns``.

    Args:
        table: the rows.
        columns: what they must have in common.
        size: cut groups at that many rows, counted from the group's first row.
        drop_last: leave the last group out.
    """
    keys = table.to_arrow(columns).combine_chunks()
    count = table.num_rows
    starts = np.zeros(count, dtype=bool)
    starts[:1] = True
    for column in keys.columns:
        starts[1:] |= _differs(column)
    del size  # the peer's batch_size only says how many rows are looked at together
    edges = np.append(np.flatnonzero(starts), count)
    if drop_last and len(edges) > 1:
        edges = edges[:-1]
    return _grouped(table, edges)


def _differs(column: pa.ChunkedArray) -> Positions:
    """Whether each value but the first differs from the one before; null equals null."""
    values = column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks)
    if pa.types.is_nested(values.type):
        listed = values.to_pylist()
        return np.array([a != b for a, b in zip(listed[1:], listed[:-1], strict=True)], dtype=bool)
    later, before = values[1:], values[:-1]
    same = pc.fill_null(pc.equal(later, before), False)
    both_null = pc.and_(pc.is_null(later), pc.is_null(before))
    return ~np.asarray(pc.or_(same, both_null))


def _grouped(table: Table, edges: Positions) -> Table:
    """Lists of the rows between each two edges."""
    batches = []
    first = 0
    last = len(edges) - 1
    while first < last:
        # as many groups as come near the chunk's size, one at least
        stop = int(np.searchsorted(edges, edges[first] + ROWS_IN_A_CHUNK, side="right")) - 1
        stop = min(max(stop, first + 1), last)
        start = int(edges[first])
        rows = table.slice(start, int(edges[stop]) - start)
        offsets = pa.array((edges[first : stop + 1] - start).astype(np.int32))
        batches.append(
            pa.RecordBatch.from_arrays(
                [pa.ListArray.from_arrays(offsets, _whole(column)) for column in rows.columns],
                names=table.column_names,
            )
        )
        first = stop
    schema = pa.schema([(field.name, pa.list_(field.type)) for field in table.schema])
    return Table.from_arrow(pa.Table.from_batches(batches, schema))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    if column.num_chunks == 1:
        return column.chunk(0)
    return pa.concat_arrays(column.chunks or [pa.nulls(0, column.type)])
