"""Datasets of odd shapes, in memory and spilled: many files, many columns, strange names, no rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets import (
    Dataset,
    concatenate_datasets,
    load_dataset,
    load_from_disk,
)
from crucible_datasets.exceptions import DataFilesNotFoundError

if TYPE_CHECKING:
    from pathlib import Path

NAMES = [
    "",
    "*",
    "a.b",
    "a",
    "🎈 é",
    "x[0]",
    "^n$",
    "literal",
    "len",
    "__index_level_0__",
    "/",
    "~",
]


@pytest.fixture(params=["held", "spilled"], autouse=True)
def budget(request: pytest.FixtureRequest) -> str:
    """Everything within the budget, and beyond it."""
    if request.param == "spilled":
        request.getfixturevalue("small_budget")
    return str(request.param)


def test_a_thousand_files_of_ten_rows(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for number in range(1000):
        at = number * 10
        rows = {"n": range(at, at + 10), "s": [f"row {n}" for n in range(at, at + 10)]}
        pq.write_table(pa.table(rows), tmp_path / "data" / f"train-{number:05}-of-01000.parquet")

    ds = load_dataset(str(tmp_path), split="train")

    assert ds.num_rows == 10_000
    assert [row["n"] for row in ds] == list(range(10_000))
    order = np.random.default_rng(0).permutation(10_000)[:500]
    assert ds[order]["s"] == [f"row {n}" for n in order]
    assert ds.shuffle(seed=1).sort("n")["n"][-1] == 9_999
    assert ds.filter(lambda row: row["n"] % 1000 == 7).num_rows == 10
    stream = load_dataset(str(tmp_path), split="train", streaming=True)
    assert [row["n"] for row in stream.skip(9_995)] == list(range(9_995, 10_000))


def test_five_thousand_columns(tmp_path: Path) -> None:
    names = [f"c{n}" for n in range(5_000)]
    table = pa.table({name: [n, n + 1, n + 2] for n, name in enumerate(names)})
    pq.write_table(table, tmp_path / "train.parquet")

    ds = load_dataset(str(tmp_path), split="train")

    assert ds[1] == {name: n + 1 for n, name in enumerate(names)}
    assert ds[[2, 0]]["c4999"] == [5_001, 4_999]
    assert len(list(ds)) == 3
    narrow = ds.select_columns(["c4999", "c0"]).map(lambda row: {"sum": row["c0"] + row["c4999"]})
    assert narrow.to_list()[0] == {"c4999": 4_999, "c0": 0, "sum": 4_999}
    assert ds.remove_columns(names[1:]).to_list() == [{"c0": 0}, {"c0": 1}, {"c0": 2}]


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv", "arrow"])
def test_columns_may_be_called_anything(tmp_path: Path, ending: str) -> None:
    rows = [{name: f"v {name} {n}" for name in NAMES} for n in range(200)]
    path = tmp_path / f"train.{ending}"
    if ending == "arrow":
        table = pa.Table.from_pylist(rows)
        with pa.ipc.new_stream(path, table.schema) as writer:
            writer.write_table(table)
    else:
        write = {"parquet": "to_parquet", "jsonl": "to_json", "csv": "to_csv"}[ending]
        getattr(Dataset.from_list(rows), write)(path)
    if ending == "csv":  # pandas, and so the peer, gives a name to a column without one
        rows = [{("Unnamed: 0" if k == "" else k): v for k, v in row.items()} for row in rows]

    ds = load_dataset(ending.removesuffix("l"), data_files=str(path), split="train")

    assert ds.to_list() == rows
    assert ds[[150, 3]] == {name: [rows[150][name], rows[3][name]] for name in rows[0]}
    assert ds.shuffle(seed=0).sort("a")[0]["a"] == "v a 0"
    for name in rows[0]:
        assert ds[name][199] == rows[199][name]
        assert ds.select_columns([name]).to_list()[-1] == {name: rows[199][name]}
        assert ds.filter(lambda row, name=name: row[name].endswith(" 7"))[0][name] == rows[7][name]
        assert ds.rename_column(name, "new")[5]["new"] == rows[5][name]
        assert (
            ds.map(lambda row, name=name: {name: row[name] + "!"})[9][name] == rows[9][name] + "!"
        )
    ds.save_to_disk(tmp_path / "saved")
    assert load_from_disk(tmp_path / "saved").to_list() == rows
    stream = load_dataset(
        ending.removesuffix("l"), data_files=str(path), split="train", streaming=True
    )
    assert list(stream.select_columns(list(rows[0])[2:4]).take(1)) == [
        {name: rows[0][name] for name in list(rows[0])[2:4]}
    ]


def test_a_split_may_have_no_rows(tmp_path: Path) -> None:
    table = pa.table({"n": [1, 2], "s": ["x", "y"]})
    pq.write_table(table, tmp_path / "train.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "test.parquet")

    found = load_dataset(str(tmp_path))

    empty: Any = found["test"]
    assert found.num_rows == {"train": 2, "test": 0}
    assert empty.features == found["train"].features
    assert list(empty) == empty.to_list() == list(empty["n"]) == []
    assert empty[:] == {"n": [], "s": []}
    assert empty.map(lambda row: {"m": 1}).num_rows == empty.filter(lambda row: True).num_rows == 0
    assert empty.shuffle(seed=0).sort("n").to_list() == []
    assert concatenate_datasets([empty, found["train"]]).to_list() == table.to_pylist()
    assert list(load_dataset(str(tmp_path), split="test", streaming=True)) == []
    with pytest.raises(IndexError):
        empty[0]
    found.save_to_disk(tmp_path / "saved")
    assert load_from_disk(tmp_path / "saved").num_rows == {"train": 2, "test": 0}


@pytest.mark.parametrize("ending", ["csv", "jsonl", "txt"])
def test_a_split_may_be_a_file_without_rows(tmp_path: Path, ending: str) -> None:
    head, row = {"csv": ("n\n", "1\n"), "jsonl": ("", '{"n": 1}\n'), "txt": ("", "1\n")}[ending]
    (tmp_path / f"train.{ending}").write_text(head + row)
    (tmp_path / f"test.{ending}").write_text(head)

    assert load_dataset(str(tmp_path)).num_rows == {"train": 1, "test": 0}


def test_a_split_without_files_is_named(tmp_path: Path) -> None:
    pq.write_table(pa.table({"n": [1]}), tmp_path / "train.parquet")

    with pytest.raises(DataFilesNotFoundError, match=r"nothing-\*"):
        load_dataset(str(tmp_path), data_files={"train": "train.parquet", "test": "nothing-*"})
    with pytest.raises(ValueError, match=r"test.*train"):
        load_dataset(str(tmp_path), split="test")
