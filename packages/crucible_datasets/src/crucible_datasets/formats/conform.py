"""Tables as read from a file, brought to the storage types of the features they should have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.errors import CastError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from crucible_datasets.schema import Features
    from crucible_datasets.schema.validate import Mode, Place


def conforms(schema: pa.Schema, features: Features) -> bool:
    """Whether a file with ``schema`` holds exactly the columns that ``features`` are stored in."""
    wanted = features.storage_schema
    return bool(schema.names == wanted.names and schema.types == wanted.types)


def conform(
    table: pa.Table, features: Features, place: Place, mode: Mode | None = None
) -> pa.Table:
    """``table`` in the storage types of ``features``; columns that it lacks become null.

    Args:
        table: as it was read.
        features: what it should hold.
        place: where its first row is.
        mode: what becomes of values of other types; by default they are cast as the peer does.

    Raises:
        SchemaError: a value does not fit, or there is another column; it says where.
    """
    # Files mostly hold the types already: then nobody waits for what casts and validates.
    from crucible_datasets.schema import cast_table
    from crucible_datasets.schema.validate import Validator

    if mode is None:
        try:
            cast = cast_table(table, features, fill_missing=True)
        except (CastError, TypeError, ValueError):
            mode = "coerce"  # which finds the value, or a way
    if mode is not None:
        cast = Validator(features, mode).check(table, place)
    return cast.replace_schema_metadata(None)


def rebatched(
    batches: Iterable[pa.RecordBatch], size: int, *, skip: int = 0
) -> Iterator[pa.RecordBatch]:
    """The same rows without the first ``skip``, in batches of exactly ``size`` but for the last.

    Args:
        batches: of one schema, of any length.
        size: rows in a batch.
        skip: rows to leave out at the beginning.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        if skip:
            dropped = min(skip, batch.num_rows)
            skip -= dropped
            batch = batch.slice(dropped)
        at = 0
        if held and batch.num_rows:
            at = min(size - count, batch.num_rows)
            held.append(batch.slice(0, at))
            count += at
            if count == size:
                yield _joined(held)
                held, count = [], 0
        while batch.num_rows - at >= size:
            yield batch.slice(at, size)
            at += size
        if at < batch.num_rows:
            held.append(batch.slice(at))
            count += batch.num_rows - at
    if held:
        yield _joined(held)


def filtered(
    batches: Iterable[pa.RecordBatch], predicate: pl.Expr, columns: Sequence[str] | None
) -> Iterator[pa.RecordBatch]:
    """The rows where ``predicate`` holds, cut down to ``columns``; batch by batch."""
    import polars as pl

    for batch in batches:
        frame = pl.from_arrow(pa.Table.from_batches([batch]))
        assert isinstance(frame, pl.DataFrame)
        frame.columns = batch.schema.names  # an empty name became column_0
        keep = frame.lazy().select(predicate.alias("keep")).collect().to_series().to_arrow()
        kept = batch.filter(keep)
        yield kept if columns is None else kept.select(list(columns))


def with_roots(columns: Sequence[str] | None, predicate: pl.Expr | None) -> list[str] | None:
    """The columns to read so that ``predicate`` can be evaluated on them."""
    if columns is None or predicate is None:
        return None if columns is None else list(columns)
    return list(dict.fromkeys([*columns, *predicate.meta.root_names()]))


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)
