"""Ten times the rows: time and peak memory of iterating, and of random rows beyond the budget.

python -m benchmarks dataset_scale [--rows 1000000] [--data FOLDER] [--write]

Each line is a process of its own. "beyond the budget" allows a third of what the rows take in memory:
they are spilled to a memory-mapped file, and 1,000 random rows are read. Pages of that file count
as peak memory while they are mapped, though the system may take them back; "own" is without them.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks import data_chat
from benchmarks.page import Page

START = """
import json, random, sys, time
from crucible_datasets import load_dataset
def memory():
    lines = dict(line.split(":", 1) for line in open("/proc/self/status"))
    own, peak = (int(lines[name].split()[0]) / 1024 for name in ("RssAnon", "VmHWM"))
    return {"own": own, "peak": peak}
ds = load_dataset("parquet", data_files={"train": sys.argv[1:]}, split="train")
start = time.perf_counter()
"""
END = """
print(json.dumps({"seconds": time.perf_counter() - start, "rows": len(ds), **memory()}))
"""
WORKS = {
    "iterate": "for row in ds: pass",
    "random rows": "for i in random.Random(1).sample(range(len(ds)), 1000): ds[i]",
}
ROW_BYTES = 1000


def measured(work: str, files: list[str], **more: str) -> dict[str, Any]:
    """The figures of one process."""
    home = tempfile.mkdtemp()
    environment = {**os.environ, "HF_HOME": home, "HF_HUB_OFFLINE": "1", **more}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # compiled modules are kept, as always
    program = START + WORKS[work] + END
    done = subprocess.run(
        [sys.executable, "-c", program, *files], env=environment, check=True, capture_output=True
    )
    shutil.rmtree(home, ignore_errors=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    base = arguments.data or Path(tempfile.gettempdir())
    page = Page("dataset_scale", "Datasets: ten times the rows", "crucible-datasets", "pyarrow")
    for rows in (arguments.rows // 10, arguments.rows):
        data = data_chat.make(base / f"crucible-chat-{rows}", rows, min(rows, 100_000))
        files = sorted(str(path) for path in (data / "parquet").glob("*.parquet"))
        budget = str(rows * ROW_BYTES // 3)
        for name, found in {
            "iterate": measured("iterate", files),
            "random rows": measured("random rows", files),
            "random rows, beyond the budget": measured(
                "random rows", files, CRUCIBLE_MEMORY_BUDGET=budget
            ),
        }.items():
            page.line(
                f"{rows:>9,} rows  {name:<32}{found['seconds']:>8.2f} s"
                f"{found['peak']:>8.0f} MB peak{found['own']:>8.0f} MB own"
            )
    page.line("wanted: ten times the time, the same peak memory while iterating")
    if arguments.write:
        page.write()
