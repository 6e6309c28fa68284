"""Parquet files of one row group of a gibibyte: read a little at a time, never as a whole."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from pathlib import Path

ROWS = 262_144
WIDTH = 4_096

SCRIPT = """
import json, re, sys
from pathlib import Path
from crucible_datasets import load_dataset

def peak():  # in megabytes; getrusage would count what the parent held
    return int(re.search("VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1]) >> 10

what, path = sys.argv[1:]
import polars, pyarrow.parquet
from crucible_datasets.dataset.dataset import Dataset
before = peak()
ds = load_dataset("parquet", data_files=path, split="train", streaming=what == "stream")
if what == "first":
    found = [ds[0]["id"], len(ds[0]["text"])]
elif what in ("iterate", "stream"):
    rows = total = 0
    for row in ds:
        rows += 1
        total += row["id"]
    found = [rows, total]
else:
    found = [ds[i]["id"] for i in (262_143, 5, 100_000)]
print(json.dumps([found, peak() - before]))
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """1 GiB of text that hardly compresses, in one row group."""
    target: Path = tmp_path_factory.mktemp("large") / "one.parquet"
    dice = np.random.default_rng(0)
    schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
    offsets = pa.array(np.arange(ROWS + 1, dtype=np.int32)[: ROWS // 2 + 1] * WIDTH)
    halves = []
    for start in (0, ROWS // 2):
        data = dice.integers(97, 123, ROWS // 2 * WIDTH, dtype=np.uint8)
        text = pa.StringArray.from_buffers(
            ROWS // 2, offsets.buffers()[1], pa.py_buffer(data), None, 0
        )
        ids = pa.array(np.arange(start, start + ROWS // 2))
        halves.append(pa.RecordBatch.from_arrays([ids, text], schema=schema))
    pq.write_table(pa.Table.from_batches(halves), target, row_group_size=ROWS, use_dictionary=False)
    assert pq.read_metadata(target).num_row_groups == 1
    assert pq.read_metadata(target).row_group(0).total_byte_size > 1 << 30
    return target


def run(what: str, path: Path, **env: str) -> tuple[Any, int]:
    import os

    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, what, str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, **env},
    )
    found, grown = json.loads(done.stdout)
    return found, grown


@pytest.mark.slow
def test_the_first_row_takes_little(path: Path) -> None:
    found, grown = run("first", path)

    assert found == [0, WIDTH]
    assert grown < 300


@pytest.mark.slow
@pytest.mark.parametrize("what", ["iterate", "stream"])
def test_all_rows_pass_without_the_group_being_held(path: Path, what: str) -> None:
    found, grown = run(what, path)

    assert found == [ROWS, sum(range(ROWS))]
    assert grown < 300


@pytest.mark.slow
def test_rows_by_position_come_out_of_a_file_when_the_budget_is_small(path: Path) -> None:
    found, grown = run("random", path, CRUCIBLE_MEMORY_BUDGET="100M")

    assert found == [262_143, 5, 100_000]
    assert grown < 600
