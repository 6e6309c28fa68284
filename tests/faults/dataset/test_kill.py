# ruff: noqa: E501
"""Processes killed while they write: what they leave is never taken for a result."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.load import load_from_disk
from crucible_datasets.table import derived

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 4000

MAP = """
import sys, time
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.table import spill
spill.BATCH_BYTES = 20_000

def slow(row):
    if row["id"] == 3900 and sys.argv[2:] == ["wait"]:
        time.sleep(60)
    return {"long": row["text"] * 4}

Dataset.from_parquet(sys.argv[1]).map(slow)
"""

SPILL = """
import sys, time
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.table import spill
spill.BATCH_BYTES = 20_000
large = spill.large

def slowly(batches):
    for count, batch in enumerate(large(batches)):
        if count == 5:
            time.sleep(60)
        yield batch

spill.large = slowly
Dataset.from_parquet(sys.argv[1])[list(range(0, 4000, 50))]
"""

SAVE = """
import sys, time
from crucible_datasets.dataset.dataset import Dataset
Dataset.from_parquet(sys.argv[1]).map(lambda row: {"id": -row["id"]}, keep_in_memory=True).save_to_disk(sys.argv[2], num_shards=40)
"""


@pytest.fixture
def rows(tmp_path: Path, small_budget: None) -> Path:
    """A Parquet file, and a budget that it does not fit."""
    path = tmp_path / "rows.parquet"
    made = Dataset.from_dict({"id": list(range(ROWS)), "text": [f"{i} " * 20 for i in range(ROWS)]})
    made.to_parquet(path, batch_size=500)
    return path


def killed(script: str, arguments: list[str], folder: Path, wait: str) -> None:
    """Run ``script`` and kill it once a file that matches ``wait`` lies in ``folder``."""
    with subprocess.Popen([sys.executable, "-c", script, *arguments]) as process:
        limit = time.monotonic() + 60
        while not list(folder.glob(wait)) and process.poll() is None:
            assert time.monotonic() < limit, "nothing was written"
            time.sleep(0.002)
        assert process.poll() is None, "it ended before it was killed"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()


def test_a_map_that_was_killed_is_made_again(rows: Path) -> None:
    folder = derived.folder("map")

    killed(MAP, [str(rows), "wait"], folder, ".*.part")

    assert not [path for path in folder.iterdir() if not path.name.startswith(".")]
    subprocess.run([sys.executable, "-c", MAP, str(rows)], check=True)
    (whole,) = [path for path in folder.iterdir() if path.suffix == ".arrow"]
    again = Dataset.from_file(whole)
    assert again["long"][:] == [f"{i} " * 80 for i in range(ROWS)]


def test_a_spill_that_was_killed_is_made_again(rows: Path) -> None:
    folder = derived.folder("arrow")

    killed(SPILL, [str(rows)], folder, ".*.part")

    assert not list(folder.glob("*.arrow"))
    loaded = Dataset.from_parquet(str(rows))
    assert loaded[list(range(0, ROWS, 50))]["id"] == list(range(0, ROWS, 50))
    assert len(list(folder.glob("*.arrow"))) == 1


def test_a_folder_that_was_half_saved_is_no_dataset(rows: Path, tmp_path: Path) -> None:
    target = tmp_path / "saved"
    Dataset.from_parquet(str(rows)).save_to_disk(target, num_shards=40)
    before = (target / "data-00003-of-00040.arrow").stat().st_mtime_ns

    with subprocess.Popen([sys.executable, "-c", SAVE, str(rows), str(target)]) as process:
        changed = target / "data-00003-of-00040.arrow"
        limit = time.monotonic() + 60
        while changed.stat().st_mtime_ns == before and process.poll() is None:
            assert time.monotonic() < limit, "nothing was written"
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    if process.returncode == 0:  # it was quicker than the signal
        assert load_from_disk(target)[0]["id"] == 0
        return
    with pytest.raises(FileNotFoundError, match=r"state\.json"):
        Dataset.load_from_disk(target)
    Dataset.from_parquet(str(rows)).save_to_disk(target, num_shards=2)
    assert load_from_disk(target)["id"][:] == list(range(ROWS))
