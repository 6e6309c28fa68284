"""Rows of SQL databases: a query, or a table by its name, through Python's database interface."""

from __future__ import annotations

import sqlite3
from contextlib import closing, contextmanager, nullcontext
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.errors import MissingExtraError
from crucible_datasets.formats.conform import Conformer
from crucible_datasets.schema import Features
from crucible_datasets.schema.validate import check_mode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.schema.validate import Mode

_SQLITE = "sqlite://"
_ROWS = 10_000
#: Drivers for PostgreSQL, in the order in which they are tried.
_POSTGRES = ("adbc_driver_postgresql.dbapi", "psycopg", "psycopg2", "pg8000.dbapi")


def read_sql(
    sql: Any,
    con: Any,
    *,
    features: Features | None = None,
    params: Sequence[Any] | Mapping[str, Any] | None = None,
    coerce_float: bool = True,
    validation: Mode | None = None,
) -> tuple[pa.Table, Features]:
    """The rows that a query gives, and their features.

    Types are those that pandas gives, as the peer has it: integers beside nulls are floats.

    Args:
        sql: a query, the name of a table, or a SQLAlchemy selectable.
        con: a URI (``sqlite:///file.db``, ``postgresql://...``), an open connection, or a SQLAlchemy
            engine; what is handed in open stays open.
        features: cast to these; found out from all rows when None.
        params: for the query's placeholders.
        coerce_float: whether decimals become floats.
        validation: what becomes of values that are not as ``features`` say.

    Raises:
        MissingExtraError: the URI needs a driver that is not installed.
        SchemaError: a value is not as ``features`` say.
    """
    check_mode(validation, of_rows=True)
    query = _query(sql)
    with _connected(con) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(query, *(() if params is None else (params,)))
        names = [column[0] for column in cursor.description]
        columns: list[list[Any]] = [[] for _ in names]
        while rows := cursor.fetchmany(_ROWS):
            for column, values in zip(columns, zip(*rows, strict=True), strict=True):
                column.extend(values)
    arrays = [_array(values, coerce_float) for values in columns]
    table = pa.Table.from_arrays(arrays, names=names)
    found = features or Features.from_arrow_schema(table.schema)
    conform = Conformer(f"the result of {query!r}", found, validation=validation)
    return conform(table.select(conform.columns(table.schema))), found


def _query(sql: Any) -> str:
    if not isinstance(sql, str):
        return str(sql.compile(compile_kwargs={"literal_binds": True}))
    if sql.split() == [sql]:
        quoted = sql.replace('"', '""')
        return f'select * from "{quoted}"'  # noqa: S608 - quoted, and a name by the caller's word
    return sql


@contextmanager
def _connected(con: Any) -> Iterator[Any]:
    if isinstance(con, str):
        with closing(_connect(con)) as connection:
            yield connection
    elif hasattr(con, "raw_connection"):  # a SQLAlchemy engine
        with closing(con.raw_connection()) as connection:
            yield connection
    else:  # a SQLAlchemy connection has the driver's inside
        with nullcontext(getattr(con, "connection", con)) as connection:
            yield connection


def _connect(uri: str) -> Any:
    scheme, _, rest = uri.partition("://")
    if scheme == "sqlite":
        path = rest.removeprefix("/")
        return sqlite3.connect(path or ":memory:")
    if scheme.partition("+")[0] not in ("postgresql", "postgres"):
        raise ValueError(
            f"{scheme}:// is not a database that we connect to; pass an open connection instead"
        )
    import importlib

    for name in _POSTGRES:
        try:
            driver = importlib.import_module(name)
        except ImportError:
            continue
        return driver.connect(f"postgresql://{rest}")
    raise MissingExtraError("reading from PostgreSQL", "psycopg", "sql")


def _array(values: list[Any], coerce_float: bool) -> pa.Array:
    kinds = set(map(type, values))
    if coerce_float and Decimal in kinds:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kinds == {int, type(None)} or {int, float} <= kinds <= {int, float, type(None)}:
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    return pa.array(values)
