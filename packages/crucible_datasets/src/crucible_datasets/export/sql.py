"""Datasets as tables of SQL databases."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.export.python import json_decoded
from crucible_datasets.table.rows import rows_of

if TYPE_CHECKING:
    from crucible_datasets.dataset.base import BaseDataset

_SQLITE = "sqlite:///"
_IF_EXISTS = ("fail", "append", "replace")


def write_sql(
    ds: BaseDataset, name: str, con: Any, batch_size: int | None, kwargs: dict[str, Any]
) -> int:
    """Write all rows; see :meth:`ExportVerbs.to_sql`.

    Raises:
        ValueError: the table is there already, and ``if_exists`` is ``fail`` or no word for it.
    """
    kwargs = dict(kwargs)
    if_exists = kwargs.get("if_exists", "fail")
    if if_exists not in (*_IF_EXISTS, "delete_rows"):
        raise ValueError(f"if_exists must be one of {_IF_EXISTS}, not {if_exists!r}")
    kwargs.pop("name", None)
    kwargs.pop("con", None)
    simple = set(kwargs) <= {"if_exists", "index"} and not kwargs.get("index")
    simple = simple and if_exists in _IF_EXISTS
    if isinstance(con, str) and con.startswith(_SQLITE) and simple:
        with closing(sqlite3.connect(con.removeprefix(_SQLITE))) as connection:
            return _write_sqlite(ds, name, connection, if_exists)
    if isinstance(con, sqlite3.Connection) and simple:
        return _write_sqlite(ds, name, con, if_exists)
    return _by_pandas(ds, name, con, batch_size or 1000, kwargs)


def _write_sqlite(
    ds: BaseDataset, name: str, connection: sqlite3.Connection, if_exists: str
) -> int:
    table = _quoted(name)
    there = connection.execute(
        "select 1 from sqlite_master where type = 'table' and name = ?", (name,)
    ).fetchone()
    if there and if_exists == "fail":
        raise ValueError(f"table {name!r} is there already; pass if_exists='append' or 'replace'")
    columns = ", ".join(
        f"{_quoted(field.name)} {_sqlite_type(field.type)}" for field in ds.table.schema
    )
    with connection:  # all rows or none
        if there and if_exists == "replace":
            connection.execute(f"drop table {table}")
            there = None
        if not there:
            connection.execute(f"create table {table} ({columns})")
        marks = ", ".join("?" * ds.num_columns)
        for batch in ds.table.batches():
            rows = json_decoded(rows_of(batch), ds.features)
            connection.executemany(
                f"insert into {table} values ({marks})",  # noqa: S608 - quoted by _quoted
                [tuple(_cell(value) for value in row.values()) for row in rows],
            )
    return len(ds)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _sqlite_type(kind: pa.DataType) -> str:
    types = pa.types
    if types.is_integer(kind) or types.is_boolean(kind):
        return "INTEGER"
    if types.is_floating(kind):
        return "REAL"
    if types.is_binary(kind) or types.is_large_binary(kind):
        return "BLOB"
    return "TIMESTAMP" if types.is_temporal(kind) else "TEXT"


def _cell(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value, default=str, ensure_ascii=False)
    if value is None or isinstance(value, (int, float, str, bytes)):
        return value
    return value.isoformat(" ") if hasattr(value, "hour") else str(value)


def _by_pandas(
    ds: BaseDataset, name: str, con: Any, batch_size: int, kwargs: dict[str, Any]
) -> int:
    """The rows as pandas writes them: it knows SQLAlchemy's databases."""
    from crucible_datasets.export.frames import frames_to_write

    kwargs.setdefault("index", False)
    written = 0
    for frame in frames_to_write(ds, batch_size):
        written += frame.to_sql(name, con, **kwargs) or 0
        kwargs["if_exists"] = "append"
    return written
