"""What this process has to tell the index: what it brought in, what it used.

Uses stay in memory for a while and what was brought in is one line in the journal, so a cached file
is found, and a downloaded one taken in, without a database.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from hfhub.cache.journal import Journal
from hfhub.cache.place import led_to

if TYPE_CHECKING:
    import os

    from hfhub.cache.choice import Place
    from hfhub.cache.journal import Event
    from hfhub.cache.layout import Cache

__all__ = ["Notes"]

_FLUSH_EVERY = 30.0


class Notes:
    """The notes of this process for one cache; safe to share between threads.

    Args:
        cache: where the journal lies.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self.journal = Journal(cache.journals)
        self._uses: dict[str, float] = {}
        self._brought: dict[str, tuple[str, os.stat_result]] = {}
        self._flush_at = 0.0

    def use(self, path: str) -> None:
        """Note that the entry ``path`` was handed out now; costs well under a microsecond."""
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

        Raises:
            OSError: if the cache cannot be written.
        """
        where = self._relative(path)
        stamp = (found.st_size, found.st_mtime_ns, time.time())
        self.journal.append([["brought", where, key, *stamp]])
        self._brought[key] = (where, found)

    def brought(self, key: str) -> list[Place]:
        """Where this process has put content of that digest lately."""
        if key not in self._brought:
            return []
        from hfhub.cache.choice import Place  # only where content comes twice

        path, found = self._brought[key]
        stamp = (found.st_size, found.st_mtime_ns, str(found.st_ino), found.st_mtime)
        return [Place(path, path.partition("/")[0], key, *stamp, 1)]

    def forget_brought(self) -> None:
        """The index knows now what this process has brought in."""
        self._brought = {}

    def make(self, path: str, kind: str, key: str, size: int) -> None:
        """Write down that ``path`` was made from blobs.

        A cache that cannot be written is left alone.
        """
        with contextlib.suppress(OSError):
            self.journal.append([["made", self._relative(path), kind, key, size, time.time()]])

    def flush(self) -> None:
        """Write the uses down that are only in memory.

        A cache that cannot be written is left alone.
        """
        # Two threads may write the same uses down; the index keeps the latest of each.
        uses, self._uses = self._uses, {}
        events: list[Event] = []
        for path, when in list(uses.items()):
            place = path
            with contextlib.suppress(OSError):
                place = led_to(path)
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
