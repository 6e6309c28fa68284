"""The file that a download is written into, and who may write it.

Only one living owner writes to an inode, ever. All processes of one running kernel share one name,
so that they take turns by a lock on the file and a later one goes on where an earlier one died.
Where locks do nothing (Lustre, some NFS: ``flock`` says yes to everyone), and between machines,
each writer makes a file of its own and copies what others have left. Nothing rests on the lock:
without it the same bytes are fetched twice.
"""

from __future__ import annotations

import contextlib
import enum
import errno
import hashlib
import os
import time
import uuid
from functools import cache
from typing import TYPE_CHECKING

from hfhub.download import positioned
from hfhub.download.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.digest import Digest

_CAN_LOCK = os.name == "posix"
if _CAN_LOCK:
    import fcntl

# A leftover that nobody has written to for so long is not being written.
_ABANDONED_SECONDS = 3600
_COPY_SIZE = 1 << 20
# What file systems say that cannot set room aside; the bytes are written without it.
_CANNOT_RESERVE = (errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENODEV)
_FLAGS = os.O_RDWR | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


class _Lock(enum.Enum):
    HELD = enum.auto()
    BUSY = enum.auto()
    NONE = enum.auto()


class Partial:
    """An unfinished file that this process alone writes to; use it in a ``with``.

    Attributes:
        path: where it lies.
        fd: its open descriptor.
        digest: what it is to come to.
        size: its size in bytes when it is whole.
        ledger: what is there of it already, or None before :meth:`begin`.
    """

    __slots__ = ("base", "digest", "fd", "ledger", "path", "size")

    def __init__(self, base: str, path: str, fd: int, digest: Digest, size: int) -> None:
        self.base = base
        self.path = path
        self.fd = fd
        self.digest = digest
        self.size = size
        self.ledger: Ledger | None = None

    def begin(self, etag: str, *, reserve: bool = True) -> Ledger:
        """Make room for all bytes and write an empty state, whatever was there.

        Args:
            etag: the strong validator of the bytes to come, or "".
            reserve: take the room on the disk; not where perhaps few of the bytes will come.

        Raises:
            OSError: if the disk is too full for the file, before anything is fetched.
        """
        os.ftruncate(self.fd, 0)  # frees the bytes of an earlier try first
        if reserve and self.size and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(self.fd, 0, self.size)
            except OSError as error:
                if error.errno not in _CANNOT_RESERVE:
                    raise
        self.ledger = Ledger(self.digest, self.size, etag=etag)
        self.ledger.write(self.fd)
        return self.ledger

    def fill(self, data: bytes) -> str:
        """Write a whole small file and give its path.

        Raises:
            FileNotFoundError: if someone has taken the file away.
            OSError: if it cannot be written.
        """
        if os.fstat(self.fd).st_size:
            os.ftruncate(self.fd, 0)
        positioned.write(self.fd, memoryview(data), 0)
        # It has just been claimed, so nobody can take it for abandoned: no need of an own name.
        if not _is_at(self.fd, self.path):
            raise FileNotFoundError(2, "the unfinished file was taken away", self.path)
        if not _CAN_LOCK:
            self.close()  # Windows renames no open file, and there is no lock to keep
        return self.path

    def seal(self) -> str:
        """Cut off the state and give the path of the whole file, which no other process uses.

        Raises:
            FileNotFoundError: if someone has taken the file away.
        """
        os.ftruncate(self.fd, self.size)
        own = _own_name(self.base)
        if not _CAN_LOCK:
            self.close()  # as in fill(); here nobody else takes a file over, only copies it
        os.rename(self.path, own)
        if self.fd >= 0 and not _is_at(self.fd, own):
            # The name had been given to another writer's file; it keeps that file under its new
            # name.
            raise FileNotFoundError(2, "the unfinished file was taken away", self.path)
        self.path = own
        return own

    def discard(self) -> None:
        """Delete the file; its bytes were wrong."""
        if not _CAN_LOCK:
            self.close()  # Windows deletes no open file
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)

    def tidy(self) -> None:
        """Delete what others left of the same file; call it when the whole file is in place."""
        for path in _leftovers(self.base):
            if path != self.path and _is_abandoned(path):
                with contextlib.suppress(OSError):
                    os.unlink(path)

    def close(self) -> None:
        """Let others go on with the file, if it is still there."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def __enter__(self) -> Partial:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()


def claim(
    base: str, digest: Digest, size: int, *, resume: bool, alone: bool = False
) -> Partial | None:
    """Become the owner of the unfinished file at ``base``, with what is there of it.

    Args:
        base: its path; the real names add suffixes to it.
        digest: what it is to come to.
        size: its size in bytes.
        resume: look for bytes of earlier tries; not worth a listing for small files.
        alone: take a file of one's own at once, because the owner of the common one seems stuck.

    Returns:
        the file, or None while another process is at work on it.

    Raises:
        OSError: if the folder cannot be written.
    """
    shared = f"{base}.{boot_name()}"
    while not alone:
        created = True
        try:
            fd = os.open(shared, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(base), exist_ok=True)
            continue
        except FileExistsError:
            created = False
            try:
                fd = os.open(shared, _FLAGS)
            except FileNotFoundError:
                continue
            except PermissionError:  # another user's
                break
        lock = _try_lock(fd)
        if lock is _Lock.BUSY:
            os.close(fd)
            return None
        if created or (lock is _Lock.HELD and _excludes(shared)):
            if not created and not _is_at(fd, shared):
                os.close(fd)  # its owner finished it while we waited for the lock
                continue
            partial = Partial(base, shared, fd, digest, size)
            return _resumed(partial, old=not created) if resume else partial
        os.close(fd)
        break
    own = _own_name(base)
    os.makedirs(os.path.dirname(base), exist_ok=True)
    fd = os.open(own, _FLAGS | os.O_CREAT | os.O_EXCL, 0o666)
    _try_lock(fd)
    partial = Partial(base, own, fd, digest, size)
    return _resumed(partial, old=False) if resume else partial


def last_write(base: str) -> float:
    """When the common unfinished file at ``base`` was last written to, in seconds, or 0.0."""
    try:
        return os.stat(f"{base}.{boot_name()}").st_mtime
    except OSError:
        return 0.0


@cache
def boot_name() -> str:
    """Eight hex digits for the running kernel: within it, a lock that works at all excludes."""
    try:
        with open("/proc/sys/kernel/random/boot_id", "rb") as source:
            identity = source.read()
    except OSError:
        # No such file: what stays the same from process to process, and differs between machines.
        identity = str(uuid.getnode()).encode()
    return hashlib.blake2b(identity, digest_size=4).hexdigest()


def _resumed(partial: Partial, *, old: bool) -> Partial:
    """``partial`` with what is known of its bytes, or else with bytes that others left."""
    try:
        if old:
            partial.ledger = Ledger.read(partial.fd, partial.digest, partial.size)
        if partial.ledger is None:
            _seed(partial)
    except BaseException:  # a full disk: others must not wait for us
        partial.close()
        raise
    return partial


def _seed(partial: Partial) -> None:
    """Copy the most complete of the unfinished files that others left into ``partial``."""
    best: tuple[int, str] | None = None
    for path in _leftovers(partial.base):
        if path == partial.path:
            continue
        with contextlib.suppress(OSError), _opened(path) as fd:
            ledger = Ledger.read(fd, partial.digest, partial.size)
            if ledger is not None and ledger.present > (best[0] if best else 0):
                best = ledger.present, path
    if best is None:
        return
    with contextlib.suppress(FileNotFoundError), _opened(best[1]) as fd:
        theirs = Ledger.read(fd, partial.digest, partial.size)
        if theirs is None:
            return
        partial.begin(theirs.etag)
        ours = Ledger(
            theirs.digest, theirs.size, theirs.part_size, theirs.etag, [0] * len(theirs.done)
        )
        for part, done in enumerate(theirs.done):
            ours.done[part] = _copy(fd, partial.fd, ours.start(part), done)
        ours.write(partial.fd)
        partial.ledger = ours


def _copy(source: int, target: int, place: int, count: int) -> int:
    buffer = memoryview(bytearray(min(count, _COPY_SIZE)))
    copied = 0
    while copied < count:
        more = positioned.readinto(source, buffer[: count - copied], place + copied)
        if not more:
            break
        positioned.write(target, buffer[:more], place + copied)
        copied += more
    return copied


@contextlib.contextmanager
def _opened(path: str) -> Iterator[int]:
    fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        yield fd
    finally:
        os.close(fd)


def _leftovers(base: str) -> list[str]:
    folder, _, stem = base.rpartition("/")
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return [f"{folder}/{name}" for name in names if name.startswith(f"{stem}.")]


def _is_abandoned(path: str) -> bool:
    """Whether nobody writes to the file any more, as far as a lock or its age can tell."""
    with contextlib.suppress(OSError), _opened(path) as fd:
        if f".{boot_name()}" in path:
            lock = _try_lock(fd)
            if lock is _Lock.BUSY:
                return False
            if lock is _Lock.HELD and _excludes(path):
                return True
        return time.time() - os.fstat(fd).st_mtime > _ABANDONED_SECONDS
    return False


def _own_name(base: str) -> str:
    return f"{base}.{boot_name()}.{os.getpid()}-{os.urandom(4).hex()}"


def _is_at(fd: int, path: str) -> bool:
    try:
        there = os.stat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(fd), there)


def _try_lock(fd: int) -> _Lock:
    if not _CAN_LOCK:
        return _Lock.NONE
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return _Lock.BUSY
    except OSError:  # ENOLCK, EOPNOTSUPP, ...: this file system has no locks
        return _Lock.NONE
    return _Lock.HELD


def _excludes(path: str) -> bool:
    """Whether the lock that we hold on ``path`` keeps others out: try as if we were another."""
    with contextlib.suppress(OSError), _opened(path) as fd:
        return _try_lock(fd) is _Lock.BUSY
    return False
