"""Five processes that load one dataset at once, with nothing in the cache yet."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from crucible_datasets import Dataset
from crucible_datasets.table import derived
from hfhub import settings as hub_settings

if TYPE_CHECKING:
    from pathlib import Path

    from hfhub.local_hub import LocalHub

ROWS = 5_000
CROWD = 5

LOAD = """
import json, sys
from crucible_datasets import load_dataset

sys.stdout.write("ready\\n"); sys.stdout.flush()
sys.stdin.readline()
ds = load_dataset(sys.argv[1], split="train")
order = [(i * 7919) % ds.num_rows for i in range(500)]
gathered = [row["text"] for row in ds.select(order)]
long = ds.map(lambda row: {"long": len(row["text"])})
print(json.dumps({
    "rows": ds.num_rows,
    "right": gathered == [f"{i} " * 20 for i in order],
    "one": ds[ds.num_rows - 1]["id"],
    "mapped": sum(long["long"]),
    "passed": sum(row["id"] for row in ds),
}))
"""


def crowd(name: str) -> list[dict[str, object]]:
    """What each of the processes saw; they begin to load at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", LOAD, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for _ in range(CROWD)
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        outputs = [process.communicate(timeout=100)[0] for process in processes]
    finally:
        for process in processes:
            process.kill()
            process.wait()
    assert [process.returncode for process in processes] == [0] * CROWD
    return [json.loads(output) for output in outputs]


def made() -> Dataset:
    return Dataset.from_dict({"id": list(range(ROWS)), "text": [f"{i} " * 20 for i in range(ROWS)]})


EXPECTED = {
    "rows": ROWS,
    "right": True,
    "one": ROWS - 1,
    "mapped": sum(len(f"{i} " * 20) for i in range(ROWS)),
    "passed": sum(range(ROWS)),
}


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.name.endswith(".part")]


@pytest.mark.parametrize("ending", ["parquet", "jsonl", "csv"])
def test_local_files_that_have_to_be_spilled(
    tmp_path: Path, small_budget: None, ending: str
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write = {"parquet": "to_parquet", "jsonl": "to_json", "csv": "to_csv"}[ending]
    getattr(made(), write)(folder / f"train.{ending}")

    assert crowd(str(folder)) == [EXPECTED] * CROWD

    for kind in ("arrow", "map"):
        assert len(list(derived.folder(kind).glob("*.arrow"))) == 1, kind
        assert left(derived.folder(kind)) == []


def test_a_repository_of_the_hub(tmp_path: Path, small_budget: None, local_hub: LocalHub) -> None:
    paths = {}
    for number in range(4):
        part = made().select(range(number * ROWS // 4, (number + 1) * ROWS // 4))
        part.to_parquet(tmp_path / f"{number}.parquet")
        paths[f"data/train-{number:05}-of-00004.parquet"] = tmp_path / f"{number}.parquet"
    local_hub.add("me/crowded", paths)

    assert crowd("me/crowded") == [EXPECTED] * CROWD

    cache = hub_settings.current().cache_dir
    blobs = [path for path in cache.glob("datasets--me--crowded/blobs/*") if path.is_file()]
    assert len(blobs) == 4
    assert left(cache) == []
    fetched = [seen.path for seen in local_hub.requests if seen.status in (200, 206)]
    assert len([path for path in fetched if "/api/" in path]) <= 3 * CROWD
