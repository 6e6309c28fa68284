"""Kills a process again and again while it takes files in and evicts others; looks after each time.

Usage: killer.py FOLDER ROUNDS SEED
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from shelf import Shelf, digest_of, repo

from hfhub.cache.maintain import trim_cache
from hfhub.cache.verify import verify_cache
from hfhub.errors import CacheFullError

CAP = 60_000
REPOS = [repo("o/a"), repo("o/a", "b"), repo("o/b"), repo("o/c", "c", "model")]
CONTENTS = [bytes([i]) * (1000 + 37 * i) for i in range(40)]
LARGEST = max(map(len, CONTENTS))


def work(folder: Path, seed: int) -> None:
    """What a busy process does, for ever."""
    shelf = Shelf(folder, HFHUB_CACHE_MAX_SIZE=str(CAP))
    chance = random.Random(seed)
    while True:
        ref, number = chance.choice(REPOS), chance.randrange(len(CONTENTS))
        data, name = CONTENTS[number], f"d{number % 3}/f{number}"
        with contextlib.suppress(CacheFullError), shelf.store.lease([digest_of(data)]):
            if shelf.store.link(ref, name, digest_of(data), len(data)) is None:
                shelf.store.make_room(len(data))
                shelf.put(data, name, ref)
            shelf.store.write_ref(ref.at("main"), ref.revision)


def look(folder: Path) -> str | None:
    """What is wrong with the cache; None if nothing is."""
    shelf = Shelf(folder, HFHUB_CACHE_MAX_SIZE=str(CAP))
    if dangling := shelf.dangling():
        return f"links that lead nowhere: {dangling}"
    for ref in REPOS:
        for number, data in enumerate(CONTENTS):
            path = shelf.store.find(ref, f"d{number % 3}/f{number}")
            if path and Path(path).read_bytes() != data:
                return f"wrong bytes: {path}"
    for blob in folder.glob("*/blobs/*"):
        if digest_of(blob.read_bytes()).hex != blob.name:
            return f"a blob that is not what its name says: {blob}"
    if shelf.blob_bytes() > CAP + LARGEST:
        return f"over the cap: {shelf.blob_bytes()}"
    for ref in REPOS:
        if shelf.store.resolve_ref(ref.at("main")) not in (None, "a" * 40, "b" * 40, "c" * 40):
            return "a ref that is no commit"
    return None


def main() -> None:
    folder, rounds, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    for turn in range(rounds):
        child = os.fork()
        if child == 0:
            work(folder, seed * 1000 + turn)
        time.sleep(chance.uniform(0.005, 0.12))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if wrong := look(folder):
            print(json.dumps({"wrong": wrong, "turn": turn}))
            return
    left = sum(1 for _ in folder.glob("*/blobs/*"))
    clean = verify_cache(cache_dir=folder).is_clean
    # Nothing is forgotten to be ours, nothing stays leased or marked by the dead.
    trim_cache(0, cache_dir=folder)
    stuck = [str(path) for path in folder.glob("*/blobs/*")]
    print(json.dumps({"wrong": None, "blobs": left, "clean": clean, "stuck": stuck}))


if __name__ == "__main__":
    main()
