"""The table of contents: which blobs lie where, how large, last used when, brought in by whom.

SQLite, in WAL mode, under ``.hfhub/``. Everything in it but leases can be had from the disk and the
journal, so a lost or damaged index is made again, and where the file system carries no SQLite (NFS,
a read-only mount) the cache works without one: no deduplication across repositories, no eviction.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache.journal import Journal

if TYPE_CHECKING:
    import sqlite3

    from hfhub.cache.journal import Event
    from hfhub.cache.layout import Cache

__all__ = ["Index", "Place"]

_SCHEMA_VERSION = 1
_SCHEMA = """
CREATE TABLE place (              -- a file (or a derived folder) that takes room
    path TEXT PRIMARY KEY,        -- relative to the root
    repo TEXT NOT NULL,           -- its folder, or .hfhub/<kind>
    key TEXT,                     -- the digest; NULL in the official client's store
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,       -- ns; with the size it tells whether the file is still the one we
    mean inode TEXT NOT NULL,          -- places with one inode share their bytes ours INTEGER NOT
    NULL,        -- 1 if hfhub brought it in used REAL NOT NULL, going TEXT                    --
    the process that is removing it
) WITHOUT ROWID;
CREATE INDEX place_key ON place(key);
CREATE INDEX place_inode ON place(inode, size);
CREATE INDEX place_lru ON place(ours, used);
CREATE INDEX place_repo ON place(repo);
CREATE TABLE brought (path TEXT PRIMARY KEY, key TEXT, size INTEGER, mtime INTEGER, used REAL)
WITHOUT ROWID; CREATE TABLE lease (id TEXT, key TEXT, owner TEXT, expires REAL); CREATE INDEX
lease_key ON lease(key); CREATE INDEX lease_id ON lease(id); CREATE TABLE folder (path TEXT PRIMARY
KEY, mtime INTEGER) WITHOUT ROWID; CREATE TABLE journal (name TEXT PRIMARY KEY, offset INTEGER)
WITHOUT ROWID; CREATE TABLE total (bytes INTEGER NOT NULL); INSERT INTO total VALUES (0); CREATE
TRIGGER place_in AFTER INSERT ON place WHEN (SELECT COUNT(*) FROM place WHERE inode = NEW.inode) = 1
BEGIN UPDATE total SET bytes = bytes + NEW.size; END; CREATE TRIGGER place_out AFTER DELETE ON place
WHEN NOT EXISTS (SELECT 1 FROM place WHERE inode = OLD.inode) BEGIN UPDATE total SET bytes = bytes -
OLD.size; END;
"""

_BUSY_SECONDS = 30.0
_FLUSH_EVERY = 30.0
_MAX_UNFLUSHED = 4096


@dataclass(frozen=True, slots=True)
class Place:
    """One row: where bytes lie."""

    path: str
    repo: str
    key: str | None
    size: int
    mtime: int
    inode: str
    ours: bool
    used: float


class Index:
    """The table of contents of one cache; safe to share between threads and across forks.

    Args:
        cache: where it lies.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.journal = Journal(cache.journals)
        self._uses: dict[str, float] = {}
        self._flush_at = 0.0
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._process = 0
        self._why_not: str | None = None
        self._fresh_until = 0.0

    # Cheap: memory and the journal only

    def use(self, path: str) -> None:
        """Note that the entry ``path`` of a snapshot was handed out now; costs well under a microsecond."""
        now = time.time()
        self._uses[path] = now
        if now > self._flush_at:
            self._flush_later(now)

    def bring(self, path: str, key: str, found: os.stat_result) -> None:
        """Write down that hfhub is about to put a file at ``path``; before it is there.

        Args:
            path: the place.
            key: the digest.
            found: the file's ``stat``, wherever it is now.
        """
        event = [
            "brought",
            self._relative(path),
            key,
            found.st_size,
            found.st_mtime_ns,
            time.time(),
        ]
        self.journal.append([event])

    def flush(self) -> None:
        """Write the uses down that are only in memory; a cache that cannot be written is left alone."""
        uses, self._uses = self._uses, {}
        events: list[Event] = []
        for path, when in uses.items():
            try:
                target = os.readlink(path)
            except OSError:
                place = path
            else:
                place = os.path.normpath(f"{os.path.dirname(path)}/{target}")
            events.append(["used", self._relative(place), when])
        if events:
            # Read-only, full: the order of eviction gets a little worse, nothing else.
            with contextlib.suppress(OSError):
                self.journal.append(events)

    def _flush_later(self, now: float) -> None:
        if self._flush_at == 0.0:
            import atexit  # at the first use, not at import

            atexit.register(self.flush)
        elif self._uses:
            self.flush()
        self._flush_at = now + _FLUSH_EVERY

    def _relative(self, path: str) -> str:
        return path.removeprefix(self.cache.root).lstrip("/")
