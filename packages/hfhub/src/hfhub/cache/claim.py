"""A lock that saves double work: whoever holds it downloads, the others wait and find the file.

Nothing rests on it. Where it cannot be had (no ``flock`` on the file system, a read-only cache) the
work goes on without it.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["claim"]

_POLL = 0.02
_MAX_POLL = 0.25


@contextlib.contextmanager
def claim(path: str, *, timeout: float | None = None) -> Iterator[bool]:
    """Hold the lock file ``path``, which the official client uses for the same blob.

    Args:
        path: the lock file; it is made, and removed again.
        timeout: seconds to wait; None waits as long as the holder lives.

    Yields:
        Whether the lock was taken.
    """
    descriptor = _acquire(path, timeout)
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            # Removed while held: a waiter sees that its file has lost its name, and opens anew.
            with contextlib.suppress(OSError):
                os.unlink(path)
            os.close(descriptor)


def _acquire(path: str, timeout: float | None) -> int | None:
    try:
        import fcntl  # not on Windows, where downloads of one file may double
    except ImportError:
        return None
    deadline = None if timeout is None else time.monotonic() + timeout
    pause = _POLL
    while True:
        try:
            descriptor = _open(path)
        except OSError:
            # No lock, no harm: the bytes are renamed into place either way.
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_current(descriptor, path):
                return descriptor
            os.close(descriptor)
            continue
        except BlockingIOError:
            os.close(descriptor)
        except OSError:
            os.close(descriptor)
            return None
        if deadline is not None and time.monotonic() >= deadline:
            return None
        # Polling, as the official client does: a blocking flock could not be interrupted on NFS.
        time.sleep(pause)
        pause = min(pause * 1.5, _MAX_POLL)


def _open(path: str) -> int:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        return os.open(path, flags, 0o666)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        return os.open(path, flags, 0o666)


def _is_current(descriptor: int, path: str) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except OSError:
        return False
