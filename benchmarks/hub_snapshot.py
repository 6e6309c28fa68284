"""A snapshot of many small files, cold and warm: ours and huggingface_hub, one local Hub.

python -m benchmarks hub_snapshot [--files 2000] [--rounds 1]
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.hub_process import OURS, PEER, REPO, call, costs, folder, row, serve

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.hub_process import Hub, Measured


def snapshot(library: str, hub: Hub, cache: Path, revision: str = "main") -> Measured:
    """Time one snapshot in a new process."""
    setup = f"from {library} import snapshot_download"
    if library == OURS:
        setup = "from hfhub.download.snapshot import snapshot_download"
    return call(
        hub,
        cache,
        setup,
        f"snapshot_download({REPO!r}, repo_type='dataset', revision={revision!r})",
    )


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
    )
    return time.perf_counter() - start


def main(argv: list[str]) -> None:
    """Print the ratios."""
    parser = argparse.ArgumentParser(prog="hub_snapshot", description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args(argv)
    with folder() as place, serve(kind="many", count=options.files) as hub:
        libraries = [OURS] if options.no_peer else [OURS, PEER]
        for n in range(options.rounds):
            caches = {library: place / f"{library}{n}" for library in libraries}
            cold = {name: snapshot(name, hub, cache) for name, cache in caches.items()}
            warm = {name: snapshot(name, hub, cache) for name, cache in caches.items()}
            pinned = {name: snapshot(name, hub, cache, hub.sha) for name, cache in caches.items()}
            for name, got in (("cold", cold), ("warm", warm), ("pinned", pinned)):
                ours, peer = got[OURS], got.get(PEER, got[OURS])
                row(
                    f"snapshot of {options.files}, {name}",
                    ours.seconds,
                    peer.seconds,
                    note=costs(ours, peer),
                )
            if shutil.which("curl"):
                print(f"curl, 8 at once: {curl(hub, options.files, place / f'curl{n}'):.2f} s")
