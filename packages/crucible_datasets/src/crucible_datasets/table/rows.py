"""Columns to Python rows: the hot loop of everything that iterates."""

from __future__ import annotations

import sys
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

from crucible_datasets.table.collector import paused

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

T = TypeVar("T")
ROWS_AT_ONCE = 500
"""Rows converted together. Of fewer the garbage collector looks more often at those that are kept;
more are no longer in the processor's cache when they are used."""
VALUES_AT_ONCE = 1000
"""Values of one column converted together, for the same reasons."""
DECODED_AT_ONCE = 64
"""Media of one column decoded before the first of them is given."""
BYTES_AT_ONCE = 8 << 20
"""But not more than that of Arrow memory, where rows are large."""
PARTS_AT_ONCE = 16
"""As many of such parts are converted in one go where the values are kept."""
WRITER_ROWS = 1000
"""Rows whose types are found out together, as many as in ``datasets``."""


def rows_of(batch: pa.RecordBatch | pa.Table) -> list[dict[str, Any]]:
    """The rows of ``batch`` as dicts in column order.

    Measured on chat rows (pyarrow 26): ``to_pylist`` 0.9M rows/s, the same by flattening and
    rebuilding from offsets 0.85M, Polars' ``iter_rows(named=True)`` 0.4M.
    """
    if batch.num_columns == 0:
        return [{} for _ in range(batch.num_rows)]
    with paused():
        rows: list[dict[str, Any]] = batch.to_pylist()
    return rows


def iterate(batches: Iterable[pa.RecordBatch]) -> Iterator[dict[str, Any]]:
    """The rows of all batches, one at a time."""
    parts = (piece for batch in batches for piece in pieces(batch, ROWS_AT_ONCE))
    return chain.from_iterable(in_turn(parts, rows_of))


def pieces(batch: pa.RecordBatch, most: int) -> Iterator[pa.RecordBatch]:
    """``batch`` in slices of at most ``most`` rows; of fewer where rows are large."""
    count = batch.num_rows
    fitting = count * BYTES_AT_ONCE // max(batch.nbytes, 1)
    step = max(1, min(most, fitting))
    for start in range(0, count, step):
        yield batch.slice(start, step)


def in_turn(parts: Iterable[T], convert: Callable[[T], list[Any]]) -> Iterator[list[Any]]:
    """What ``convert`` makes of each part; of several at once while somebody keeps what was made.

    Each time that the garbage collector is let go it looks at what is new, and sometimes at all that
    there is: the less often the better where more and more is kept. What is not kept is soon
    gone, and of less at once it is still in the processor's cache.
    """
    parts = iter(parts)
    count = 1
    failed: Exception | None = None
    while failed is None:
        group: list[T] = []
        try:
            group.extend(islice(parts, count))
        except Exception as error:  # noqa: BLE001 - raised below, after what came before it
            failed = error
        if not group:
            break
        with paused():
            made = [convert(part) for part in group]
        yield from made
        # two hold the first value in any case: its list, and the call that asks
        kept = bool(made[0]) and sys.getrefcount(made[0][0]) > 2
        count = min(2 * count, PARTS_AT_ONCE) if kept else 1
        del group, made  # the next values take their place
    if failed is not None:
        raise failed


def values_of(column: pa.Array | pa.ChunkedArray) -> list[Any]:
    """The values of ``column``."""
    with paused():
        values: list[Any] = column.to_pylist()
    return values


def columns_of(batch: pa.RecordBatch | pa.Table) -> dict[str, list[Any]]:
    """The columns of ``batch`` as lists."""
    with paused():
        return {
            name: column.to_pylist()
            for name, column in zip(batch.schema.names, batch.columns, strict=True)
        }
