"""Whole reads of files: what they hold, and what only passes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from crucible_datasets import settings
from crucible_datasets.formats import get_format
from crucible_datasets.formats.sources import local_file
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROWS = pa.table(
    {
        "n": range(5000),
        "s": [f"row {i}" for i in range(5000)],
        "a.b": range(5000),
        "m": [[{"role": "user", "content": "x" * (i % 7)}] * (i % 3) for i in range(5000)],
    }
)


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return scanned(tmp_path, ROWS)


def scanned(folder: Path, rows: pa.Table) -> Table:
    paths = [folder / f"{i}.parquet" for i in range(5)]
    for i, path in enumerate(paths):
        pq.write_table(rows.slice(i * 1000, 1000), path, row_group_size=300)
    files = [local_file(path) for path in paths]
    return Table.from_scan(get_format("parquet").scan(files, features=None, options={}))


@pytest.fixture
def budget(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    monkeypatch.setenv("CRUCIBLE_MEMORY_BUDGET", request.param)
    settings.reload()
    yield
    monkeypatch.undo()
    settings.reload()


tiny = pytest.mark.parametrize("budget", ["1K"], indirect=True)


def test_rows_that_pass_stay_in_order_and_are_held(table: Table) -> None:
    assert pa.Table.from_batches(table.passing(128)) == ROWS
    assert table.resident
    assert pa.Table.from_batches(table.passing(128)) == ROWS


def test_rows_that_do_not_pass_to_the_end_are_not_held(table: Table) -> None:
    stream = table.passing(128)
    assert next(iter(stream)).num_rows == 128
    stream.close()  # type: ignore[attr-defined]  # it is a generator
    assert not table.resident


def test_walking_through_rows_holds_none(table: Table) -> None:
    assert sum(batch.num_rows for batch in table.batches()) == 5000
    assert not table.resident


@pytest.mark.usefixtures("budget")
@tiny
def test_rows_beyond_the_budget_are_read_but_not_held(table: Table) -> None:
    assert table.to_arrow() == ROWS
    assert pa.Table.from_batches(table.passing(128)) == ROWS
    assert table.lazy().collect().height == 5000
    assert not table.resident


@pytest.mark.usefixtures("budget")
@pytest.mark.parametrize("budget", ["200K"], indirect=True)
def test_rows_that_files_hold_in_less_than_the_budget_are_held_only_within_it(
    tmp_path: Path,
) -> None:
    table = scanned(tmp_path, pa.table({"s": ["the same long text again" * 10] * 5000}))
    assert pa.Table.from_batches(table.passing(128)).num_rows == 5000
    assert not table.resident
    assert table.to_arrow().num_rows == 5000
    assert not table.resident
    assert table.gather(list(range(4999, 0, -50))).num_rows == 100
    assert table.cache_paths  # for random access they were spilled


def test_rows_read_whole_are_held_once(table: Table) -> None:
    first = table.to_arrow()
    again = table.to_arrow()
    assert first == ROWS
    assert first.column(0).chunk(0).buffers()[1].address == (
        again.column(0).chunk(0).buffers()[1].address
    )


def test_a_frame_of_held_rows_is_that_of_the_files(table: Table) -> None:
    scanned = table.lazy().collect()
    table.to_arrow()
    held = table.lazy().collect()
    assert_frame_equal(held, scanned)
    assert_frame_equal(table.lazy().collect(), scanned)


def test_rows_are_the_same_before_and_after_they_are_joined(table: Table) -> None:
    before = table.to_arrow()
    frame = table.lazy().collect()
    assert table.gather([4999, 0, 1000]) == ROWS.take([4999, 0, 1000])
    assert before == ROWS
    assert table.to_arrow() == ROWS
    assert table.to_arrow().column("m").num_chunks == 1
    assert_frame_equal(table.lazy().collect(), frame)


def test_a_selection_of_most_rows_holds_them_and_one_of_few_does_not(table: Table) -> None:
    few = table.select_rows(list(range(0, 5000, 3)))
    assert few.to_arrow() == ROWS.take(list(range(0, 5000, 3)))
    assert not table.resident

    most = table.select_rows(list(range(4999, 0, -1)))
    assert most.to_arrow() == ROWS.take(list(range(4999, 0, -1)))
    assert table.resident
    assert few.to_arrow() == ROWS.take(list(range(0, 5000, 3)))


def test_columns_held_apart_are_put_together(table: Table) -> None:
    table.to_arrow(["s"])
    assert pa.Table.from_batches(table.passing(128)) == ROWS
    assert table.to_arrow() == ROWS
    assert table.slice(995, 10) == ROWS.slice(995, 10)
    assert table.lazy().collect().to_dicts() == ROWS.to_pylist()


def test_rows_are_gathered_and_read_one_by_one_from_what_a_whole_read_held(table: Table) -> None:
    table.to_arrow()
    assert table.gather([4999, 0, 1000]).column("n").to_pylist() == [4999, 0, 1000]
    assert table.row(4000) == ROWS.slice(4000, 1).to_pylist()[0]


def test_renamed_columns_pass_under_their_new_names(table: Table) -> None:
    renamed = table.rename({"n": "k"}).select_columns(["s", "k"])
    assert pa.Table.from_batches(renamed.passing(1 << 16)).column_names == ["s", "k"]
    assert renamed.lazy().collect().columns == ["s", "k"]


def test_threads_that_read_and_join_at_once_all_get_the_rows(table: Table) -> None:
    def work(kind: int) -> bool:
        if kind % 4 == 0:
            return bool(pa.Table.from_batches(table.passing(100)) == ROWS)
        if kind % 4 == 1:
            return bool(table.to_arrow() == ROWS)
        if kind % 4 == 2:
            return bool(table.gather([7, 4321]) == ROWS.take([7, 4321]))
        return table.lazy().collect().height == 5000

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(32)))
