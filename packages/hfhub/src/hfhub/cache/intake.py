"""Keeping the index true: what the journal tells, and what the disk shows."""

from __future__ import annotations

import contextlib
import os
import stat
from typing import TYPE_CHECKING

from hfhub.cache import scan

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from hfhub.cache.journal import Event, Journal

__all__ = ["DERIVED_KINDS", "take_in"]

DERIVED_KINDS = ("extracted", "arrow", "map")
_INSERT = "INSERT INTO place VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def take_in(db: sqlite3.Connection, root: str, journal: Journal, *, look: bool) -> None:
    """Bring the index up to date: from the journal, which says what is ours, then from the disk.

    Args:
        db: the index, in a transaction.
        root: the cache.
        journal: its events.
        look: whether to compare with the disk.
    """
    offsets = dict(db.execute("SELECT name, offset FROM journal"))
    for name, offset, events in journal.read(offsets):
        for event in events:
            # A line that somebody else wrote, or a later version, is not worth a failure.
            with contextlib.suppress(TypeError, ValueError, IndexError):
                _apply(db, root, event)
        db.execute("INSERT OR REPLACE INTO journal VALUES (?, ?)", (name, offset))
    if look:
        _look(db, root)


def _apply(db: sqlite3.Connection, root: str, event: Event) -> None:
    kind, path, *facts = event
    if kind == "used":
        (when,) = facts
        _apply_use(db, root, path, float(when))
    elif kind == "brought":
        key, size, mtime, when = facts
        row = (path, str(key), int(size), int(mtime), float(when))
        db.execute("INSERT OR REPLACE INTO brought VALUES (?, ?, ?, ?, ?)", row)
        found = _lstat(root, path)
        # Not there yet, or not ours: then a later look at the folder settles it.
        if found and (found.st_size, found.st_mtime_ns) == (size, mtime):
            repo = path.partition("/")[0]
            entry = scan.describe(path, key, found)._replace(used=float(when))
            _put(db, entry, repo, ours=True)
    elif kind == "made":
        group, key, size, when = facts
        if found := _lstat(root, path):
            entry = scan.describe(path, str(key), found)._replace(size=int(size), used=float(when))
            _put(db, entry, f".hfhub/{group}", ours=True)


def _apply_use(db: sqlite3.Connection, root: str, path: str, when: float) -> None:
    query = "UPDATE place SET used = MAX(used, ?) WHERE path = ?"
    if db.execute(query, (when, path)).rowcount:
        return
    # An entry that is no link to a blob may be a hard link of one.
    if found := _lstat(root, path):
        inode = f"{found.st_dev}:{found.st_ino}"
        query = "UPDATE place SET used = MAX(used, ?) WHERE inode = ?"
        db.execute(query, (when, inode))


def _lstat(root: str, path: str) -> os.stat_result | None:
    try:
        found = os.lstat(f"{root}/{path}")
    except (OSError, ValueError):
        return None
    return None if stat.S_ISLNK(found.st_mode) else found


def _look(db: sqlite3.Connection, root: str) -> None:
    """Compare with the disk; folders that have not changed are not read."""
    repos = scan.repositories(root)
    known = dict(db.execute("SELECT path, mtime FROM folder"))
    for repo in repos:
        stamp = scan.folder_stamp(f"{root}/{repo}/blobs")
        if stamp != known.pop(repo, None) or stamp == 0:
            _compare(db, root, repo, list(scan.blobs(root, repo)))
            db.execute("INSERT OR REPLACE INTO folder VALUES (?, ?)", (repo, stamp))
    for repo in known:
        _compare(db, root, repo, [])
        db.execute("DELETE FROM folder WHERE path = ?", (repo,))
    _compare(db, root, "blobs", list(scan.store(root)))
    for kind in DERIVED_KINDS:
        _look_at_derived(db, root, kind)


def _compare(db: sqlite3.Connection, root: str, repo: str, found: Sequence[scan.Found]) -> None:
    """Make the rows of one repository those of the disk."""
    query = "SELECT path, size, mtime, inode FROM place WHERE repo = ?"
    known = {path: tuple(rest) for path, *rest in db.execute(query, (repo,))}
    # "0" comes right after "/": all paths below the repository's folder.
    query = "SELECT path, size, mtime, used FROM brought WHERE path BETWEEN ? AND ?"
    between = (f"{repo}/", f"{repo}0")
    brought = {path: tuple(rest) for path, *rest in db.execute(query, between)}
    fresh = []
    for entry in found:
        before = known.pop(entry.path, None)
        if before == (entry.size, entry.mtime, entry.inode):
            continue
        size, mtime, used = brought.get(entry.path, (None, None, 0.0))
        ours = (size, mtime) == (entry.size, entry.mtime)
        if ours:
            entry = entry._replace(used=max(entry.used, used))
        if before is None:
            fresh.append(_row(entry, repo, ours=ours))
        else:
            _put(db, entry, repo, ours=ours)
    db.executemany(_INSERT, fresh)
    for path in known:
        # Copies in snapshots, where no links can be made, are not in the folder that was read.
        if "/snapshots/" in path and _lstat(root, path):
            continue
        db.execute("DELETE FROM place WHERE path = ?", (path,))


def _look_at_derived(db: sqlite3.Connection, root: str, kind: str) -> None:
    repo = f".hfhub/{kind}"
    stamp = scan.folder_stamp(f"{root}/{repo}")
    row = db.execute("SELECT mtime FROM folder WHERE path = ?", (f"{repo}/",)).fetchone()
    if stamp is None or (row and row[0] == stamp != 0):
        return
    known = {path for (path,) in db.execute("SELECT path FROM place WHERE repo = ?", (repo,))}
    for path in known:
        if not _lstat(root, path):
            db.execute("DELETE FROM place WHERE path = ?", (path,))
    for entry in scan.derived(root, kind, known):
        _put(db, entry, repo, ours=True)
    db.execute("INSERT OR REPLACE INTO folder VALUES (?, ?)", (f"{repo}/", stamp))


def _put(db: sqlite3.Connection, entry: scan.Found, repo: str, *, ours: bool) -> None:
    # Not INSERT OR REPLACE: that would not fire the trigger that keeps the total.
    query = "SELECT used FROM place WHERE path = ?"
    if row := db.execute(query, (entry.path,)).fetchone():
        entry = entry._replace(used=max(entry.used, row[0]))
        db.execute("DELETE FROM place WHERE path = ?", (entry.path,))
    db.execute(_INSERT, _row(entry, repo, ours=ours))


def _row(entry: scan.Found, repo: str, *, ours: bool) -> tuple[object, ...]:
    path, key, size, mtime, inode, used = entry
    return path, repo, key, size, mtime, inode, int(ours), used
