"""Unpack and iterate archives: ours, the command-line tool, and the peer (datasets), in one run.

    python -m benchmarks extract [--megabytes 60] [--rounds 5] [--write]

The archives hold many small text files and a few large ones. Tools that are not installed are left
out. The rounds of the three are interleaved; the smallest time of each is compared.
"""

from __future__ import annotations

import argparse
import random
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.page import Page
from hfhub.extract import extract, iter_archive

if TYPE_CHECKING:
    from collections.abc import Callable

TOOLS = {
    "a.tar": "mkdir out && tar xf a.tar -C out",
    "a.tar.gz": "mkdir out && tar xzf a.tar.gz -C out",
    "a.tar.xz": "mkdir out && tar xJf a.tar.xz -C out",
    "a.tar.zst": "mkdir out && zstd -dcq a.tar.zst | tar xf - -C out",
    "a.zip": "unzip -q a.zip -d out",
}
MAKERS = ("gzip -k a.tar", "xz -k -1 a.tar", "zstd -q a.tar", "cp a.tar b.tar")


def make(folder: Path, megabytes: int) -> None:
    """Write the files and the archives of them."""
    source = folder / "src"
    source.mkdir()
    dice = random.Random(1)
    words = [f"w{n}" for n in range(5000)]

    def text(size: int) -> str:
        return " ".join(dice.choices(words, k=size // 6))[:size]

    for n in range(megabytes * 20):
        (source / f"small{n:05}.txt").write_text(text(dice.choice([2_000, 8_000, 30_000])))
    for n in range(max(megabytes // 20, 1)):
        (source / f"large{n}.txt").write_text(text(10_000_000))
    subprocess.run(["tar", "cf", "a.tar", "src"], check=True, cwd=folder)
    for command in MAKERS:
        if shutil.which(command.split()[0]):
            subprocess.run(command.split(), check=True, cwd=folder)
    shutil.make_archive(str(folder / "a"), "zip", folder, "src")


def peer_extract(path: Path, out: Path) -> None:
    """What `datasets` does for this kind of archive."""
    from datasets.utils import extract as peer

    extractor = peer.ZipExtractor if path.suffix == ".zip" else peer.TarExtractor
    extractor.extract(str(path), str(out))


def peer_iterate(path: Path) -> None:
    """Read every member as `datasets` does."""
    from datasets.download.download_manager import DownloadManager

    for _, file in DownloadManager().iter_archive(str(path)):
        file.read()


def measure(
    folder: Path, works: dict[str, Callable[[Path], object]], rounds: int
) -> dict[str, float]:
    """The smallest time of each piece of work, in seconds; what fails is left out."""
    best: dict[str, float] = {}
    out = folder / "out"
    failed = set()
    for _ in range(rounds):
        for name, work in works.items():
            if name in failed:
                continue
            shutil.rmtree(out, ignore_errors=True)
            started = time.perf_counter()
            try:
                work(out)
            except Exception as error:  # noqa: BLE001 - the peer cannot read all of these
                print(f"    {name}: {type(error).__name__}: {str(error)[:60]}")
                failed.add(name)
                best.pop(name, None)
                continue
            seconds = time.perf_counter() - started
            best[name] = min(seconds, best.get(name, seconds))
    return best


def report(title: str, best: dict[str, float]) -> str:
    """One line: ours, the others, and how many times faster ours is."""
    ours = best.pop("ours")
    others = "  ".join(f"{name} {time:.2f} s ({time / ours:.2f}x)" for name, time in best.items())
    return f"{title:<20} ours {ours:.2f} s  {others}"


def main(argv: list[str]) -> None:
    """Run all archives."""
    parser = argparse.ArgumentParser(prog="benchmarks extract")
    parser.add_argument("--megabytes", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="keep the results as a page")
    options = parser.parse_args(argv)
    page = Page("extract", "Archives, unpacked and iterated", "datasets")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        make(folder, options.megabytes)
        for name, tool in TOOLS.items():
            path = folder / name
            if not path.exists():
                continue
            works: dict[str, Callable[[Path], object]] = {
                "ours": lambda out, path=path: extract(path, out),
                "peer": lambda out, path=path: peer_extract(path, out),
            }
            if all(shutil.which(part.split()[0]) for part in tool.replace("&&", "|").split("|")):
                works["tool"] = lambda _, tool=tool: subprocess.run(
                    tool, shell=True, check=True, cwd=folder
                )
            page.line(report(f"extract {name}", measure(folder, works, options.rounds)))
            works = {
                "ours": lambda _, path=path: [f.read() for _, f in iter_archive(path)],
                "peer": lambda _, path=path: peer_iterate(path),
            }
            page.line(report(f"iterate {name}", measure(folder, works, options.rounds)))
    if options.write:
        page.write()
