"""A set of 6 GB streamed as rows and as batches, ours beside ``datasets``: rows a second, and memory.

python -m benchmarks stream_large [--gigabytes 6] [--peer-rows 500000] [--whole] [--keep] [--write]

The set is that of ``data_chat``, made in the folder for temporary files (it takes about as much of the
disk) and deleted afterwards unless ``--keep`` is given. We read all of it; the peer, which takes minutes
for what takes us seconds, its first rows only, unless ``--whole`` is given. A shuffled stream is restored
behind its millionth row. Each pass is a process of its own.
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

ROW_BYTES = 850
"""Of a chat row in memory, about."""

READ = """
import json, os, sys, time
from itertools import islice
from pathlib import Path
from benchmarks.stream_works import Library, count, make_state, peak_mb, restore
library, way, folder, rows = sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
lib = Library(library)
lib.warm(folder, with_lines=False)
start = time.perf_counter()
if way == "rows":
    found = count(islice(lib.parquet(folder), rows))
elif way == "batches":
    found = 1000 * count(islice(lib.parquet(folder).iter(1000), rows // 1000))
elif way == "state":
    found = make_state(lib, folder)
else:
    found = restore(lib, folder)
seconds = time.perf_counter() - start
print(json.dumps({"rows": found, "seconds": seconds, "peak_mb": peak_mb()}), flush=True)
os._exit(0)  # without the peer's sleep at the end of a stream that is broken off
"""
WANTED = {"rows": 3.0, "batches": 1.5}


def read(library: str, way: str, folder: Path, rows: int) -> dict[str, Any]:
    """What one process found."""
    environment = {**os.environ, "HF_HOME": str(folder / "home")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    done = subprocess.run(
        [sys.executable, "-c", READ, library, way, str(folder), str(rows)],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=6, help="in memory")
    parser.add_argument("--peer-rows", type=int, default=500_000)
    parser.add_argument("--whole", action="store_true", help="let the peer read everything, too")
    parser.add_argument("--keep", action="store_true", help="leave the set for the next run")
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    rows = int(arguments.gigabytes * 1e9) // ROW_BYTES
    folder = Path(tempfile.gettempdir()) / f"crucible-chat-{rows}"
    try:
        data_chat.make(folder, rows, json_rows=0)
        measure(folder, rows, rows if arguments.whole else arguments.peer_rows, arguments.write)
    finally:
        if not arguments.keep:
            shutil.rmtree(folder, ignore_errors=True)


def measure(folder: Path, rows: int, peer_rows: int, write: bool) -> None:
    """Read the set in every way, and print what it took."""
    on_disk = sum(path.stat().st_size for path in (folder / "parquet").iterdir())
    page = Page(
        "stream_large",
        f"A large stream: {rows:,} chat rows, {on_disk / 1e9:.1f} GB of Parquet",
        "crucible-datasets",
        "datasets",
        "pyarrow",
    )
    page.line(
        f"{'':<10}{'ours rows/s':>14}{'peer rows/s':>14}{'ratio':>8}{'wanted':>8}"
        f"{'ours MB':>10}{'peer MB':>10}   wanted: under 350 MB"
    )
    for way, wanted in WANTED.items():
        ours = read("ours", way, folder, rows)
        peer = read("peer", way, folder, min(rows, peer_rows))
        speeds = [found["rows"] / found["seconds"] for found in (ours, peer)]
        page.line(
            f"{way:<10}{speeds[0]:>14,.0f}{speeds[1]:>14,.0f}{speeds[0] / speeds[1]:>8.1f}"
            f"{wanted:>8.1f}{ours['peak_mb']:>10.0f}{peer['peak_mb']:>10.0f}"
            f"   the peer read {peer['rows']:,} of {ours['rows']:,} rows"
        )
    place = read("ours", "state", folder, rows)["rows"]
    restored = read("ours", "restore", folder, rows)
    page.line(
        f"a shuffle (buffer of 10,000) restored at row {place:,}: {restored['seconds']:.2f} s, "
        f"{restored['peak_mb']:.0f} MB   wanted: 2 s"
    )
    if write:
        page.write()
