"""The cache itself: finding, scanning, choosing what to evict; beside huggingface_hub where it can.

python -m benchmarks hub_cache [--blobs 100000] [--files 5000] [--write]
"""

from __future__ import annotations

import argparse
import os
import random
import tempfile
import timeit
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.cache.index import Index

OURS, PEER = "hfhub", "huggingface_hub"
COMMIT = "a" * 40


def best(work: Callable[[], object], number: int = 1, repeat: int = 3) -> float:
    """Seconds of one call, the best of some rounds."""
    return min(timeit.repeat(work, number=number, repeat=repeat)) / number


def fill(root: Path, files: int) -> None:
    """Fifty repositories of small files, as either client lays them out."""
    for number in range(files):
        repo = root / f"datasets--o--r{number % 50}"
        blob = repo / "blobs" / f"{number:064x}"
        entry = repo / "snapshots" / COMMIT / f"d{number % 7}" / f"f{number}"
        for folder in (blob.parent, entry.parent):
            folder.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(b"%d" % number)
        entry.symlink_to(os.path.relpath(blob, entry.parent))


def index_of(root: Path, blobs: int) -> Index:
    """An index that knows so many blobs of ours; there are no files behind them."""
    from hfhub.cache.index import Index
    from hfhub.cache.layout import Cache
    from hfhub.cache.notes import Notes

    chance = random.Random(1)
    rows = [
        (
            f"datasets--o--r{number % 300}/blobs/{number:064x}",
            f"datasets--o--r{number % 300}",
            f"{number:064x}",
            1000,
            number,
            # One in fifty is linked into a second repository.
            f"1:{number if number % 50 else number + 1}",
            1,
            chance.random(),
        )
        for number in range(blobs)
    ]
    cache = Cache(root)
    index = Index(cache, Notes(cache))
    index.database.write(
        lambda db: db.executemany("INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    )
    return index


def choose(page: Page, root: Path, blobs: int) -> None:
    """How long the decision takes, for several amounts that must go."""
    from hfhub.cache.pins import Pins

    index = index_of(root, blobs)
    for share in (0.0001, 0.01, 0.1):
        need = int(blobs * 1000 * share)
        times = []
        for _ in range(5):
            start = timeit.default_timer()
            chosen = index.choose(lambda _, need=need: need, Pins(index.cache).spares)
            times.append(timeit.default_timer() - start)
            index.gone([], chosen)  # takes the marks off again
        page.line(f"choose {share:.2%} of {blobs} blobs to evict: {min(times) * 1000:.1f} ms")


def cached(page: Page, files: int) -> None:
    """Calls that find their file, on ours and on the official client."""
    import huggingface_hub

    import hfhub

    names = [(f"o/r{n % 50}", f"d{n % 7}/f{n}") for n in range(0, files, 10)]
    for call in ("hf_hub_download", "try_to_load_from_cache"):
        seconds = []
        for library in (hfhub, huggingface_hub):
            find = getattr(library, call)
            seconds.append(
                best(
                    lambda find=find: [
                        find(repo, name, repo_type="dataset", revision=COMMIT)
                        for repo, name in names
                    ]
                )
                / len(names)
            )
        ours, peer = seconds
        page.line(
            f"{call}, cached, by commit: ours {ours * 1e6:.0f} us, peer {peer * 1e6:.0f} us, "
            f"{peer / ours:.1f}x"
        )


def main(argv: list[str]) -> None:
    """Print the times and ratios."""
    parser = argparse.ArgumentParser(prog="hub_cache", description=__doc__)
    parser.add_argument("--blobs", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--write", action="store_true", help="keep the page in results/")
    options = parser.parse_args(argv)
    page = Page("hub_cache", "The cache", OURS, PEER)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HF_HUB_CACHE"] = f"{folder}/hub"
        import huggingface_hub

        from hfhub.cache.inspect import scan_cache_dir
        from hfhub.cache.store import store_for
        from hfhub.settings import current

        root = Path(folder, "hub")
        fill(root, options.files)
        cached(page, options.files)
        ours, peer = best(scan_cache_dir), best(huggingface_hub.scan_cache_dir)
        page.line(
            f"scan_cache_dir of {options.files} files: ours {ours:.3f} s, peer {peer:.3f} s, "
            f"{peer / ours:.1f}x"
        )
        index = store_for(current()).index
        page.line(
            f"index of {options.files} blobs, made anew: {best(index.refresh, repeat=1):.2f} s"
        )
        page.line(f"the same, nothing changed: {best(index.refresh) * 1000:.1f} ms")
        choose(page, Path(folder, "other"), options.blobs)
    if options.write:
        page.write()
