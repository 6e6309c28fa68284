"""The official client's store of blobs for all repositories: read, and swept as it sweeps it.

A repository's ``blobs/<etag>`` is a relative link to ``<cache>/blobs/<2 hex>/<hash>``; beside the
payload, ``<hash>.refs`` lists those links. The list is a hint: each line is checked before it
counts, and without a readable list nothing is deleted.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from typing import TYPE_CHECKING

from hfhub.cache.layout import SHARED_STORE
from hfhub.cache.place import led_to
from hfhub.cache.scan import has_shared_store as is_store

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["is_store", "payload_of", "sweep", "unused", "users"]

_HASH = re.compile(r"[0-9a-f]{64}")
_USER = re.compile(r"(?:model|dataset|space|kernel)s--[^/\n\r]+/blobs/[^/\n\r]+")


def payload_of(root: str, blob: str) -> str | None:
    """The payload that a repository's blob leads to; None if it is a file of its own."""
    try:
        target = led_to(blob)
    except OSError:
        return None
    base, name = os.path.split(target)
    in_store = base == f"{os.path.normpath(root)}/{SHARED_STORE}/{name[:2]}"
    return target if in_store and _HASH.fullmatch(name) and _is_file(target) else None


def users(root: str, payload: str) -> set[str] | None:
    """The repositories' blobs that lead to a payload; None if that cannot be told."""
    try:
        with open(f"{payload}.refs", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (OSError, UnicodeDecodeError):
        return None
    named = {f"{root}/{line}" for line in lines if _USER.fullmatch(line) and ".." not in line}
    return {blob for blob in named if payload_of(root, blob) == payload}


def sweep(root: str, payload: str) -> int:
    """Delete a payload that no repository shows any more; the bytes that came free.

    Under the lock that the official client takes for the same.
    """
    if not is_store(root):
        return 0
    with _lock(f"{payload}.lock") as held:
        # Without the lock a link could be made to it this very moment.
        if not held or users(root, payload) != set() or not _is_file(payload):
            return 0
        size = os.lstat(payload).st_size
        os.unlink(payload)
        with contextlib.suppress(OSError):
            os.unlink(f"{payload}.refs")
        return size


def unused(root: str) -> dict[str, int]:
    """The payloads that no repository shows, with their sizes."""
    found: dict[str, int] = {}
    if not is_store(root):
        return found
    for folder, _, names in os.walk(f"{root}/{SHARED_STORE}"):
        for name in names:
            payload = f"{folder}/{name}"
            if _HASH.fullmatch(name) and _is_file(payload) and users(root, payload) == set():
                found[payload] = os.lstat(payload).st_size
    return found


@contextlib.contextmanager
def _lock(path: str) -> Iterator[bool]:
    try:
        import fcntl  # not on Windows, where the store is left alone

        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(path, flags, 0o666)
    except (ImportError, OSError):
        yield False
        return
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _is_file(path: str) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return False
