"""Ours beside ``datasets`` on chat rows: loading, reading, transforms, exports.

python -m benchmarks dataset_table [--rows 1000000] [--rounds 1] [--only TEXT] [--data FOLDER] [--write]

Each piece of work runs in a new process of its own, the peer's cache filled before; the best of the
rounds counts. "again" is the same work a second time in that process: what the first one decoded
and held is there then, if the memory budget allows. Every ratio is of one run, on one machine.
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
from benchmarks.dataset_works import WORKS
from benchmarks.page import Page

COLD = ("load ",)


def run(library: str, work: str, data: Path, homes: dict[str, Path]) -> dict[str, Any] | None:
    """One piece of work in a process of its own."""
    cold = work.startswith(COLD)
    home = Path(tempfile.mkdtemp()) if cold or library == "limit" else homes[library]
    scratch = Path(tempfile.mkdtemp())
    environment = {
        **os.environ,
        "HF_HOME": str(home),
        "HF_HUB_OFFLINE": "1",
        # compiled modules of both libraries are kept, as in any installation
        "PYTHONPYCACHEPREFIX": str(homes["bytecode"]),
    }
    for name in ("HF_DATASETS_CACHE", "HF_HUB_CACHE", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    command = [
        sys.executable,
        "-m",
        "benchmarks.dataset_works",
        library,
        work,
        str(data),
        str(scratch),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    shutil.rmtree(scratch, ignore_errors=True)
    if home != homes.get(library):
        shutil.rmtree(home, ignore_errors=True)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def best(results: list[dict[str, Any] | None]) -> dict[str, Any] | None:
    """The fastest, and the fastest second time."""
    whole = [result for result in results if result is not None]
    if not whole:
        return None
    fastest = min(whole, key=lambda result: result["seconds"])
    again = [result["again"] for result in whole if result.get("again") is not None]
    return {**fastest, "again": min(again, default=None)}


def second(ours: dict[str, Any], peer: dict[str, Any]) -> str:
    """The columns about doing the work again."""
    if ours["again"] is None or peer["again"] is None:
        return f"{'-':>11}{'-':>9}{'-':>8}"
    return f"{ours['again']:>11.3f}{peer['again']:>9.3f}{peer['again'] / ours['again']:>8.1f}"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="", help="parts of names, with | between")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    data = arguments.data or Path(tempfile.gettempdir()) / f"crucible-chat-{arguments.rows}"
    data_chat.make(data, arguments.rows, min(arguments.rows, 100_000))
    data_chat.make(data / "few", 1600, 1600)
    homes = {name: Path(tempfile.mkdtemp()) for name in ("ours", "peer", "bytecode")}
    for library in ("ours", "peer"):  # compiles the modules, fills the peer's cache
        for name in ("map a row", "filter by an expression"):
            run(library, name, data, homes)
    page = Page(
        "dataset_table",
        f"Datasets: {arguments.rows:,} chat rows",
        "crucible-datasets",
        "datasets",
        "polars",
        "pyarrow",
    )
    page.line(f"{'':<36}{'first time':^42}{'again':^26}{'peak MB':^16}{'wrote MB':^16}")
    page.line(
        f"{'':<36}{'ours s':>8}{'peer s':>9}{'limit s':>9}{'ratio':>8}{'cpu':>7}"
        f"{'ours s':>11}{'peer s':>9}{'ratio':>8}{'ours':>8}{'peer':>7}{'ours':>8}{'peer':>7}  reach"
    )
    for name, work in WORKS.items():
        if not any(part in name for part in arguments.only.split("|")):
            continue
        runs: dict[str, list[Any]] = {"ours": [], "peer": [], "limit": []}
        for _ in range(arguments.rounds):
            for library, found in runs.items():
                if library != "limit" or work.limit is not None:
                    found.append(run(library, name, data, homes))
        ours, peer, limit = (best(found) for found in runs.values())
        if ours is None or peer is None:
            page.line(f"{name:<36} failed")
            continue
        page.line(
            f"{name:<36}{ours['seconds']:>8.3f}{peer['seconds']:>9.3f}"
            f"{limit['seconds'] if limit else float('nan'):>9.3f}"
            f"{peer['seconds'] / ours['seconds']:>8.1f}{peer['cpu'] / ours['cpu']:>7.1f}"
            f"{second(ours, peer)}"
            f"{ours['peak_mb']:>8.0f}{peer['peak_mb']:>7.0f}"
            f"{ours['written'] / 1e6:>8.1f}{peer['written'] / 1e6:>7.1f}"
            f"  {f'{work.reach:g}x' if work.reach else ''} {work.goal}".rstrip()
        )
    for home in homes.values():
        shutil.rmtree(home, ignore_errors=True)
    if arguments.write:
        page.write()
