"""What lies in a cache, looked up on the disk; only folders that have changed are read again."""

from __future__ import annotations

import os
import re
import stat
import time
from typing import TYPE_CHECKING, NamedTuple

from hfhub.cache import layout
from hfhub.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

__all__ = ["Found", "blobs", "derived", "folder_stamp", "has_shared_store", "repositories", "store"]

_REPOSITORY = re.compile(r"(?:model|dataset|space|kernel)s--.+")
_PREFIX = re.compile(r"[0-9a-f]{2}")
_TICK = 2_000_000_000


class Found(NamedTuple):
    """A file that takes room; fields as the columns of ``place``."""

    path: str
    key: str | None
    size: int
    mtime: int
    inode: str
    used: float


def repositories(root: str) -> list[str]:
    """The folders of repositories in a cache."""
    try:
        with os.scandir(root) as entries:
            return sorted(entry.name for entry in entries if _REPOSITORY.fullmatch(entry.name))
    except OSError:
        return []


def folder_stamp(path: str) -> int | None:
    """What changes when a name comes into the folder or leaves it; None if there is no folder.

    A folder that changed just now gives 0: it could change again within the same tick of its clock.
    """
    try:
        changed = os.stat(path).st_mtime_ns
    except OSError:
        return None
    return changed if time.time_ns() - changed > _TICK else 0


def blobs(root: str, repo: str) -> Iterator[Found]:
    """The blobs of one repository; a link into the official client's store counts as its target."""
    try:
        entries = os.scandir(f"{root}/{repo}/blobs")
    except OSError:
        return
    with entries:
        for entry in entries:
            if Digest.from_hex(entry.name) is None:
                continue
            try:
                found = entry.stat()
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode):
                yield describe(f"{repo}/blobs/{entry.name}", entry.name, found)


def has_shared_store(root: str) -> bool:
    """Whether the official client keeps blobs for all repositories here, in the layout we know."""
    marker = f"{root}/{layout.SHARED_STORE}/{layout.SHARED_MARKER}"
    try:
        with open(marker, encoding="ascii") as file:
            return not os.path.islink(marker) and file.read(8) == layout.SHARED_VERSION
    except (OSError, UnicodeDecodeError):
        return False


def store(root: str) -> Iterator[Found]:
    """The payloads in the official client's store."""
    if not has_shared_store(root):
        return
    base = f"{root}/{layout.SHARED_STORE}"
    for prefix in os.listdir(base):
        if not _PREFIX.fullmatch(prefix):
            continue
        try:
            entries = os.scandir(f"{base}/{prefix}")
        except OSError:
            continue
        with entries:
            for entry in entries:
                if len(entry.name) == 64 and entry.is_file(follow_symlinks=False):
                    path = f"{layout.SHARED_STORE}/{prefix}/{entry.name}"
                    yield describe(path, None, entry.stat())


def derived(root: str, kind: str, known: Container[str]) -> Iterator[Found]:
    """What was made from blobs, but for the ``known`` paths: each folder (or file) as one entry."""
    base = f"{root}/.hfhub/{kind}"
    try:
        names = os.listdir(base)
    except OSError:
        return
    for name in names:
        path = f"{base}/{name}"
        # A name with a dot in front is not finished yet; weighing a folder means walking it.
        if name.startswith(".") or f".hfhub/{kind}/{name}" in known:
            continue
        try:
            found = os.lstat(path)
        except OSError:
            continue
        size = _weigh(path) if stat.S_ISDIR(found.st_mode) else found.st_size
        inode = f"{found.st_dev}:{found.st_ino}"
        mtime = found.st_mtime_ns
        yield Found(f".hfhub/{kind}/{name}", name, size, mtime, inode, found.st_mtime)


def describe(path: str, key: str | None, found: os.stat_result) -> Found:
    """A row for the file at ``path``, from its ``stat``."""
    inode = f"{found.st_dev}:{found.st_ino}"
    used = max(found.st_atime, found.st_mtime)
    return Found(path, key, found.st_size, found.st_mtime_ns, inode, used)


def _weigh(folder: str) -> int:
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.lstat(f"{place}/{name}").st_size
            except OSError:
                continue
    return total
