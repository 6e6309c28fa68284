"""A snapshot of many small files, cold and warm: ours and huggingface_hub, one local Hub.

python -m benchmarks hub_snapshot [--files 2000] [--rounds 1] [--no-peer] [--write]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.hub_process import OURS, PEER, REPO, call, costs, folder, row, serve
from benchmarks.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.hub_process import Hub, Measured


def snapshot(library: str, hub: Hub, cache: Path, revision: str = "main") -> Measured:
    """Time one snapshot in a new process."""
    arguments = f"{REPO!r}, repo_type='dataset', revision={revision!r}"
    setup = f"from {library} import snapshot_download"
    return call(hub, cache, setup, f"snapshot_download({arguments})")


def curl(hub: Hub, count: int, target: Path) -> float:
    """Fetch the same files with curl, eight at once: the limit."""
    target.mkdir()
    lines = "".join(
        f'url = "{hub.endpoint}/datasets/{REPO}/resolve/{hub.sha}/data/{n:05}.json"\n'
        f'output = "{target}/{n:05}.json"\n'
        for n in range(count)
    )
    start = time.perf_counter()
    subprocess.run(
        ["curl", "-sL", "--no-progress-meter", "--parallel", "--parallel-max", "8", "-K", "-"],
        input=lines,
        text=True,
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def best(found: list[Measured]) -> Measured:
    return min(found, key=lambda one: one.seconds)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="hub_snapshot", description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    libraries = [OURS] if options.no_peer else [OURS, PEER]
    title = f"A snapshot of {options.files} small files"
    page = Page("hub_snapshot", title, "hfhub", "huggingface_hub")
    works = ("cold", "warm", "warm, pinned")
    runs: dict[str, dict[str, list[Measured]]] = {w: {n: [] for n in libraries} for w in works}
    limits = []
    with folder() as place, serve(kind="many", count=options.files) as hub:
        for n in range(options.rounds):
            for work in works:
                for name in libraries:
                    revision = hub.sha if work == "warm, pinned" else "main"
                    got = snapshot(name, hub, place / f"{name}{n}", revision)
                    runs[work][name].append(got)
            if shutil.which("curl"):
                limits.append(curl(hub, options.files, place / f"curl{n}"))
    for work, found in runs.items():
        ours = best(found[OURS])
        peer = best(found.get(PEER, found[OURS]))
        page.line(row(work, ours.seconds, peer.seconds, note=costs(ours, peer)))
    if limits:
        page.line(f"curl, 8 at once: {min(limits):.2f} s")
    if options.write:
        page.write()
