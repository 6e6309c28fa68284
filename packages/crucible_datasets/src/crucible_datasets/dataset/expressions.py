"""Polars expressions and SQL over a dataset's rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from crucible_datasets.dataset.create import stored
from crucible_datasets.schema import Features
from crucible_datasets.schema.arrow import arrow_type, storage_type
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from crucible_datasets.dataset.base import BaseDataset

D = TypeVar("D", bound="BaseDataset")


def with_expressions(ds: D, expressions: Sequence[pl.Expr], named: Mapping[str, pl.Expr]) -> D:
    """``ds`` with the columns that expressions make, beside the others.

    Raises:
        ValueError: an expression names a column that is not there.
    """
    made = [*expressions, *(expression.alias(name) for name, expression in named.items())]
    frame = _collected(ds.table.lazy().select(made))
    found, features = _stored(frame, ds.features)
    if found.num_rows != len(ds):
        if found.num_rows != 1:
            raise ValueError(f"the expressions gave {found.num_rows} values for {len(ds)} rows")
        found = found.take(pa.array([0] * len(ds)))
    return ds.derive(
        table=ds.table.with_columns(Table.from_arrow(found)),
        features=Features({**ds.features, **features}),
    )


def query(ds: D, text: str) -> D:
    """What an SQL query over the table ``self`` gives.

    Raises:
        ValueError: the query is wrong.
    """
    import polars as pl

    with pl.SQLContext({"self": ds.table.lazy()}) as context:
        try:
            frame = _collected(context.execute(text))
        except (pl.exceptions.SQLInterfaceError, pl.exceptions.SQLSyntaxError) as error:
            raise ValueError(f"the query is wrong: {error}\n{text}") from error
    found, features = _stored(frame, ds.features)
    return ds.derive(table=Table.from_arrow(found), features=features)


def _collected(frame: pl.LazyFrame) -> pl.DataFrame:
    import polars as pl

    try:
        collected = frame.collect()
    except pl.exceptions.ColumnNotFoundError as error:
        raise ValueError(str(error).partition("\n")[0]) from error
    assert isinstance(collected, pl.DataFrame)
    return collected


def _stored(frame: pl.DataFrame, before: Features) -> tuple[pa.Table, Features]:
    """A frame as Arrow; columns of the type they had keep their feature, text is ``string``."""
    table = frame.to_arrow()
    columns: dict[str, Any] = {}
    features: dict[str, Any] = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        kind = _without_large(column.type)
        columns[name] = column.cast(kind)
        known = before.get(name)
        if known is not None and storage_type(arrow_type(known)) == kind:
            features[name] = known
    made = pa.table(columns)
    found = Features({**Features.from_arrow_schema(made.schema), **features})
    return stored(made, found), found


def _without_large(kind: pa.DataType) -> pa.DataType:
    types = pa.types
    if types.is_large_string(kind) or types.is_string_view(kind):
        return pa.string()
    if types.is_large_binary(kind) or types.is_binary_view(kind):
        return pa.binary()
    if types.is_large_list(kind) or types.is_list(kind):
        return pa.list_(_without_large(kind.value_type))
    if types.is_struct(kind):
        return pa.struct([(field.name, _without_large(field.type)) for field in kind])
    if types.is_dictionary(kind):
        return _without_large(kind.value_type)
    return kind
