from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.errors import SchemaError
from crucible_datasets.formats.sql import read_sql
from crucible_datasets.schema import Features, Value

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = [(1, "x", 0.5, None), (2, None, 1.5, 7)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[tuple[str, sqlite3.Connection]]:
    """A SQLite file with one table, and an open connection to it."""
    connection = sqlite3.connect(tmp_path / "a.db")
    connection.execute('create table "t" (a integer, b text, c real, d integer)')
    connection.executemany("insert into t values (?, ?, ?, ?)", ROWS)
    connection.commit()
    yield f"sqlite:///{tmp_path / 'a.db'}", connection
    connection.close()


def test_a_query_gives_rows_typed_as_pandas_types_them(database: Any) -> None:
    uri, connection = database
    expected = [
        {"a": 1, "b": "x", "c": 0.5, "d": None},
        {"a": 2, "b": None, "c": 1.5, "d": 7.0},
    ]
    for con in (uri, connection):
        table, features = read_sql("select * from t order by a", con)
        assert table.to_pylist() == expected
        assert features["d"] == Value("float64")
        assert read_sql("t", con)[0].num_rows == 2


def test_a_query_takes_parameters(database: Any) -> None:
    uri, _ = database
    assert read_sql("select a from t where a > ?", uri, params=[1])[0].to_pylist() == [{"a": 2}]


def test_declared_types_are_checked(database: Any) -> None:
    uri, _ = database
    table, _ = read_sql("select a from t", uri, features=Features({"a": Value("string")}))
    assert table.to_pylist() == [{"a": "1"}, {"a": "2"}]
    with pytest.raises(SchemaError, match="/b"):
        read_sql("select b from t", uri, features=Features({"b": Value("int64")}))


def test_a_dataset_is_made_of_a_query(database: Any) -> None:
    uri, connection = database
    assert Dataset.from_sql("select b from t", uri)["b"][:] == ["x", None]
    assert connection.execute("select 1").fetchone() == (1,)  # it is still open


def test_an_unknown_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        read_sql("select 1", "mysql://host/db")
