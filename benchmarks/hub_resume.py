"""Bytes that are sent again after a download broke off: ours and huggingface_hub.

    python -m benchmarks hub_resume [--megabytes 64] [--no-peer] [--write]

Counted by the server, so what the kernel had buffered for a killed process counts as sent again.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from benchmarks.hub_process import OURS, PEER, REPO, folder
from benchmarks.page import Page
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20
CODE = "from {} import hf_hub_download as get; get({!r}, 'big.bin', repo_type='dataset')"
SPEED = 30e6


def start(library: str, hub: LocalHub, cache: Path) -> subprocess.Popen[bytes]:
    env = hub.env(cache) | {"HF_HUB_DISABLE_PROGRESS_BARS": "1"}
    code = CODE.format(library, REPO)
    return subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.DEVNULL)


def cut(library: str, hub: LocalHub, cache: Path, size: int) -> None:
    """Three connections break off in one process."""
    for part in (1, 3, 5):
        hub.faults.cut(after=part * size // 16 + 12_345, origin="cdn", times=1)
    assert start(library, hub, cache).wait() == 0


def interrupted(library: str, hub: LocalHub, cache: Path, _: int, how: int) -> None:
    """A process is ended in the middle, another one goes on."""
    with hub.faults.bandwidth(SPEED, origin="cdn"):
        process = start(library, hub, cache)
        while sum(seen.nbytes for seen in hub.requests) < 20 * MIB:
            time.sleep(0.01)
        process.send_signal(how)
        process.wait()
    assert start(library, hub, cache).wait() == 0


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="hub_resume", description=__doc__)
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    size = options.megabytes * MIB
    page = Page("hub_resume", "Bytes sent again after a break", "hfhub", "huggingface_hub")
    works = {
        "three cuts, same process": cut,
        "Ctrl-C, new process": lambda *a: interrupted(*a, signal.SIGINT),
        "SIGKILL, new process": lambda *a: interrupted(*a, signal.SIGKILL),
    }
    with folder() as place:
        data = os.urandom(size)
        for what, work in works.items():
            again = {}
            for library in [OURS] if options.no_peer else [OURS, PEER]:
                with LocalHub() as hub:
                    hub.add(REPO, {"big.bin": data}, lfs=["*"])
                    work(library, hub, place / f"{library}-{what.split()[0]}", size)
                    again[library] = sum(seen.nbytes for seen in hub.requests if seen.file) - size
            shown = "  ".join(f"{name} {count / MIB:8.2f} MiB" for name, count in again.items())
            page.line(f"{what:<28} {shown}")
    if options.write:
        page.write()
