"""One large file, verified: ours, huggingface_hub (not verified) and ``curl | sha256sum``.

python -m benchmarks hub_large [--megabytes 1024] [--rounds 3] [--no-peer] [--write]
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

from benchmarks.hub_process import OURS, PEER, REPO, call, costs, folder, row, serve
from benchmarks.page import Page

if TYPE_CHECKING:
    from pathlib import Path

    from benchmarks.hub_process import Hub, Measured


def download(library: str, hub: Hub, cache: Path) -> Measured:
    """Time one cold download in a new process."""
    got = call(
        hub,
        cache,
        f"from {library} import hf_hub_download",
        f"hf_hub_download({REPO!r}, 'big.bin', repo_type='dataset')",
    )
    shutil.rmtree(cache)
    return got


def curl(hub: Hub, command: str) -> float:
    """Time a pipeline that starts with curl."""
    url = f"{hub.endpoint}/datasets/{REPO}/resolve/main/big.bin"
    start = time.perf_counter()
    subprocess.run(f"curl -sL {url} {command}", shell=True, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="hub_large", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    title = f"One file of {options.megabytes} MiB"
    page = Page("hub_large", title, "hfhub", "huggingface_hub")
    ours, peer, piped, to_file = [], [], [], []
    with folder() as place:
        source = place / "big.bin"
        with source.open("wb") as file:
            for _ in range(options.megabytes):
                file.write(os.urandom(1 << 20))
        with serve(kind="large", path=str(source)) as hub:
            for n in range(options.rounds):
                ours.append(download(OURS, hub, place / f"ours{n}"))
                piped.append(curl(hub, "| sha256sum"))
                to_file.append(curl(hub, f"-o {place}/curl.bin"))
                (place / "curl.bin").unlink()
                if not options.no_peer:
                    peer.append(download(PEER, hub, place / f"peer{n}"))
    best = min(ours, key=lambda got: got.seconds)
    theirs = min(peer or ours, key=lambda got: got.seconds)
    page.line(row("into the cache", best.seconds, theirs.seconds, note=costs(best, theirs)))
    share = best.seconds / min(piped)
    page.line(f"curl | sha256sum: {min(piped):.2f} s; ours takes {share:.2f} of it")
    page.line(f"curl into a file: {min(to_file):.2f} s")
    if options.write:
        page.write()
