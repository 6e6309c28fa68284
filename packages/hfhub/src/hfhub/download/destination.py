"""Where fetched files go: the cache, or a folder of the user's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from hfhub.cache.store import Store
    from hfhub.digest import Digest
    from hfhub.repo import RepoRef


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to bring to a destination.

    Attributes:
        ref: the repository at a commit.
        path: the file's path in it.
        digest: what its bytes are to come to.
        size: how many there are.
    """

    ref: RepoRef
    path: str
    digest: Digest
    size: int

    @property
    def name(self) -> str:
        """The file, for people."""
        return f"{self.ref}/{self.path}"


class Destination(Protocol):
    """What a download needs of the place that it fills."""

    def pinned(self, ref: RepoRef, path: str) -> str | None:
        """The file at the commit ``ref.revision``, if that can be told without a request."""

    def last_known(self, ref: RepoRef, path: str) -> str | None:
        """The file to use when the Hub cannot be asked."""

    def find(self, wanted: Wanted) -> str | None:
        """The file, if it is there with the wanted content."""

    def take_over(self, wanted: Wanted) -> str | None:
        """The file, if its content is at hand and need not be fetched."""

    def partial(self, wanted: Wanted) -> str:
        """Where its bytes lie until they are whole; the names beside it, with a suffix, too."""

    def adopt(self, partial: str, wanted: Wanted) -> str:
        """Move a whole, verified file into its place."""

    def location(self, ref: RepoRef, path: str) -> str:
        """Where the file is to be found, once it is there."""

    def make_room(self, size: int) -> None:
        """Prepare for ``size`` bytes."""

    def on_full_disk(self, size: int) -> None:
        """Make room on a full disk, or raise."""

    def lease(self, digests: Sequence[Digest]) -> AbstractContextManager[None]:
        """Keep these contents from eviction while they are used."""


class CacheFolder:
    """The cache as a destination."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pinned(self, ref: RepoRef, path: str) -> str | None:
        """The file as it is at the commit ``ref.revision``."""
        return self._store.find(ref, path)

    def last_known(self, ref: RepoRef, path: str) -> str | None:
        """The file at the commit that ``ref.revision`` last stood for."""
        commit = self._store.resolve_ref(ref)
        return None if commit is None else self._store.find(ref.at(commit), path)

    def find(self, wanted: Wanted) -> str | None:
        """The file, unless it was cut short by a power loss or by someone's hand."""
        path = self._store.find(wanted.ref, wanted.path)
        return path if path is not None and os.stat(path).st_size == wanted.size else None

    def take_over(self, wanted: Wanted) -> str | None:
        """The file, if its content is in the cache under any name."""
        return self._store.link(wanted.ref, wanted.path, wanted.digest, wanted.size)

    def partial(self, wanted: Wanted) -> str:
        """Where its bytes lie until they are whole."""
        return self._store.cache.partial(wanted.ref, wanted.digest)

    def adopt(self, partial: str, wanted: Wanted) -> str:
        """Move a whole, verified file into its place."""
        return self._store.adopt(partial, wanted.ref, wanted.path, wanted.digest, wanted.size)

    def location(self, ref: RepoRef, path: str) -> str:
        """Where the file is to be found, once it is there."""
        return self._store.cache.pointer(ref, path)

    def make_room(self, size: int) -> None:
        """Evict until ``size`` bytes fit under the cap."""
        self._store.make_room(size)

    def on_full_disk(self, size: int) -> None:
        """Evict ``size`` bytes, or raise `CacheFullError`."""
        self._store.on_full_disk(size)

    def lease(self, digests: Sequence[Digest]) -> AbstractContextManager[None]:
        """Keep these contents from eviction while they are used."""
        return self._store.lease(digests)
