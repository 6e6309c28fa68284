"""The store: finds cached files, and takes verified bytes in.

Correctness rests on renames, never on a lock: a blob appears whole under its digest, then the
snapshot's link to it, then the ref. A process that is killed between any two of these leaves a file
that is found, or one that is not.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import TYPE_CHECKING

from hfhub.cache import place
from hfhub.cache.claim import claim
from hfhub.cache.layout import Cache
from hfhub.cache.notes import Notes
from hfhub.cache.room import Room
from hfhub.errors import IntegrityError, UnsafePathError
from hfhub.repo import is_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from hfhub.cache.choice import Place
    from hfhub.cache.index import Index
    from hfhub.digest import Digest
    from hfhub.models import RepoFile
    from hfhub.repo import RepoRef
    from hfhub.settings import Settings

__all__ = ["Store", "store_for"]

# The digests of no bytes at all: git's and sha256.
_EMPTY = (
    "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
)
# Seconds for which a look at the disk is good enough.
_LOOK_AGAIN = 30.0
# A killed process loses nothing that was written; a power cut loses what is not synced. The file
# systems leave a small new file whole or empty then, and an empty one is no hit; a large one, whose
# room was taken beforehand, could be full of zeros. Syncing each small file would take longer than
# fetching it.
_SYNC_FROM = 1 << 20
_UNWRITABLE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_CLASH = frozenset({errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTEMPTY})


class Store:
    """The cached files under one root, found by repository, commit and path.

    Safe to share between threads. Paths are strings; those that callers are given point into
    ``snapshots/``.

    Args:
        settings: ``cache_dir``, ``symlinks`` and ``cache_max_size`` are used.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.cache = Cache(settings.cache_dir)
        self.notes = Notes(self.cache)
        self._room = Room(self.cache, settings.cache_max_size, lambda: self.index)
        self._index: Index | None = None
        self._known: dict[str, list[Place]] = {}

    @property
    def index(self) -> Index:
        """The table of contents; opened only where one must look something up."""
        if self._index is None:
            from hfhub.cache.index import Index  # a cached file is found without it

            self._index = Index(self.cache, self.notes)
        return self._index

    # Finding

    def find(self, ref: RepoRef, path: str) -> str | None:
        """The cached file ``path`` of the commit ``ref.revision``, or None: one ``stat``, no write.

        Raises:
            UnsafePathError: if ``path`` could leave the snapshot, or the revision is no commit.
        """
        pointer = self.cache.pointer(ref, path)
        try:
            found = os.stat(pointer)
        except OSError:
            return None
        if found.st_size == 0 and not self._is_really_empty(ref, path, pointer):
            return None
        if not stat.S_ISREG(found.st_mode):
            return None
        self.notes.use(pointer)
        return pointer

    def _is_really_empty(self, ref: RepoRef, path: str, pointer: str) -> bool:
        """Whether an empty entry stands for an empty file, or is what a failure left."""
        try:
            return os.path.basename(os.readlink(pointer)) in _EMPTY
        except OSError:
            # Not a link: it may be a hard link of the blob, else the listing knows.
            for empty in _EMPTY:
                with contextlib.suppress(OSError):
                    if os.path.samefile(pointer, self.cache.blob(ref, empty)):
                        return True
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

    def read_tree(self, ref: RepoRef) -> list[RepoFile] | None:
        """The files of the commit ``ref.revision``, as listed once by us or the official client."""
        from hfhub.cache import tree  # spares single downloads the JSON parser

        for path, load in (
            (self.cache.tree(ref), tree.load),
            (self.cache.peer_tree(ref), tree.load_peer),
        ):
            try:
                with open(path, "rb") as file:
                    files = load(file.read())
            except OSError:
                continue
            if files is not None:
                return files
        return None

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
            UnsafePathError: if a name could leave the cache, or clashes with another name of the
            snapshot. IntegrityError: if ``partial`` does not hold ``size`` bytes. CacheFullError:
            if the disk is full and nothing may be evicted. OSError: if the cache cannot be written.
        """
        partial = os.fspath(partial)
        blob = self.cache.blob(ref, digest)
        self.cache.pointer(ref, path)
        look = place.sync if size >= _SYNC_FROM else os.stat
        # Some file systems find out only here that the disk is full.
        found = self._room.while_full(size, lambda: look(partial))
        if found.st_size != size:
            raise IntegrityError(f"{ref}/{path}", f"{size} bytes", f"{found.st_size} bytes")
        if _leads_to(blob, digest, size):
            # The official client has put it into its shared store meanwhile; others count on that.
            os.unlink(partial)
        else:
            self._bring(blob, digest, found, 0, lambda: place.move(partial, blob))
        pointer = self._point(ref, path, digest, keep_blob=False)
        self._room.stay_below_cap()
        return pointer

    def put(self, data: bytes, ref: RepoRef, path: str, digest: Digest) -> str:
        """Take bytes in that are held in memory and have been verified; else as :meth:`adopt`."""
        partial = f"{self.cache.partial(ref, digest)}.{os.urandom(4).hex()}"
        try:
            self._room.while_full(len(data), lambda: _write(partial, data))
            return self.adopt(partial, ref, path, digest, len(data))
        except BaseException:  # also on Ctrl-C: nothing half-written stays
            with contextlib.suppress(OSError):
                os.unlink(partial)
            raise

    def link(self, ref: RepoRef, path: str, digest: Digest, size: int) -> str | None:
        """Make the file findable if its content is here already, under any repository or revision.

        Returns:
            The path, or None if the content has to be downloaded.

        Raises:
            UnsafePathError, OSError: as :meth:`adopt`.
        """
        blob = self.cache.blob(ref, digest)
        if not _holds(blob, size) and not self._bring_from_elsewhere(blob, digest, size):
            return None
        pointer = self._point(ref, path, digest, keep_blob=True)
        # Somebody may have removed the blob meanwhile.
        return pointer if _holds(pointer, size) else None

    def _bring_from_elsewhere(self, blob: str, digest: Digest, size: int) -> bool:
        """Give ``blob`` the bytes that another repository has under the same digest."""
        from hfhub.cache.content import matches  # only where something is missing

        for known in self._known_places(digest.hex):
            source = f"{self.cache.root}/{known.path}"
            if known.size != size or not _holds(source, size):
                continue
            # A link would spread damage. What we have verified and nobody has written to since is
            # sound; the official client does not verify what it downloads.
            is_sound = known.ours and os.stat(source).st_mtime_ns == known.mtime
            if not is_sound and not matches(source, digest):
                continue
            with contextlib.suppress(FileNotFoundError):
                self._clone(source, blob, digest, size)
                return True
        return False

    def _known_places(self, key: str) -> list[Place]:
        if (known := self._known.get(key)) is None:
            self.index.refresh(_LOOK_AGAIN)
            known = self.index.places([key])[key]
        # What this process has just brought in, the index does not know yet.
        return known or self.notes.brought(key)

    def _clone(self, source: str, blob: str, digest: Digest, size: int) -> None:
        found = os.stat(source)
        self._bring(blob, digest, found, size, lambda: place.clone(source, blob, self.cache.tmp))

    def _bring(
        self,
        blob: str,
        digest: Digest,
        found: os.stat_result,
        size: int,
        act: Callable[[], None],
    ) -> None:
        """Put a blob in place by ``act``, with a note before and after.

        Before, as a blob that nobody knows to be ours would never be evicted; after, as whoever
        read the first note too early has passed over it.
        """
        self._room.while_full(0, lambda: self.notes.bring(blob, digest.hex, found))
        self._room.while_full(size, act)
        self._room.while_full(0, lambda: self.notes.bring(blob, digest.hex, found))

    def _point(self, ref: RepoRef, path: str, digest: Digest, *, keep_blob: bool) -> str:
        """Let the snapshot's entry show the blob."""
        pointer = self.cache.pointer(ref, path)
        target = self.cache.pointer_target(path, digest.hex)
        blob = self.cache.blob(ref, digest)
        try:
            self._room.while_full(
                0,
                lambda: place.make_pointer(
                    pointer,
                    target,
                    blob,
                    self.cache.tmp,
                    symlinks=self.settings.symlinks,
                    keep_blob=keep_blob,
                ),
            )
        except OSError as error:
            if error.errno in _CLASH or isinstance(error, FileExistsError):
                raise UnsafePathError(
                    path, f"it clashes with another file's name ({error.strerror})"
                ) from error
            raise
        if not os.path.islink(pointer):
            # A hard link, or the blob itself moved: one more place to know.
            self.notes.bring(pointer, digest.hex, os.stat(pointer))
        self.notes.use(pointer)
        return pointer

    def write_ref(self, ref: RepoRef, commit: str) -> None:
        """Remember that ``ref.revision`` is ``commit`` now; call it last.

        A cache that cannot be written is left alone.

        Raises:
            UnsafePathError: if one of the two is no name for it.
        """
        if ref.is_pinned:
            return
        self.cache.snapshot(ref.at(commit))
        if self.resolve_ref(ref) != commit:
            self._note(self.cache.ref_file(ref), commit.encode())

    def note_absent(self, ref: RepoRef, path: str) -> None:
        """Remember that the commit ``ref.revision`` has no ``path``.

        A cache that cannot be written is left alone.
        """
        if not self.is_absent(ref, path):
            self._note(self.cache.no_exist(ref, path), b"")

    def write_tree(self, ref: RepoRef, files: Iterable[RepoFile]) -> None:
        """Keep the whole listing of the commit ``ref.revision``.

        A cache that cannot be written is left alone.
        """
        from hfhub.cache import tree  # spares single downloads the JSON parser

        files = list(files)
        self._note(self.cache.tree(ref), tree.dump(files))
        if not os.path.exists(self.cache.peer_tree(ref)):
            self._note(self.cache.peer_tree(ref), tree.dump_peer(files))

    def _note(self, path: str, data: bytes) -> None:
        try:
            self._room.while_full(len(data), lambda: place.write_whole(path, data, self.cache.tmp))
        except OSError as error:
            # A read-only mount, or another user's cache: what is cached is usable without the note.
            if error.errno not in _UNWRITABLE | _CLASH:
                raise

    # Room and peace

    def make_room(self, size: int) -> None:
        """Evict until ``size`` more bytes fit under the cap; call it before a download starts.

        Raises:
            CacheFullError: if they cannot fit.
            ValueError: if the cap is not a size.
        """
        self._room.make(size)

    def on_full_disk(self, size: int) -> None:
        """Evict at least ``size`` bytes because a write met a full disk; then try the write again.

        Raises:
            CacheFullError: if nothing more may be evicted.
        """
        self._room.on_full_disk(size)

    @contextlib.contextmanager
    def lease(self, digests: Iterable[Digest]) -> Iterator[None]:
        """Keep these blobs from eviction, by any process, while the context is open.

        Take it before looking for them: what is found under a lease stays.
        """
        keys = [digest.hex for digest in digests]
        name = self.index.lease(keys)
        try:
            if name is not None:
                self._room.keep_ballast()
            # One look for all of them: link() is asked about each.
            self.index.refresh(_LOOK_AGAIN)
            self._known.update(self.index.places(keys))
            yield
        finally:
            for key in keys:
                self._known.pop(key, None)
            self.index.release(name)
            # What came in while all of it was held may be too much.
            self._room.stay_below_cap()

    def note_derived(self, kind: str, key: str, path: str | os.PathLike[str], size: int) -> None:
        """Put a file or folder that was made from blobs under the LRU.

        Args:
            kind: "extracted", "arrow" or "map".
            key: what it was made from, as hex digits; leases go by it.
            path: where it lies: ``cache.derived(kind)`` and a name.
            size: bytes.
        """
        self.notes.make(os.fspath(path), kind, key, size)
        self._room.stay_below_cap()

    def touch_derived(self, kind: str, key: str) -> None:
        """Note that it was used now."""
        self.notes.use(f"{self.cache.derived(kind)}/{key}")

    def claim(
        self, ref: RepoRef, digest: Digest, *, timeout: float | None = None
    ) -> contextlib.AbstractContextManager[bool]:
        """Wait for whoever downloads this blob now; saves double work, nothing rests on it.

        The context gives whether the lock was really taken. Look again with :meth:`find` or
        :meth:`link` then.

        Args:
            ref: the repository.
            digest: the blob.
            timeout: seconds to wait; None waits as long as the holder lives.
        """
        return claim(self.cache.lock(ref, digest), timeout=timeout)


_stores: dict[tuple[str, bool, str | None], Store] = {}


def store_for(settings: Settings) -> Store:
    """The store of these settings; the same object for the same cache."""
    key = (os.fspath(settings.cache_dir), settings.symlinks, settings.cache_max_size)
    store = _stores.get(key)
    if store is None:
        store = _stores.setdefault(key, Store(settings))
    return store


def _holds(blob: str, size: int) -> bool:
    try:
        found = os.stat(blob)
    except OSError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size == size


def _leads_to(blob: str, digest: Digest, size: int) -> bool:
    """Whether the blob is the official client's link into its shared store, to the right bytes."""
    if not os.path.islink(blob) or not _holds(blob, size):
        return False
    from hfhub.cache.content import matches  # only where both clients fetch the same at once

    return matches(blob, digest)


def _write(path: str, data: bytes) -> None:
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
