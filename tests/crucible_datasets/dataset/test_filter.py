from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.table import derived

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def odd(row: Any) -> bool:
    with open(os.environ["CALLS"], "a") as file:  # a global list would be part of the fingerprint
        file.write("called\n")
    return bool(row["id"] % 2)


def test_rows_are_plain_dicts(ds: Dataset) -> None:
    kinds: set[type] = set()

    ds.filter(lambda row: kinds.add(type(row)))

    assert kinds == {dict}


def test_an_expression_keeps_what_the_function_keeps(ds: Dataset) -> None:
    by_expression = ds.filter((pl.col("id") > 2) & (pl.col("score") < 2))

    assert by_expression.to_list() == ds.filter(lambda r: r["id"] > 2 and r["score"] < 2).to_list()


def test_an_expression_is_false_where_it_is_null(ds: Dataset) -> None:
    assert 3 not in ds.filter(pl.col("text") != "row 1")["id"][:]


def test_an_expression_over_a_missing_column_names_it(ds: Dataset) -> None:
    with pytest.raises(ValueError, match="nope"):
        ds.filter(pl.col("nope") > 2)


def test_a_filter_of_a_filter_counts_from_its_rows(ds: Dataset) -> None:
    twice = ds.filter(lambda row: row["id"] > 4).filter(lambda row, i: i == 1, with_indices=True)

    assert twice["id"][:] == [6]


def test_processes_share_the_rows(ds: Dataset) -> None:
    assert ds.filter(lambda row: row["id"] % 3 == 0, num_proc=2)["id"][:] == [0, 3, 6, 9]


def test_a_result_over_files_is_kept_and_found_again(
    on_disk: Callable[[], Dataset], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLS", str(tmp_path / "calls"))
    first = on_disk().filter(odd)
    second = on_disk().filter(odd)

    assert len((tmp_path / "calls").read_text().split()) == 10
    assert second.to_list() == first.to_list()
    assert len(list((derived.folder("map")).iterdir())) == 1


def test_a_filter_over_a_scan_streams_what_it_keeps(on_disk: Callable[[], Dataset]) -> None:
    kept = on_disk().filter(lambda row: row["id"] in (2, 7))

    assert [row["id"] for row in kept] == [2, 7]


@pytest.mark.skipif(sys.platform == "win32", reason="one platform is enough")
def test_an_async_function_filters(ds: Dataset) -> None:
    async def high(row: Any) -> bool:
        return bool(row["id"] > 7)

    assert ds.filter(high)["id"][:] == [8, 9]


def test_a_batch_is_read_where_the_function_looks_at_it(on_disk: Callable[[], Dataset]) -> None:
    unread: list[bool] = []

    def low(batch: Any) -> list[bool]:
        unread.append("PENDING" in repr(batch.peek("chat")))
        return [score < 1 for score in batch["score"]]

    assert on_disk().filter(low, batched=True, batch_size=4)["id"][:] == [0, 1, 2, 3]
    assert all(unread)
