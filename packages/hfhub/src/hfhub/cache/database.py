"""The SQLite file behind the index: opened when first needed, made again when damaged.

Everything in it but leases can be had from the disk and the journal. Where SQLite cannot work (NFS
without locks, a read-only mount) :class:`Unavailable` says so, for all calls of the process.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import TYPE_CHECKING, TypeVar

from hfhub.cache.owner import ForkedLock

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

__all__ = ["Database", "Unavailable"]

Result = TypeVar("Result")

_VERSION = 1
_SCHEMA = """
BEGIN IMMEDIATE;
-- What takes room: a file, or a folder made from one.
CREATE TABLE place (
    path TEXT PRIMARY KEY,   -- relative to the root
    repo TEXT NOT NULL,      -- its repository's folder, or .hfhub/<kind>
    key TEXT,                -- the digest; NULL in the official client's store
    size INTEGER NOT NULL,
    mtime INTEGER NOT NULL,  -- ns; with the size it tells whether the file is still the one meant
    inode TEXT NOT NULL,     -- places with one inode share their bytes
    ours INTEGER NOT NULL,   -- 1 if hfhub brought it in
    used REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX place_key ON place(key);
CREATE INDEX place_inode ON place(inode, size);
CREATE INDEX place_lru ON place(ours, used);
CREATE INDEX place_repo ON place(repo);
-- Inodes that have, or had, more than one place.
CREATE TABLE twin (inode TEXT PRIMARY KEY) WITHOUT ROWID;
-- What is being removed right now, and by which process.
CREATE TABLE going (
    path TEXT PRIMARY KEY, key TEXT, inode TEXT, size INTEGER, mark TEXT
) WITHOUT ROWID;
-- What the journal says hfhub has put where; true of a place if size and mtime agree.
CREATE TABLE brought (
    path TEXT PRIMARY KEY, key TEXT, size INTEGER, mtime INTEGER, used REAL
) WITHOUT ROWID;
CREATE TABLE lease (id TEXT, key TEXT, owner TEXT, expires REAL);
CREATE INDEX lease_key ON lease(key);
CREATE INDEX lease_id ON lease(id);
CREATE TABLE folder (path TEXT PRIMARY KEY, mtime INTEGER) WITHOUT ROWID;
CREATE TABLE journal (name TEXT PRIMARY KEY, offset INTEGER) WITHOUT ROWID;
CREATE TABLE total (bytes INTEGER NOT NULL);
INSERT INTO total VALUES (0);
CREATE TRIGGER place_first AFTER INSERT ON place
WHEN NOT EXISTS (SELECT 1 FROM place WHERE inode = NEW.inode AND path <> NEW.path)
BEGIN UPDATE total SET bytes = bytes + NEW.size; END;
CREATE TRIGGER place_twin AFTER INSERT ON place
WHEN EXISTS (SELECT 1 FROM place WHERE inode = NEW.inode AND path <> NEW.path)
BEGIN INSERT OR IGNORE INTO twin VALUES (NEW.inode); END;
CREATE TRIGGER place_out AFTER DELETE ON place
WHEN NOT EXISTS (SELECT 1 FROM place WHERE inode = OLD.inode)
BEGIN UPDATE total SET bytes = bytes - OLD.size; END;
PRAGMA user_version = 1;
COMMIT;
"""

_BUSY_SECONDS = 30.0
# SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, which the module has a name for from Python 3.12 on.
_NO_CHECKPOINT_ON_CLOSE = 1006


class Unavailable(Exception):
    """The index cannot be used now, or at all here."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class Database:
    """One SQLite file; safe to share between threads and across forks.

    Args:
        path: the file.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = ForkedLock()
        self._connection: sqlite3.Connection | None = None
        self._abandoned: list[sqlite3.Connection] = []
        self._process = 0
        self._inode = 0
        self._broken: Unavailable | None = None

    def __del__(self) -> None:
        # Only in the process that opened it, see _open().
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()

    def write(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do ``work`` in a transaction of its own, alone among all processes.

        ``work`` is done again from the start if the file turns out to be damaged.

        Raises:
            Unavailable: if there is no index to be had.
        """
        return self._run("BEGIN IMMEDIATE", work)

    def read(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Do ``work``, which only reads, on one state of the index; waits for nobody.

        Raises:
            Unavailable: if there is no index to be had.
        """
        return self._run("BEGIN", work)

    def _run(self, begin: str, work: Callable[[sqlite3.Connection], Result]) -> Result:
        import sqlite3  # costs 5 ms; a cached file is found without it

        with self._lock:
            for last in (False, True):
                try:
                    return _transact(self._open(), begin, work)
                except sqlite3.DatabaseError as error:
                    self._judge(error, last=last)
        raise AssertionError("unreachable")

    def _open(self) -> sqlite3.Connection:
        import sqlite3

        if self._broken is not None:
            raise self._broken
        if self._connection is not None:
            if self._process == os.getpid() and _inode(self.path) == self._inode:
                return self._connection
            self._let_go()
        try:
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
        except OSError as error:
            unavailable = Unavailable(self.path, error.strerror or str(error))
            if error.errno != errno.ENOSPC:
                self._broken = unavailable
            raise unavailable from error
        connection = sqlite3.connect(
            self.path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        try:
            # WAL where the file system has it; else SQLite stays with its rollback journal.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            self._prepare(connection)
        except BaseException:  # Ctrl-C too: an open connection would hold its locks
            connection.close()
            raise
        self._connection = connection
        self._process = os.getpid()
        self._inode = _inode(self.path)
        return connection

    def _let_go(self) -> None:
        """Part with a connection that was forked, or whose file was removed or put aside.

        Closing it as usual would meddle with the parent's, or delete the -wal of the file that
        stands in the old one's place.
        """
        import sqlite3

        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._process == os.getpid() and hasattr(connection, "setconfig"):  # Python 3.12
            with contextlib.suppress(sqlite3.Error):
                connection.setconfig(_NO_CHECKPOINT_ON_CLOSE, True)
                connection.close()
        else:
            self._abandoned.append(connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        import sqlite3

        version = connection.execute("PRAGMA user_version").fetchone()[0]
        if version > _VERSION:
            self._broken = Unavailable(self.path, "a newer hfhub has made it; update this one")
            raise self._broken
        if version == 0:
            try:
                connection.executescript(_SCHEMA)
            except sqlite3.OperationalError:
                # Another process was first: its schema is as good.
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                if connection.execute("PRAGMA user_version").fetchone()[0] != _VERSION:
                    raise

    def _judge(self, error: sqlite3.DatabaseError, *, last: bool) -> None:
        """Make a damaged file again; give up on a file system that does not carry one."""
        import sqlite3

        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB) and not last:
            self._put_aside()
            return
        if code == sqlite3.SQLITE_ERROR:
            raise error  # a mistake of ours, not the file system's
        unavailable = Unavailable(self.path, str(error))
        if code not in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY):
            self._broken = unavailable
        raise unavailable from error

    def _put_aside(self) -> None:
        self._let_go()
        # Under a new name, not deleted: another process may have the same file open, and deleting
        # its -wal under a new file's feet would damage that one too.
        aside = f"{self.path}.damaged-{time.time_ns()}"
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                os.rename(self.path + suffix, aside + suffix)


def _transact(
    connection: sqlite3.Connection, begin: str, work: Callable[[sqlite3.Connection], Result]
) -> Result:
    connection.execute(begin)
    try:
        result = work(connection)
        connection.execute("COMMIT")
    except BaseException:  # also on Ctrl-C: others wait for this transaction
        # SQLite may have rolled back by itself (disk full); a second time is an error of its own.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
