"""Four processes fill a cache far beyond its cap while others hold on to some of it.

Usage: crowd.py FOLDER FILES SEED
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from shelf import Shelf, digest_of, repo

from hfhub.cache.maintain import pin
from hfhub.errors import CacheFullError

SIZE = 5_000
CAP = 30 * SIZE
PROCESSES = 4


def work(folder: Path, number: int, files: int, seed: int) -> None:
    shelf = Shelf(folder, HFHUB_CACHE_MAX_SIZE=str(CAP))
    chance = random.Random(seed)
    ref = repo(f"o/r{number}")
    for i in range(files):
        data = b"%d-%d-" % (number, i) * (SIZE // 8)
        data = data[:SIZE].ljust(SIZE, b"x")
        with contextlib.suppress(CacheFullError), shelf.store.lease([digest_of(data)]):
            shelf.store.make_room(SIZE)
            path = shelf.put(data, f"f{i}", ref)
            # Under the lease it stays, whatever the others do.
            time.sleep(chance.uniform(0, 0.002))
            if Path(path).read_bytes() != data:
                os._exit(3)
    os._exit(0)


def main() -> None:
    folder, files, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    shelf = Shelf(folder, HFHUB_CACHE_MAX_SIZE=str(CAP))
    held = {}
    # The first things used, so the first to go: leased, pinned, shared with what is pinned,
    # and the official client's.
    leased = b"leased".ljust(SIZE)
    held[shelf.put(leased, "leased", repo("o/leased"))] = leased
    shared = b"shared".ljust(SIZE)
    held[shelf.put(shared, "shared", repo("o/shared"))] = shared
    link = shelf.store.link(repo("o/pinned"), "shared", digest_of(shared), SIZE)
    held[str(link)] = shared
    pinned = b"pinned".ljust(SIZE)
    held[shelf.put(pinned, "pinned", repo("o/pinned"))] = pinned
    pin("o/pinned", repo_type="dataset", cache_dir=folder)
    theirs = b"theirs".ljust(SIZE)
    blob = Path(shelf.store.cache.blob(repo("o/theirs"), digest_of(theirs)))
    blob.parent.mkdir(parents=True)
    blob.write_bytes(theirs)
    held[str(blob)] = theirs

    children, most, wrong = [], 0, None
    with shelf.store.lease([digest_of(leased)]):
        for number in range(PROCESSES):
            child = os.fork()
            if child == 0:
                work(folder, number, files, seed + number)
            children.append(child)
        codes = []
        while children and wrong is None:
            most = max(most, _weigh(folder))
            for path, data in held.items():
                if not Path(path).exists() or Path(path).read_bytes() != data:
                    wrong = f"taken away: {path}"
            done, status = os.waitpid(-1, os.WNOHANG)
            if done:
                children.remove(done)
                codes.append(os.waitstatus_to_exitcode(status))
            time.sleep(0.002)
    for child in children:
        os.waitpid(child, 0)
    result = {
        "wrong": wrong,
        "codes": codes,
        "most": most,
        "last": _weigh(folder),
        "allowed": CAP + PROCESSES * SIZE,
        "cap": CAP,
        "dangling": len(shelf.dangling()),
    }
    print(json.dumps(result))


def _weigh(folder: Path) -> int:
    """As :meth:`Shelf.blob_bytes`, while files come and go."""
    sizes = {}
    for repo_folder in folder.glob("*--*"):
        with contextlib.suppress(FileNotFoundError), os.scandir(repo_folder / "blobs") as entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    found = entry.stat()
                    sizes[found.st_ino] = found.st_size
    return sum(sizes.values())


if __name__ == "__main__":
    main()
