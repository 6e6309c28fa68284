"""Tables as read from a file, brought to the storage types of the features they should have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema.report import Report
from crucible_datasets.schema.visit import requires_storage_cast

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import polars as pl

    from crucible_datasets.schema import Features
    from crucible_datasets.schema.validate import Mode, Place, Validation


def conforms(schema: pa.Schema, features: Features) -> bool:
    """Whether a file with ``schema`` holds exactly the columns that ``features`` are stored in."""
    wanted = features.storage_schema
    return bool(schema.names == wanted.names and schema.types == wanted.types)


class Conformer:
    """Brings the tables of one file to the storage types of features, one after another.

    Args:
        file: the file's name, for people.
        features: the columns that it should have.
        columns: those to give, all of them by default.
        validation: what becomes of the rest; by default Arrow casts as the peer does, and columns
            that the file lacks are null.
    """

    def __init__(
        self,
        file: str,
        features: Features,
        columns: Sequence[str] | None = None,
        validation: Validation = None,
    ) -> None:
        self._file = file
        self._features = features
        self._wanted = features if columns is None else features.select(columns)
        # An empty report is false.
        self._of_columns: Mode | Report = "coerce" if validation is None else validation
        self._of_values: Mode | Report = "off" if validation is None else validation

    def columns(self, schema: pa.Schema) -> list[str]:
        """The columns to read of a file with that schema, in its order.

        Raises:
            SchemaError: it has others than the features; see the modes of validation.
        """
        if set(schema.names) != set(self._features):
            from crucible_datasets.schema.validate import Place, Validator

            Validator(self._features, self._of_columns).compare(schema, Place(self._file))
        return [name for name in schema.names if name in self._wanted]

    def passes(self, schema: pa.Schema) -> bool:
        """Whether tables of that schema need neither a cast nor a look, but for the order."""
        if isinstance(self._of_values, Report):
            return False
        if self._of_values != "off" and requires_storage_cast(self._wanted):
            return False
        types = dict(zip(schema.names, schema.types, strict=True))
        return all(types.get(field.name) == field.type for field in self._wanted.storage_schema)

    def __call__(self, table: pa.Table, *, row: int = 0, line: int | None = None) -> pa.Table:
        """The rows, of which the first is the file's row ``row``.

        Raises:
            SchemaError: a value does not fit; it says where.
        """
        # Files mostly hold the types already: then nobody waits for what casts and validates.
        from crucible_datasets.schema import cast_table
        from crucible_datasets.schema.validate import Place, Validator

        validation = self._of_values
        if validation == "off":
            try:
                cast = cast_table(table, self._wanted, fill_missing=True)
            except (TypeError, ValueError):
                validation = "coerce"  # which finds the value, or a way
        if validation != "off":
            place = Place(self._file, row, line)
            cast = Validator(self._wanted, validation).convert(table, place)
        return cast.replace_schema_metadata(None)


def conform_rows(
    rows: Sequence[dict[str, Any]],
    features: Features,
    place: Place,
    *,
    columns: Sequence[str] | None = None,
    validation: Validation = None,
) -> pa.Table:
    """Rows in the storage types of ``features``; keys that they lack become null.

    Args:
        rows: as they were read.
        features: what they should hold.
        place: where the first row is.
        columns: those to give, all of them by default.
        validation: what becomes of the rest; as for :class:`Conformer`.

    Raises:
        SchemaError: a row does not fit; it says where.
    """
    from crucible_datasets.schema.columns import NOT_BUILT, build_table
    from crucible_datasets.schema.validate import Validator

    wanted = features if columns is None else features.select(columns)
    if validation == "off":
        rows = [{name: row[name] for name in features if name in row} for row in rows]
    if validation is None or validation == "off":
        if all(row.keys() <= features.keys() for row in rows):
            try:
                return build_table(rows, wanted).replace_schema_metadata(None)
            except NOT_BUILT:
                pass  # found again below, with its place, unless there is a way
        validation = "coerce"
    table = Validator(features, validation).check_rows(rows, place)
    return table.select(list(wanted)).replace_schema_metadata(None)


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
