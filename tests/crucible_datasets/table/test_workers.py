"""Whole reads: what they hold, and what only passes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.formats import get_format
from crucible_datasets.formats.sources import local_file
from crucible_datasets.table import scan
from crucible_datasets.table.table import Table
from crucible_datasets.table.workers import decoded

if TYPE_CHECKING:
    from pathlib import Path

ROWS = pa.table({"n": range(5000), "s": [f"row {i}" for i in range(5000)], "a.b": range(5000)})


@pytest.fixture
def table(tmp_path: Path) -> Table:
    paths = [tmp_path / f"{i}.parquet" for i in range(5)]
    for i, path in enumerate(paths):
        pq.write_table(ROWS.slice(i * 1000, 1000), path, row_group_size=300)
    files = [local_file(path) for path in paths]
    return Table.from_scan(get_format("parquet").scan(files, features=None, options={}))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few rows are as many as are not held."""
    monkeypatch.setattr(scan, "SMALL_TABLE", 0)


@pytest.mark.usefixtures("large")
def test_rows_that_are_decoded_by_several_threads_stay_in_order(table: Table) -> None:
    assert pa.Table.from_batches(table.passing(128)) == ROWS


@pytest.mark.usefixtures("large")
def test_many_rows_that_pass_are_not_held(table: Table) -> None:
    list(table.passing(128))
    assert not table.resident


def test_few_rows_that_pass_are_held(table: Table) -> None:
    list(table.passing(128))
    assert table.resident


@pytest.mark.usefixtures("large")
def test_a_reader_that_goes_away_early_leaves_no_thread_waiting(table: Table) -> None:
    stream = table.passing(128)
    assert next(iter(stream)).num_rows == 128
    stream.close()  # type: ignore[attr-defined]  # it is a generator


def test_an_error_in_a_thread_is_raised_where_the_rows_are_taken() -> None:
    class Broken:
        def batches(self, **_: object) -> object:
            raise ValueError("damaged")

    with pytest.raises(ValueError, match="damaged"):
        list(decoded([Broken(), Broken()], ["n"], 10))  # type: ignore[list-item]


def test_rows_read_whole_are_held_once(table: Table) -> None:
    first = table.to_arrow()
    again = table.to_arrow()
    assert first == ROWS
    assert first.column(0).chunk(0).buffers()[1].address == (
        again.column(0).chunk(0).buffers()[1].address
    )


def test_columns_held_apart_are_put_together(table: Table) -> None:
    table.to_arrow(["s"])
    assert table.to_arrow() == ROWS
    assert table.slice(995, 10) == ROWS.slice(995, 10)


def test_rows_are_gathered_and_read_one_by_one_from_what_a_whole_read_held(table: Table) -> None:
    table.to_arrow()
    assert table.gather([4999, 0, 1000]).column("n").to_pylist() == [4999, 0, 1000]
    assert table.row(4000) == {"n": 4000, "s": "row 4000", "a.b": 4000}


@pytest.mark.usefixtures("large")
def test_renamed_columns_pass_under_their_new_names(table: Table) -> None:
    renamed = table.rename({"n": "m"}).select_columns(["s", "m"])
    assert pa.Table.from_batches(renamed.passing(1 << 16)).column_names == ["s", "m"]


def test_rows_beyond_the_budget_are_read_but_not_held(
    table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    from crucible_datasets import settings

    monkeypatch.setenv("CRUCIBLE_MEMORY_BUDGET", "1K")
    settings.reload()
    try:
        assert table.to_arrow() == ROWS
        assert not table.resident
    finally:
        monkeypatch.undo()
        settings.reload()
