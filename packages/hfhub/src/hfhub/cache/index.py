"""The table of contents: which blobs lie where, how large, last used when, brought in by whom.

It is opened when something must be looked up: content under another repository, what to evict, who
holds a lease. Finding a file and taking one in do without it; they leave notes.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING, TypeVar

from hfhub.cache import choice, owner
from hfhub.cache.database import Database, Unavailable
from hfhub.cache.intake import take_in

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Sequence

    from hfhub.cache.choice import Place
    from hfhub.cache.journal import Event
    from hfhub.cache.layout import Cache
    from hfhub.cache.notes import Notes

__all__ = ["Index"]

Result = TypeVar("Result")

_LEASE_SECONDS = 24 * 3600.0
_GOING_SECONDS = 60.0


class Index:
    """The table of contents of one cache; safe to share between threads and across forks.

    Without a database (NFS, a read-only mount) lookups find nothing, with one warning.

    Args:
        cache: where it lies.
        notes: what this process has to tell.
    """

    def __init__(self, cache: Cache, notes: Notes) -> None:
        self.cache = cache
        self.notes = notes
        self.journal = notes.journal
        self.database = Database(cache.index)
        self._warned = False
        self._refreshed = 0.0

    def refresh(self, max_age: float = 0.0) -> None:
        """Take in what the journal and the disk have to tell.

        Args:
            max_age: seconds for which what was seen last is good enough.
        """
        if self._refreshed and time.monotonic() - self._refreshed < max_age:
            return
        self.notes.flush()
        self._try(lambda db: take_in(db, self.cache.root, self.journal, look=True), None)
        self.notes.forget_brought()
        self._refreshed = time.monotonic()
        self.journal.rotate()
        if self.journal.settled():
            self._rebase()

    def places(self, keys: Sequence[str]) -> dict[str, list[Place]]:
        """Where the content of these digests lies, as far as is known."""
        nothing: dict[str, list[Place]] = {key: [] for key in keys}
        return self._try(
            lambda db: {key: choice.places(db, key) for key in keys}, nothing, read=True
        )

    def total(self) -> int | None:
        """Bytes in the cache, those of hard links once; None without a database."""
        return self._try(choice.total, None, read=True)

    def staying(self) -> int | None:
        """As :meth:`total`, without what is being removed right now."""
        return self._try(lambda db: choice.total(db) - choice.going_bytes(db), None, read=True)

    def usage(self) -> dict[str, int]:
        """Bytes by who brought them in: "ours", "others", and what was "derived" from blobs."""
        nothing = dict.fromkeys(("ours", "others", "derived"), 0)
        return self._try(lambda db: nothing | choice.usage(db), nothing, read=True)

    def choose(
        self,
        wanted: Callable[[int], int],
        spare: Callable[[Place], bool],
        *,
        slack: int = 0,
        whole: bool = False,
        others: bool = False,
    ) -> list[Place]:
        """Pick what to evict, least recently used first, and mark it as going.

        Args:
            wanted: from the bytes that are to stay as it is, how many are to go.
            spare: whether a place must stay, for reasons that the index does not know (pins).
            slack: if any bytes are to go, at least so many, if they can be had.
            whole: rather none than too few.
            others: whether blobs may go that hfhub did not bring in.

        Returns:
            The places to remove; then call :meth:`gone`. Content that is leased, or has another
            place that may not go, is never among them.

        Raises:
            Unavailable: without a database.
        """
        self.notes.flush()

        def pick(db: sqlite3.Connection) -> list[Place]:
            take_in(db, self.cache.root, self.journal, look=False)
            choice.recover(db)
            need = wanted(choice.total(db) - choice.going_bytes(db))
            if need <= 0:
                return []
            chosen = choice.pick(db, max(need, slack), spare, others=others)
            if whole and choice.weigh(chosen) < need:
                return []
            mark = f"{owner.me()}|{time.time()}"
            rows = [(place.path, place.key, place.inode, place.size, mark) for place in chosen]
            db.executemany("INSERT INTO going VALUES (?, ?, ?, ?, ?)", rows)
            return chosen

        return self.database.write(pick)

    def evictable(self, spare: Callable[[Place], bool]) -> int:
        """The bytes that may go, were all of them wanted."""
        everything = 1 << 62
        return self._try(
            lambda db: choice.weigh(choice.pick(db, everything, spare, others=False)), 0, read=True
        )

    def gone(self, removed: Iterable[Place], kept: Iterable[Place] = ()) -> None:
        """Say what became of the places that :meth:`choose` gave."""
        out = [(place.path,) for place in removed]
        stay = [(place.path, place.repo) for place in kept]

        def settle(db: sqlite3.Connection) -> None:
            db.executemany("DELETE FROM place WHERE path = ?", out)
            db.executemany("DELETE FROM brought WHERE path = ?", out)
            db.executemany("DELETE FROM going WHERE path = ?", [*out, *((p,) for p, _ in stay)])
            # What could not be removed is not what the index thinks: look at its folder again.
            db.executemany("DELETE FROM folder WHERE path = ?", [(repo,) for _, repo in stay])

        self._try(settle, None)

    def lease(self, keys: Sequence[str], *, seconds: float = _LEASE_SECONDS) -> str | None:
        """Keep content from eviction by any process, until it is released or this process ends.

        Content that another process is removing right now is waited for.

        Args:
            keys: digests.
            seconds: for other machines, which cannot see whether this process lives.

        Returns:
            What to give to :meth:`release`; None without a database.
        """
        name = os.urandom(8).hex()
        me, expires = owner.me(), time.time() + seconds
        rows = [(name, key, me, expires) for key in keys]

        def take(db: sqlite3.Connection) -> bool:
            db.executemany("INSERT INTO lease VALUES (?, ?, ?, ?)", rows)
            return look_again(db)

        def look_again(db: sqlite3.Connection) -> bool:
            choice.recover(db)
            return choice.any_going(db, keys)

        going = self._try(take, None)
        deadline = time.monotonic() + _GOING_SECONDS
        while going and time.monotonic() < deadline:
            time.sleep(0.005)
            going = self._try(look_again, None)
        return None if going is None else name

    def release(self, name: str | None) -> None:
        """End a lease."""
        if name is not None:
            self._try(lambda db: db.execute("DELETE FROM lease WHERE id = ?", (name,)), None)

    def leased(self) -> set[str]:
        """The digests on which somebody holds a lease."""
        return self._try(choice.leased, set(), read=True)

    # How

    def _try(
        self, work: Callable[[sqlite3.Connection], Result], default: Result, *, read: bool = False
    ) -> Result:
        try:
            return self.database.read(work) if read else self.database.write(work)
        except Unavailable as reason:
            if not self._warned:
                self._warned = True
                import logging  # rarely needed

                logging.getLogger("hfhub").warning(
                    "The cache works without its index (no deduplication, no eviction): %s", reason
                )
            return default

    def _rebase(self) -> None:
        query = """SELECT 'brought', b.path, b.key, b.size, b.mtime, MAX(b.used, p.used)
            FROM brought b JOIN place p ON p.path = b.path AND p.ours"""

        def live(db: sqlite3.Connection) -> list[Event]:
            return [list(row) for row in db.execute(query)]

        none: list[Event] = []
        events = self._try(live, none, read=True)
        if events:
            with contextlib.suppress(OSError):
                self.journal.rebase(events, self.cache.tmp)
