"""What may go, and in which order: questions to the index, inside a transaction."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache import owner

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence

__all__ = [
    "Place",
    "any_going",
    "going_bytes",
    "leased",
    "pick",
    "places",
    "recover",
    "total",
    "usage",
    "weigh",
]

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
    going = "SELECT path FROM going"
    query = f"{_SELECT} WHERE key = ? AND path NOT IN ({going}) ORDER BY ours DESC, path"
    return [Place(*row) for row in db.execute(query, (key,))]


def total(db: sqlite3.Connection) -> int:
    """Bytes in the cache, shared ones once."""
    return int(db.execute("SELECT bytes FROM total").fetchone()[0])


def usage(db: sqlite3.Connection) -> dict[str, int]:
    """Bytes by who brought them in, shared ones once; others' if any place is others'."""
    query = """SELECT CASE WHEN derived THEN 'derived' WHEN ours THEN 'ours' ELSE 'others' END,
        SUM(size) FROM (
            SELECT MIN(ours) AS ours, MAX(size) AS size, MAX(repo LIKE '.hfhub/%') AS derived
            FROM place GROUP BY inode
        ) GROUP BY 1"""
    return {who: int(size) for who, size in db.execute(query)}


def going_bytes(db: sqlite3.Connection) -> int:
    """Bytes that are being removed right now."""
    query = "SELECT COALESCE(SUM(size), 0) FROM (SELECT size FROM going GROUP BY inode)"
    return int(db.execute(query).fetchone()[0])


def any_going(db: sqlite3.Connection, keys: Sequence[str]) -> bool:
    """Whether content of one of these digests is being removed right now."""
    going = {key for (key,) in db.execute("SELECT key FROM going")}
    return not going.isdisjoint(keys)


def recover(db: sqlite3.Connection) -> None:
    """Forget the marks of processes that died while they removed something, and their leases."""
    for (mark,) in db.execute("SELECT DISTINCT mark FROM going").fetchall():
        who, _, since = mark.rpartition("|")
        alive = owner.is_alive(who)
        if alive is None:
            alive = time.time() - float(since) < _GOING_SECONDS
        if not alive:
            db.execute("DELETE FROM going WHERE mark = ?", (mark,))
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
    held.update(key for (key,) in db.execute("SELECT key FROM going"))
    twins = {inode for (inode,) in db.execute("SELECT inode FROM twin")}
    query = f"{_SELECT} {'' if others else 'WHERE ours = 1'} ORDER BY used, path"

    def may_go(place: Place) -> bool:
        if place.key is None or place.key in held or not (place.ours or others):
            return False
        return not spare(place)

    chosen: list[Place] = []
    for row in db.execute(query):
        if need <= 0:
            break
        place = Place(*row)
        if not may_go(place):
            continue
        group = [place]
        if place.inode in twins:
            group = _group(db, place, may_go)
        chosen += group
        need -= place.size if group else 0
    return chosen


def weigh(places: Sequence[Place]) -> int:
    """The bytes that go with these places, shared ones once."""
    return sum({place.inode: place.size for place in places}.values())


def _group(db: sqlite3.Connection, place: Place, may_go: Callable[[Place], bool]) -> list[Place]:
    """All places that share these bytes, if all may go and ``place`` is the one used last."""
    group = [Place(*row) for row in db.execute(f"{_SELECT} WHERE inode = ?", (place.inode,))]
    last = max(group, key=lambda member: (member.used, member.path))
    return group if last == place and all(map(may_go, group)) else []
