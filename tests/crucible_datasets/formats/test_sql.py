from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.errors import SchemaError
from crucible_datasets.formats.sql import read_sql
from crucible_datasets.schema import Features, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

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


def _as_nobody(*command: str) -> list[str]:
    """The command, under another user where we are root, whom PostgreSQL refuses."""
    return ["runuser", "-u", "postgres", "--", *command] if os.geteuid() == 0 else list(command)


@pytest.fixture
def postgres() -> Iterator[str]:
    """The URI of a PostgreSQL server of our own."""
    pytest.importorskip("psycopg")
    binary = shutil.which("initdb") or shutil.which("pg_ctl")
    if binary is None:
        pytest.skip("PostgreSQL is not installed")
    programs = Path(binary).resolve().parent
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        Path(folder).chmod(0o777)
        data = f"{folder}/data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        init = [str(programs / "initdb"), "-D", data, "-U", "me", "-A", "trust", "--no-sync"]
        subprocess.run(_as_nobody(*init), check=True, capture_output=True)
        control = [str(programs / "pg_ctl"), "-D", data, "-w", "-l", f"{folder}/log"]
        options = f"-p {port} -k {folder} -h 127.0.0.1 -F"
        subprocess.run(
            _as_nobody(*control, "-o", options, "start"), check=True, capture_output=True
        )
        try:
            yield f"postgresql://me@127.0.0.1:{port}/postgres"
        finally:
            stop = _as_nobody(*control, "-m", "immediate", "stop")
            subprocess.run(stop, check=True, capture_output=True)


@pytest.mark.slow
def test_a_real_postgresql_gives_its_rows(postgres: str) -> None:
    import psycopg

    with psycopg.connect(postgres) as connection:
        connection.execute(
            "create table t (a int, b text, c numeric, d timestamp, e bool, f bytea)"
        )
        connection.execute("insert into t values (1, 'ü', 1.5, '2020-01-02 03:04:05', true, 'xy')")
        connection.execute("insert into t values (null, null, null, null, null, null)")
    table, features = read_sql("select * from t where a = 1 or a is null order by a", postgres)
    assert table.to_pylist() == [
        {"a": 1.0, "b": "ü", "c": 1.5, "d": datetime(2020, 1, 2, 3, 4, 5), "e": True, "f": b"xy"},
        dict.fromkeys("abcdef"),
    ]
    assert features["d"] == Value("timestamp[us]")
    with psycopg.connect(postgres) as connection:
        assert read_sql("select a from t where a = %s", connection, params=[1])[0].num_rows == 1
