"""A folder of the user's that mirrors a repository: files under their names, notes beside them.

The notes lie in ``.cache/huggingface/download/<path>.metadata``, in the official client's format
(three
lines: commit, etag, seconds since 1970), so that either client knows what the other has fetched.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
import shutil
import time
from typing import TYPE_CHECKING, NamedTuple

from hfhub.download.partial import boot_name
from hfhub.errors import CacheFullError
from hfhub.repo import check_path

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from hfhub.cache.store import Store
    from hfhub.digest import Digest
    from hfhub.download.destination import Wanted
    from hfhub.repo import RepoRef

_TAG = (
    "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder holds notes on downloaded files; see https://bford.info/cachedir/\n"
)
_COPY_SIZE = 1 << 20


class _Note(NamedTuple):
    """What was noted of a file when it was fetched."""

    commit: str
    etag: str
    written: float


class LocalFolder:
    """A user's folder as a destination.

    Args:
        root: the folder; made when the first file comes.
        store: the cache, whose files are copied rather than fetched.
    """

    def __init__(self, root: str | Path, store: Store) -> None:
        self.root = os.path.realpath(os.path.expanduser(root))
        self._store = store
        self._notes = f"{self.root}/.cache/huggingface"
        self._prepared = False

    def pinned(self, ref: RepoRef, path: str) -> str | None:
        """The file, if it was fetched at the commit ``ref.revision`` and not changed since."""
        note = self._note(path)
        return self.location(ref, path) if note and note.commit == ref.revision else None

    def last_known(self, ref: RepoRef, path: str) -> str | None:
        """The file, whatever it holds: it is the user's."""
        place = self.location(ref, path)
        return place if os.path.isfile(place) else None

    def find(self, wanted: Wanted) -> str | None:
        """The file, if the notes or its own bytes say that it is the wanted one."""
        place = self.location(wanted.ref, wanted.path)
        try:
            if os.stat(place).st_size != wanted.size:
                return None
        except OSError:
            return None
        note = self._note(wanted.path)
        if note is not None:
            if note.etag != wanted.digest.hex:
                return None
            if note.commit != wanted.ref.revision:
                self._write_note(wanted)
            return place
        if not _holds(place, wanted):
            return None
        self._write_note(wanted)
        return place

    def take_over(self, wanted: Wanted) -> str | None:
        """The file, copied from the cache if that has it."""
        cached = self._store.find(wanted.ref, wanted.path) or self._store.cache.blob(
            wanted.ref, wanted.digest
        )
        try:
            if os.stat(cached).st_size != wanted.size:
                return None
        except OSError:
            return None
        copy = f"{self.partial(wanted)}.{os.getpid()}-{os.urandom(4).hex()}"
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        try:
            if _copied(cached, copy, wanted):
                return self.adopt(copy, wanted)
        except FileNotFoundError:  # evicted meanwhile
            pass
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(copy)
        return None

    def partial(self, wanted: Wanted) -> str:
        """Where its bytes lie until they are whole, named as the official client does."""
        note = self._note_path(wanted.path)
        folder, _, name = note.rpartition("/")
        short = base64.urlsafe_b64encode(hashlib.sha1(name.encode()).digest()).decode()  # noqa: S324 - a name
        return f"{folder}/{short}.{wanted.digest.hex}.incomplete"

    def adopt(self, partial: str, wanted: Wanted) -> str:
        """Move a whole, verified file into its place, and note what it is."""
        place = self.location(wanted.ref, wanted.path)
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.replace(partial, place)
        self._write_note(wanted)
        return place

    def location(self, ref: RepoRef, path: str) -> str:  # noqa: ARG002 - one folder, one revision
        """Where the file is to be found, once it is there."""
        return f"{self.root}/{check_path(path)}"

    def make_room(self, size: int) -> None:
        """Do nothing: the folder is under no cap."""

    def on_full_disk(self, size: int) -> None:
        """Raise: nothing in the folder may be deleted."""
        raise CacheFullError(size, shutil.disk_usage(self.root).free, self.root)

    def lease(self, digests: Sequence[Digest]) -> AbstractContextManager[None]:  # noqa: ARG002
        """Do nothing: nothing evicts from the folder."""
        return contextlib.nullcontext()

    def _note_path(self, path: str) -> str:
        return f"{self._notes}/download/{check_path(path)}.metadata"

    def _note(self, path: str) -> _Note | None:
        """What was noted of the file, or None if it was changed since or the note is no note."""
        try:
            with open(self._note_path(path), encoding="utf-8") as file:
                commit, etag, written = file.read().split("\n")[:3]
            note = _Note(commit.strip(), etag.strip(), float(written))
            # A second of grace, as the official client gives: clocks of file systems are coarse.
            if os.stat(f"{self.root}/{path}").st_mtime - 1 <= note.written:
                return note
        except (OSError, ValueError):
            pass
        return None

    def _write_note(self, wanted: Wanted) -> None:
        path = self._note_path(wanted.path)
        own = f"{path}.{boot_name()}.{os.getpid()}-{os.urandom(4).hex()}"
        self._prepare(os.path.dirname(path))
        with open(own, "w", encoding="utf-8") as file:
            file.write(f"{wanted.ref.revision}\n{wanted.digest.hex}\n{time.time()}\n")
        os.replace(own, path)

    def _prepare(self, folder: str) -> None:
        os.makedirs(folder, exist_ok=True)
        if self._prepared:
            return
        for name, text in ((".gitignore", "*"), ("CACHEDIR.TAG", _TAG)):
            with contextlib.suppress(FileExistsError), open(f"{self._notes}/{name}", "x") as file:
                file.write(text)
        self._prepared = True


def _copied(source: str, target: str, wanted: Wanted) -> bool:
    """Copy a cached file; whether it is the wanted one: the official client verifies nothing."""
    running = wanted.digest.hasher(wanted.size)
    with open(source, "rb") as given, open(target, "xb") as made:
        while piece := given.read(_COPY_SIZE):
            running.update(piece)
            made.write(piece)
    return running.hexdigest() == wanted.digest.hex


def _holds(place: str, wanted: Wanted) -> bool:
    """Whether the bytes of the file are the wanted ones."""
    running = wanted.digest.hasher(wanted.size)
    with open(place, "rb") as file:
        while piece := file.read(_COPY_SIZE):
            running.update(piece)
    return running.hexdigest() == wanted.digest.hex
