"""What may go, and in which order: questions to the index, inside a transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache import owner

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

__all__ = ["Place", "any_going", "going_bytes", "leased", "pick", "places", "recover", "total"]

_GOING_SECONDS = 60.0
_SELECT = "SELECT path, repo, key, size, mtime, inode, used, ours FROM place"


@dataclass(frozen=True, slots=True)
class Place:
    """Where bytes lie.

    Attributes:
        path: relative to the root.
        repo: the repository's folder, or ``.hfhub/<kind>``.
        key: the digest; None in the official client's store.
        size: bytes.
        mtime: time of the last write, in ns.
        inode: the same for places that share their bytes.
        used: when it was last handed out, in seconds since the epoch.
        ours: 1 if hfhub brought it in.
    """

    path: str
    repo: str
    key: str | None
    size: int
    mtime: int
    inode: str
    used: float
    ours: int


def places(db: sqlite3.Connection, key: str) -> list[Place]:
    """Where the content of that digest lies, ours first."""
    query = f"{_SELECT} WHERE key = ? AND going IS NULL ORDER BY ours DESC, path"
    return [Place(*row) for row in db.execute(query, (key,))]


def total(db: sqlite3.Connection) -> int:
    """Bytes in the cache, shared ones once."""
    return int(db.execute("SELECT bytes FROM total").fetchone()[0])


def going_bytes(db: sqlite3.Connection) -> int:
    """Bytes that are being removed right now."""
    query = """SELECT COALESCE(SUM(size), 0) FROM
        (SELECT size FROM place WHERE going IS NOT NULL GROUP BY inode)"""
    return int(db.execute(query).fetchone()[0])


def any_going(db: sqlite3.Connection, keys: Sequence[str]) -> bool:
    """Whether content of one of these digests is being removed right now."""
    going = {key for (key,) in db.execute("SELECT key FROM place WHERE going IS NOT NULL")}
    return not going.isdisjoint(keys)


def recover(db: sqlite3.Connection) -> None:
    """Forget the marks of processes that died while they removed something, and their leases."""
    query = "SELECT DISTINCT going FROM place WHERE going IS NOT NULL"
    for (mark,) in db.execute(query).fetchall():
        who, _, since = mark.rpartition("|")
        alive = owner.is_alive(who)
        if alive is None:
            alive = time.time() - float(since) < _GOING_SECONDS
        if not alive:
            db.execute("UPDATE place SET going = NULL WHERE going = ?", (mark,))
    query = "SELECT owner, MAX(expires) FROM lease GROUP BY owner"
    for who, expires in db.execute(query).fetchall():
        if not _holds(who, expires):
            db.execute("DELETE FROM lease WHERE owner = ?", (who,))


def leased(db: sqlite3.Connection) -> set[str]:
    """The digests on which somebody holds a lease."""
    holds: dict[tuple[str, float], bool] = {}
    keys = set()
    for key, who, expires in db.execute("SELECT key, owner, expires FROM lease"):
        if (who, expires) not in holds:
            holds[who, expires] = _holds(who, expires)
        if holds[who, expires]:
            keys.add(key)
    return keys


def _holds(who: str, expires: float) -> bool:
    """A living process keeps its lease however long; one unseen from here, until it expires."""
    alive = owner.is_alive(who)
    return time.time() < expires if alive is None else alive


def pick(
    db: sqlite3.Connection, need: int, spare: Callable[[Place], bool], *, others: bool
) -> list[Place]:
    """The least recently used places that come to ``need`` bytes, or all that may go.

    Args:
        db: the index.
        need: bytes.
        spare: whether a place must stay, for reasons that the index does not know.
        others: whether places may go that hfhub did not bring in.
    """
    held = leased(db)
    query = "SELECT inode FROM place GROUP BY inode HAVING COUNT(*) > 1"
    shared = {inode for (inode,) in db.execute(query)}
    query = f"{_SELECT} WHERE ours >= ? AND going IS NULL ORDER BY used"
    if not others:
        query = f"{_SELECT} WHERE ours = ? AND going IS NULL ORDER BY used"
    chosen: list[Place] = []
    done: set[str] = set()
    for row in db.execute(query, (0 if others else 1,)):
        if need <= 0:
            break
        place = Place(*row)
        if place.inode in done or place.key in held or place.key is None or spare(place):
            continue
        group = [place]
        if place.inode in shared:
            group = _group(db, place, spare, others=others)
        if group:
            chosen += group
            done.add(place.inode)
            need -= place.size
    return chosen


def _group(
    db: sqlite3.Connection, place: Place, spare: Callable[[Place], bool], *, others: bool
) -> list[Place]:
    """All places that share these bytes, if all may go and ``place`` is the one used last."""
    query = f"{_SELECT} WHERE inode = ? AND going IS NULL"
    group = [Place(*row) for row in db.execute(query, (place.inode,))]
    for member in group:
        if member.key is None or not (member.ours or others) or spare(member):
            return []
        if (member.used, member.path) > (place.used, place.path):
            return []
    return group
