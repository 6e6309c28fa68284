from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.dataset.workers import WorkerDied
from crucible_datasets.fingerprint import disable_caching, enable_caching
from crucible_datasets.schema import Features, Json, Value
from crucible_datasets.table import derived

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def counted(row: Any) -> dict[str, Any]:
    with open(os.environ["CALLS"], "a") as file:  # a global list would be part of the fingerprint
        file.write(f"{row['id']}\n")
    return {"double": row["id"] * 2}


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[int]]:
    """The rows that ``counted`` was called with."""
    path = tmp_path / "calls"
    path.touch()
    monkeypatch.setenv("CALLS", str(path))
    return lambda: [int(line) for line in path.read_text().split()]


def kill_self(row: Any) -> dict[str, Any]:
    if row["id"] == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"x": 1}


def fail_at_seven(row: Any) -> dict[str, Any]:
    if row["id"] == 7:
        raise LookupError("seven")
    return {"x": 1}


def cache_files() -> list[str]:
    folder = derived.folder("map")
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def test_the_function_is_called_once_for_each_row(
    ds: Dataset, calls: Callable[[], list[int]]
) -> None:
    ds.map(counted)

    assert calls() == list(range(10))


def test_columns_that_the_function_leaves_alone_are_not_copied(ds: Dataset) -> None:
    mapped = ds.map(lambda row: {"n": len(row["chat"])})

    before, after = ds.table.to_arrow(), mapped.table.to_arrow()
    for name in ds.column_names:
        old = before.column(name).chunk(0).buffers()
        new = after.column(name).chunk(0).buffers()
        assert [b and b.address for b in old] == [b and b.address for b in new]


def test_values_edited_in_place_persist(ds: Dataset) -> None:
    def edit(row: Any) -> Any:
        row["chat"].append({"role": "assistant", "content": "!"})
        return {"n": 1}

    assert [len(row["chat"]) for row in ds.map(edit)] == [i % 3 + 1 for i in range(10)]
    assert [len(row["chat"]) for row in ds] == [i % 3 for i in range(10)]


def test_an_edit_that_starts_late_keeps_the_rows_before(ds: Dataset) -> None:
    def edit(row: Any) -> Any:
        if row["id"] >= 6:
            row["text"] = "late"
        return row

    mapped = ds.map(edit, writer_batch_size=2)

    assert mapped["text"][:] == [*ds["text"][:6], *["late"] * 4]


def test_a_column_that_comes_late_is_none_before(ds: Dataset) -> None:
    mapped = ds.map(lambda row: {"late": row["id"]} if row["id"] > 4 else {}, writer_batch_size=2)

    assert mapped["late"][:] == [None] * 5 + [5, 6, 7, 8, 9]


def test_a_column_of_nothing_takes_the_type_that_comes_later(ds: Dataset) -> None:
    mapped = ds.map(lambda row: {"v": "x" if row["id"] > 6 else None}, writer_batch_size=2)

    assert mapped.features["v"] == Value("string")
    assert mapped["v"][:] == [None] * 7 + ["x"] * 3


def test_a_value_that_does_not_fit_says_where(ds: Dataset) -> None:
    with pytest.raises(ValueError, match=r"column 'v', rows from 4 on.*features="):
        ds.map(lambda row: {"v": 1 if row["id"] < 4 else "x"}, writer_batch_size=2)


def test_values_of_several_types_become_json(ds: Dataset) -> None:
    mapped = ds.map(lambda row: {"v": {"k": 1} if row["id"] % 2 else [1, "x"]})

    assert mapped.features["v"] == Json()
    assert mapped["v"][:2] == [[1, "x"], {"k": 1}]


def test_async_functions_run_at_the_same_time(ds: Dataset) -> None:
    running = most = 0

    async def wait(row: Any) -> dict[str, Any]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.01)
        running -= 1
        return {"late": row["id"]}

    mapped = ds.map(wait)

    assert mapped["late"][:] == list(range(10))
    assert most == 10


def test_an_async_function_runs_under_a_running_loop(ds: Dataset) -> None:
    async def double(row: Any) -> dict[str, Any]:
        return {"double": row["id"] * 2}

    async def notebook() -> Dataset:
        return ds.map(double)

    assert asyncio.run(notebook())["double"][3] == 6


def test_an_arrow_table_replaces_the_batch(ds: Dataset) -> None:
    mapped = ds.map(lambda batch: pa.table({"z": batch["id"]}), batched=True, batch_size=3)

    assert mapped.to_dict() == {"z": list(range(10))}


def test_nulls_are_refused_where_they_may_not_be(ds: Dataset) -> None:
    with pytest.raises(ValueError, match="disable_nullable"):
        ds.map(lambda row: {"v": None}, disable_nullable=True)


def test_processes_share_the_rows(ds: Dataset) -> None:
    mapped = ds.map(
        lambda row, i, rank: {"i": i, "rank": rank, "pid": os.getpid()},
        with_indices=True,
        with_rank=True,
        num_proc=2,
    )

    assert mapped["i"][:] == list(range(10))
    assert mapped["rank"][:] == [0] * 5 + [1] * 5
    assert os.getpid() not in mapped["pid"][:]


def test_an_error_in_a_process_is_raised_here(ds: Dataset) -> None:
    with pytest.raises(LookupError, match="seven"):
        ds.map(fail_at_seven, num_proc=2)


def test_a_killed_process_is_a_runtime_error(ds: Dataset) -> None:
    with pytest.raises(RuntimeError, match="killed") as caught:
        ds.map(kill_self, num_proc=2)

    assert isinstance(caught.value, WorkerDied)


def test_a_result_over_files_is_kept_and_found_again(
    on_disk: Callable[[], Dataset], calls: Callable[[], list[int]]
) -> None:
    first = on_disk().map(counted)
    second = on_disk().map(counted)

    assert len(calls()) == 10
    assert len(cache_files()) == 1
    assert second.to_list() == first.to_list()


def test_another_function_has_another_result(on_disk: Callable[[], Dataset]) -> None:
    factor = 2
    first = on_disk().map(lambda row: {"n": row["id"] * factor})
    factor = 3
    second = on_disk().map(lambda row: {"n": row["id"] * factor})

    assert (first["n"][2], second["n"][2]) == (4, 6)
    assert len(cache_files()) == 2


def test_a_result_is_made_again_on_demand(
    on_disk: Callable[[], Dataset], calls: Callable[[], list[int]]
) -> None:
    on_disk().map(counted)
    on_disk().map(counted, load_from_cache_file=False)

    assert len(calls()) == 20


def test_nothing_is_kept_while_caching_is_off(on_disk: Callable[[], Dataset]) -> None:
    disable_caching()
    try:
        on_disk().map(lambda row: {"n": 1})
    finally:
        enable_caching()

    assert cache_files() == []


def test_rows_in_memory_are_kept_only_in_a_named_file(
    ds: Dataset, tmp_path: Path, calls: Callable[[], list[int]]
) -> None:
    name = str(tmp_path / "kept.arrow")
    ds.map(counted)
    ds.map(counted, cache_file_name=name)
    again = ds.map(counted, cache_file_name=name)

    assert cache_files() == []
    assert len(calls()) == 20
    assert again["double"][4] == 8


def test_the_result_of_several_processes_serves_another_number(
    on_disk: Callable[[], Dataset],
) -> None:
    first = on_disk().map(lambda row: {"pid": os.getpid()}, num_proc=2)
    second = on_disk().map(lambda row: {"pid": os.getpid()}, num_proc=3)
    third = on_disk().map(lambda row: {"pid": os.getpid()})

    assert second.to_list() == first.to_list() == third.to_list()
    assert len(cache_files()) == 2


SCRIPT = """
import sys
from crucible_datasets.dataset.dataset import Dataset

def shout(row):
    print("called", file=sys.stderr)
    return {"loud": (row["text"] or "").upper()}

ds = Dataset.from_parquet(sys.argv[1]).map(shout)
print(ds["loud"][1], ds.cache_files[0]["filename"])
"""


def test_the_next_process_finds_the_result(on_disk: Callable[[], Dataset], tmp_path: Path) -> None:
    on_disk()
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    runs = [
        subprocess.run(
            [sys.executable, str(script), str(tmp_path / "rows.parquet")],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]

    assert runs[0].stderr.count("called") == 10
    assert runs[1].stderr == ""
    assert runs[0].stdout == runs[1].stdout


def test_features_given_are_the_features_of_the_result(ds: Dataset) -> None:
    wanted = Features({"n": Value("int8"), **ds.features})

    mapped = ds.map(lambda row: {"n": row["id"]}, features=wanted)

    assert list(mapped.features.items()) == list(wanted.items())
    assert mapped[2]["n"] == 2


def test_files_below_are_still_known_after_a_map(on_disk: Callable[[], Dataset]) -> None:
    mapped = on_disk().map(lambda row: {"n": 1}).select([3, 1])

    assert [file.path.rsplit("/", 1)[-1] for file in mapped.data_files] == ["rows.parquet"]


def test_cleaning_removes_results_that_are_not_used(on_disk: Callable[[], Dataset]) -> None:
    used = on_disk().map(lambda row: {"n": 1})
    on_disk().map(lambda row: {"n": 2})

    assert used.cleanup_cache_files() == 1
    assert len(cache_files()) == 1
    assert used["n"][0] == 1


BAR = """
import sys
sys.stderr.isatty = lambda: True
from crucible_datasets.dataset.dataset import Dataset
ds = Dataset.from_dict({"a": list(range(2500))})
ds.map(lambda row: {"b": 1}, desc="Counting")
ds.filter(lambda row: row["a"] > 3)
"""


def test_a_bar_is_drawn_where_someone_looks() -> None:
    done = subprocess.run([sys.executable, "-c", BAR], capture_output=True, text=True, check=True)

    assert "Counting: 100%" in done.stderr
    assert "Filter: 100%" in done.stderr
    assert "2500/2500" in done.stderr
