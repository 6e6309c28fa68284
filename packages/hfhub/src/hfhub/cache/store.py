"""The store: finds cached files, and takes verified bytes in.

Correctness rests on renames, never on a lock: a blob appears whole under its digest, then the snapshot's link to it,
then the ref. A process that is killed between any two of these leaves a file that is found, or one that is not.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import shutil
import stat
from typing import TYPE_CHECKING

from hfhub.cache.layout import Cache
from hfhub.errors import UnsafePathError
from hfhub.repo import is_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from hfhub.digest import Digest
    from hfhub.models import RepoFile
    from hfhub.repo import RepoRef
    from hfhub.settings import Settings

__all__ = ["Store", "store_for"]

EMPTY_SHA1 = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
_EMPTY = (EMPTY_SHA1, EMPTY_SHA256)

# What a file system answers that cannot make the kind of link it was asked for.
_NO_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK, errno.EXDEV}
_READ_ONLY = {errno.EROFS, errno.EACCES, errno.EPERM}
_WINDOWS_NO_PRIVILEGE = 1314


class Store:
    """The cached files under one root, found by repository, commit and path.

    Safe to share between threads; cheap to make. Paths are strings, those that users are given point into
    ``snapshots/``.

    Args:
        settings: ``cache_dir``, ``symlinks`` and ``cache_max_size`` are used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cache = Cache(settings.cache_dir)
        self._symlinks = settings.symlinks

    # Finding

    def find(self, ref: RepoRef, path: str) -> str | None:
        """The cached file ``path`` of the commit ``ref.revision``, or None; one ``stat``, no write.

        Raises:
            UnsafePathError: if ``path`` could leave the snapshot, or the revision is no commit.
        """
        pointer = self.cache.pointer(ref, path)
        try:
            found = os.stat(pointer)
        except OSError:
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        if found.st_size == 0 and not self._really_empty(ref, path, pointer):
            return None
        return pointer

    def _really_empty(self, ref: RepoRef, path: str, pointer: str) -> bool:
        """Whether an empty entry stands for an empty file, or is what a failure left."""
        try:
            return os.path.basename(os.readlink(pointer)) in _EMPTY
        except OSError:
            # Not a link: a copy, which tells no digest. The listing knows.
            listing = self.read_tree(ref) or ()
            return any(file.path == path and file.size == 0 for file in listing)

    def resolve_ref(self, ref: RepoRef) -> str | None:
        """The commit that ``ref.revision`` was last known to be, or None; a commit is itself."""
        if ref.is_pinned:
            return ref.revision
        try:
            with open(self.cache.ref_file(ref), encoding="ascii") as file:
                commit = file.read(64).strip()
        except (OSError, UnicodeDecodeError):
            return None
        return commit if is_commit(commit) else None

    def is_absent(self, ref: RepoRef, path: str) -> bool:
        """Whether the Hub has said that the commit ``ref.revision`` has no ``path``."""
        return os.path.isfile(self.cache.no_exist(ref, path))

    def read_tree(self, ref: RepoRef) -> Sequence[RepoFile] | None:
        """The files of the commit ``ref.revision`` as listed once, by us or the official client."""
        raise NotImplementedError("Store.read_tree is not there yet")

    # Taking in

    def adopt(
        self, partial: str | os.PathLike[str], ref: RepoRef, path: str, digest: Digest, size: int
    ) -> str:
        """Take a finished download in and give the path under which it is found.

        Args:
            partial: a file of the caller's own, whose bytes have been verified; it is moved.
            ref: the repository at a commit.
            path: the file's path in the repository.
            digest: what the bytes came to.
            size: how many bytes there are.

        Raises:
            UnsafePathError: if a name could leave the cache.
            CacheFullError: if the disk is full and nothing may be evicted.
            OSError: if ``partial`` does not hold ``size`` bytes, or the cache cannot be written.
        """
        raise NotImplementedError

    def put(self, data: bytes, ref: RepoRef, path: str, digest: Digest) -> str:
        """Take verified bytes in that are held in memory; for small files. As :meth:`adopt`."""
        raise NotImplementedError

    def link(self, ref: RepoRef, path: str, digest: Digest, size: int) -> str | None:
        """Make the file findable if its content is here already, under any repository or revision.

        Returns:
            The path, or None if the content has to be downloaded.
        """
        raise NotImplementedError

    def write_ref(self, ref: RepoRef, commit: str) -> None:
        """Remember that ``ref.revision`` is ``commit`` now; call it last. A cache that cannot be written is left alone."""
        raise NotImplementedError

    def note_absent(self, ref: RepoRef, path: str) -> None:
        """Remember that the commit ``ref.revision`` has no ``path``. A cache that cannot be written is left alone."""
        raise NotImplementedError

    def write_tree(self, ref: RepoRef, files: Iterable[RepoFile]) -> None:
        """Keep the whole listing of the commit ``ref.revision``. A cache that cannot be written is left alone."""
        raise NotImplementedError

    # Room and peace

    def make_room(self, size: int) -> None:
        """Evict until ``size`` more bytes fit under the cap; call it before a download starts.

        Raises:
            CacheFullError: if they cannot fit.
        """
        raise NotImplementedError

    def on_full_disk(self, size: int) -> None:
        """Evict at least ``size`` bytes because a write met a full disk (ENOSPC, EDQUOT); then try the write again.

        Raises:
            CacheFullError: if nothing more may be evicted.
        """
        raise NotImplementedError

    def lease(self, digests: Iterable[Digest]) -> contextlib.AbstractContextManager[None]:
        """Keep these blobs from eviction, by any process, while the context is open (or this process dies)."""
        raise NotImplementedError

    def claim(self, ref: RepoRef, digest: Digest) -> contextlib.AbstractContextManager[bool]:
        """Wait for whoever downloads this blob now; saves double work, nothing rests on it.

        The context gives whether the lock was really taken.
        """
        raise NotImplementedError

    # What is made from blobs, under the same cap

    def note_derived(self, kind: str, key: str, path: str | os.PathLike[str], size: int) -> None:
        """Put a file or folder under the LRU; ``kind`` is "extracted", "arrow" or "map"."""
        raise NotImplementedError

    def touch_derived(self, kind: str, key: str) -> None:
        """Note that it was used now."""
        raise NotImplementedError


def store_for(settings: Settings) -> Store:
    """The store of these settings; the same object for the same cache."""
    return Store(settings)
