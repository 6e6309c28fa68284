"""Uses a cache as somebody else, who may read it only; root starts it.

Usage: stranger.py FOLDER
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

# All of it now: the other user may not be able to read this Python.
import encodings.ascii
import logging
import sqlite3
import traceback

from shelf import Shelf, digest_of, repo

from hfhub.cache import choice, database, evict, index, intake, pins, size, verify
from hfhub.errors import CacheFullError

LOADED = (
    encodings.ascii,
    logging,
    sqlite3,
    choice,
    database,
    evict,
    index,
    intake,
    pins,
    size,
    verify,
)
NOBODY = 65534


def use(root: Path) -> str:
    shelf = Shelf(root, HFHUB_CACHE_MAX_SIZE="1MB")
    a = repo("o/a")
    path = shelf.store.find(a, "f")
    if path is None or Path(path).read_bytes() != b"hello":
        return "not found"
    shelf.store.write_ref(a.at("main"), "a" * 40)
    shelf.store.note_absent(a, "g")
    with shelf.store.lease([digest_of(b"hello")]):
        shelf.store.make_room(5)
    shelf.store.index.refresh()
    shelf.store.notes.flush()
    try:
        shelf.put(b"new", "h")
    except (PermissionError, CacheFullError) as error:
        return type(error).__name__
    return "written"


def main() -> None:
    root = Path(sys.argv[1])
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(writing, use(root).encode())
        except BaseException:
            os.write(writing, traceback.format_exc().encode())
        os._exit(0)
    os.waitpid(child, 0)
    print(json.dumps({"outcome": os.read(reading, 10_000).decode()}))


if __name__ == "__main__":
    main()
