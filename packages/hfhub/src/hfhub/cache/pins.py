"""Pins: what is never evicted. One small file a pin, so that they outlive the index."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from typing import TYPE_CHECKING

from hfhub.cache import place
from hfhub.errors import HFValidationError
from hfhub.repo import RepoRef

if TYPE_CHECKING:
    from hfhub.cache.choice import Place
    from hfhub.cache.layout import Cache

__all__ = ["Pins"]


class Pins:
    """The pins of one cache.

    A pin is on a repository as a whole, or on one revision; a pinned branch is whatever commit the
    cache knows it to be.

    Args:
        cache: where they lie.
    """

    def __init__(self, cache: Cache) -> None:
        self.cache = cache
        self._kept: dict[str, set[str] | None] | None = None

    def add(self, ref: RepoRef, *, whole: bool) -> None:
        """Pin ``ref``; with ``whole``, every revision of it.

        Raises:
            OSError: if the cache cannot be written.
        """
        revision = None if whole else ref.revision
        data = json.dumps({"type": ref.kind, "id": ref.id, "revision": revision}).encode()
        place.write_whole(self._file(ref, whole=whole), data, self.cache.tmp)

    def remove(self, ref: RepoRef, *, whole: bool) -> bool:
        """Take the pin off; whether there was one.

        Raises:
            OSError: if the cache cannot be written.
        """
        try:
            os.unlink(self._file(ref, whole=whole))
        except FileNotFoundError:
            return False
        return True

    def all(self) -> list[tuple[RepoRef, bool]]:
        """Every pin: the repository, and whether the whole of it is meant."""
        found = []
        with contextlib.suppress(OSError):
            for name in sorted(os.listdir(self.cache.pins)):
                # What nobody of ours has written pins nothing.
                with contextlib.suppress(OSError, ValueError, LookupError, TypeError):
                    with open(f"{self.cache.pins}/{name}", "rb") as file:
                        pin = json.load(file)
                    with contextlib.suppress(HFValidationError):
                        ref = RepoRef.parse(pin["id"], pin["type"], pin["revision"])
                        found.append((ref, pin["revision"] is None))
        return found

    def spares(self, candidate: Place) -> bool:
        """Whether a pin keeps that place; what is pinned is looked up once."""
        if self._kept is None:
            self._kept = self._look()
        if candidate.repo not in self._kept:
            return False
        kept = self._kept[candidate.repo]
        return kept is None or candidate.path in kept

    def _look(self) -> dict[str, set[str] | None]:
        """For each pinned repository the places to keep; None for all of them."""
        kept: dict[str, set[str] | None] = {}
        for ref, whole in self.all():
            if whole:
                kept[ref.folder] = None
                continue
            places = kept.setdefault(ref.folder, set())
            if places is not None and (commit := _commit(self.cache, ref)):
                places |= _places(self.cache, ref.at(commit))
        return kept

    def _file(self, ref: RepoRef, *, whole: bool) -> str:
        text = "" if whole else ref.revision
        name = hashlib.sha256(text.encode()).hexdigest()[:16]
        return f"{self.cache.pins}/{os.path.basename(self.cache.repo_dir(ref))}@{name}"


def _commit(cache: Cache, ref: RepoRef) -> str | None:
    if ref.is_pinned:
        return ref.revision
    try:
        with open(cache.ref_file(ref), encoding="ascii") as file:
            return file.read(64).strip()
    except (OSError, UnicodeDecodeError):
        return None


def _places(cache: Cache, ref: RepoRef) -> set[str]:
    """The blobs (and files) that a snapshot shows, relative to the root."""
    found = set()
    for folder, _, names in os.walk(cache.snapshot(ref)):
        for name in names:
            path = f"{folder}/{name}"
            with contextlib.suppress(OSError):
                found.add(os.path.relpath(path, cache.root))
                found.add(os.path.relpath(place.led_to(path), cache.root))
    return found
