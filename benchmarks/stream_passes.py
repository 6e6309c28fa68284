"""Ours beside ``datasets`` on streams: first rows, full passes, shuffles, skips, the Hub.

python -m benchmarks stream_passes [--rows 1000000] [--rounds 1] [--only TEXT] [--data FOLDER] [--write]

Each piece of work runs in a new process of its own; the local Hub has one too. The best of the rounds
counts. Every ratio is of one run, on one machine. The set of 6 GB is ``stream_large``'s.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import data_chat
from benchmarks.page import Page
from benchmarks.stream_works import REPO, WORKS, make_images

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVER = """
import sys
from pathlib import Path
from hfhub.local_hub import LocalHub
with LocalHub() as hub:
    files = {path.name: path for path in sorted(Path(sys.argv[2]).glob("*.parquet"))}
    hub.add(sys.argv[1], files, lfs=["*.parquet"])
    print(hub.endpoint, flush=True)
    for _ in sys.stdin:
        answered = [seen for seen in hub.requests if not 300 <= seen.status < 400]
        print(len(answered), sum(seen.nbytes or 0 for seen in answered), flush=True)
        hub.clear_requests()
"""


class Hub:
    """A local Hub in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.endpoint = self._read()

    def counts(self) -> tuple[int, int]:
        """Requests, without redirects, and bytes since the last call."""
        assert self._process.stdin is not None
        print(file=self._process.stdin, flush=True)
        requests, size = self._read().split()
        return int(requests), int(size)

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def served(folder: Path) -> Iterator[Hub]:
    """A Hub with the first Parquet file's first 50,000 rows."""
    process = subprocess.Popen(
        [sys.executable, "-c", SERVER, REPO, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Hub(process)
    finally:
        process.kill()
        process.wait()


def hub_files(data: Path) -> Path:
    """50,000 rows in five row groups, for the Hub."""
    import pyarrow.parquet as pq

    folder = data / "hub"
    if not folder.exists():
        (source,) = sorted((data / "parquet").glob("*.parquet"))[:1]
        folder.mkdir()
        table = pq.read_table(source).slice(0, 50_000)
        pq.write_table(table, folder / "train.parquet", row_group_size=10_000)
    return folder


def run(library: str, work: str, data: Path, bytecode: Path, endpoint: str) -> Any:
    """One piece of work in a process of its own."""
    home = Path(tempfile.mkdtemp())
    environment = {
        **os.environ,
        "HF_HOME": str(home),
        "HF_ENDPOINT": endpoint,
        # compiled modules of both libraries are kept, as in any installation
        "PYTHONPYCACHEPREFIX": str(bytecode),
    }
    for name in ("HF_DATASETS_CACHE", "HF_HUB_CACHE", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.stream_works", library, work, str(data)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    shutil.rmtree(home, ignore_errors=True)
    if done.returncode:
        print(done.stderr[-2000:], file=sys.stderr)
        return None
    return json.loads(done.stdout.strip().splitlines()[-1]) if done.stdout.strip() else {}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="")
    parser.add_argument("--data", type=Path, default=None)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    arguments = parser.parse_args(argv)
    data = arguments.data or Path(tempfile.gettempdir()) / f"crucible-chat-{arguments.rows}"
    data_chat.make(data, arguments.rows, min(arguments.rows, 100_000))
    make_images(data)
    bytecode = Path(tempfile.mkdtemp())
    page = Page(
        "stream_passes",
        f"Streams: {arguments.rows:,} chat rows",
        "crucible-datasets",
        "datasets",
        "pyarrow",
    )
    page.line(
        f"{'':<30}{'ours s':>9}{'peer s':>9}{'ratio':>7}{'cpu':>6}{'reach':>7}"
        f"{'ours MB':>9}{'peer MB':>9}{'requests':>12}"
    )
    with served(hub_files(data)) as hub:
        for library in ("ours", "peer"):  # compiles the modules
            for warm in ("first row, Parquet", "first row over the Hub"):
                run(library, warm, data, bytecode, hub.endpoint)
        for name, work in WORKS.items():
            if arguments.only not in name:
                continue
            if work.only_ours:
                run("ours", "make state", data, bytecode, hub.endpoint)
            page.line(measured(name, data, bytecode, hub, arguments.rounds))
    shutil.rmtree(bytecode, ignore_errors=True)
    if arguments.write:
        page.write()


def measured(name: str, data: Path, bytecode: Path, hub: Hub, rounds: int) -> str:
    """The line of one piece of work."""
    work = WORKS[name]
    best: dict[str, Any] = {}
    requests: dict[str, str] = {}
    for _ in range(rounds):
        for library in ("ours",) if work.only_ours else ("ours", "peer"):
            hub.counts()
            found = run(library, name, data, bytecode, hub.endpoint)
            if found is None:
                continue
            sent, size = hub.counts()
            requests[library] = f"{sent}/{size / 1e6:.1f}MB" if work.hub else ""
            if library not in best or found["seconds"] < best[library]["seconds"]:
                best[library] = found
    ours, peer = best.get("ours"), best.get("peer")
    if ours is None:
        return f"{name:<30} failed"
    if peer is None:
        return f"{name:<30}{ours['seconds']:>9.3f}{'':>38}{ours['peak_mb']:>9.0f}  {work.goal}"
    return (
        f"{name:<30}{ours['seconds']:>9.3f}{peer['seconds']:>9.3f}"
        f"{peer['seconds'] / ours['seconds']:>7.1f}{peer['cpu'] / ours['cpu']:>6.1f}"
        f"{work.reach or '':>7}{ours['peak_mb']:>9.0f}{peer['peak_mb']:>9.0f}"
        f"  {requests['ours']} {requests['peer']}  {work.goal}"
    )
