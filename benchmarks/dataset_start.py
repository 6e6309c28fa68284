"""A new process up to its first row: import, load local Parquet files, ``ds[0]``; ours and the peer.

python -m benchmarks dataset_start [--rows 100000] [--rounds 5] [--data FOLDER] [--write]

The peer's cache is filled before. "limit" is Polars reading one row by hand.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import data_chat
from benchmarks.page import Page

LOAD = 'ds = load_dataset("parquet", data_files={"train": sys.argv[1:]}, split="train"); ds[0]'
PROGRAMS = {
    "ours": f"import sys; from crucible_datasets import load_dataset; {LOAD}",
    "peer": f"import sys; from datasets import load_dataset; {LOAD}",
    "limit": "import sys; import polars; polars.scan_parquet(sys.argv[1:]).head(1).collect()",
}


def timed(program: str, files: list[str], home: str) -> tuple[float, float]:
    """Seconds by the clock and of the processor, of one process."""
    environment = {**os.environ, "HF_HOME": home, "HF_HUB_OFFLINE": "1"}
    for name in ("HF_DATASETS_CACHE", "HF_HUB_CACHE", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", program, *files], env=environment, check=True, capture_output=True
    )
    seconds = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    data = arguments.data or Path(tempfile.gettempdir()) / f"crucible-chat-{arguments.rows}"
    data_chat.make(data, arguments.rows, min(arguments.rows, 100_000))
    files = sorted(str(path) for path in (data / "parquet").glob("*.parquet"))
    home = tempfile.mkdtemp()
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    for count in range(arguments.rounds + 1):
        for name, program in PROGRAMS.items():
            seconds = timed(program, files, home)
            if count:  # the first round fills caches and compiles modules
                found[name].append(seconds)
    shutil.rmtree(home, ignore_errors=True)
    page = Page("dataset_start", "Datasets: a new process up to its first row", *PACKAGES)
    best = {name: [min(times) for times in zip(*runs, strict=True)] for name, runs in found.items()}
    for name, (clock, cpu) in best.items():
        ratio = best["peer"][0] / clock
        page.line(f"{name:<8}{clock:>8.3f} s {cpu:>8.3f} s of CPU {ratio:>6.1f} x the peer")
    page.line("wanted: 3 x the peer, at most 0.35 s")
    if arguments.write:
        page.write()


PACKAGES = ("crucible-datasets", "datasets", "polars", "pyarrow")
