"""Whether cached bytes are what their name promises, and what to do if not."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache import scan
from hfhub.cache.content import compute, matches
from hfhub.cache.store import store_for
from hfhub.digest import Digest
from hfhub.repo import RepoRef, is_commit
from hfhub.settings import current

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hfhub.cache.layout import Cache
    from hfhub.cache.store import Store

__all__ = ["Damage", "VerifyReport", "verify_cache"]

_KINDS = {"models": "model", "datasets": "dataset", "spaces": "space"}


@dataclass(frozen=True, slots=True)
class Damage:
    """A cached file whose bytes are not those that the Hub promised, or are not there.

    Attributes:
        ref: the repository at the commit.
        path: the file's path in it.
        entry: where it is cached.
        expected: the digest.
        found: "missing", or what the bytes come to.
    """

    ref: RepoRef
    path: str
    entry: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.ref}/{self.path}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What :func:`verify_cache` found.

    Attributes:
        files: how many cached files were looked at.
        blobs: how many contents were read, each once.
        bytes: how many bytes those have.
        damages: what is wrong.
        unknown: entries that tell no digest, and no listing does; nothing can be said of them.
        repaired: the damages that were repaired.
    """

    files: int
    blobs: int
    bytes: int
    damages: tuple[Damage, ...]
    unknown: tuple[str, ...]
    repaired: tuple[Damage, ...]

    @property
    def is_clean(self) -> bool:
        """Whether everything is, or is again, as promised."""
        return len(self.repaired) == len(self.damages)


def verify_cache(
    repo_id: str | None = None,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    cache_dir: str | Path | None = None,
    repair: Callable[[Damage], object] | None = None,
) -> VerifyReport:
    """Read what is cached and compare it with the digests; no request is made.

    Args:
        repo_id: one repository; None means all.
        repo_type: its type; None means a model.
        revision: a branch, tag or commit of it; None means all that are cached.
        cache_dir: the cache; by default that of the settings.
        repair: called for each damaged file, whose entry and blob have been removed by then, to
            fetch it anew: ``lambda damage: hf_hub_download(...)``. None repairs nothing.

    Raises:
        HFValidationError: if an argument is malformed.
    """
    store = store_for(current().override(cache_dir=cache_dir))
    known: dict[tuple[int, int, str], bool] = {}
    damages: list[Damage] = []
    unknown: list[str] = []
    files = size = 0
    for ref in _revisions(store, repo_id, repo_type, revision):
        listed = {file.path: file.digest for file in store.read_tree(ref) or ()}
        for path, entry in _entries(store.cache.snapshot(ref)):
            files += 1
            digest = _promised(entry, listed.get(path))
            try:
                found = os.stat(entry)
            except OSError:
                name = str(digest or "a blob")
                damages.append(Damage(ref, path, entry, name, "missing"))
                continue
            if digest is None:
                unknown.append(entry)
                continue
            # Blobs that revisions and repositories share are read once.
            key = (found.st_dev, found.st_ino, digest.hex)
            if key not in known:
                size += found.st_size
                known[key] = matches(entry, digest)
            if not known[key]:
                actual = str(Digest(digest.kind, compute(entry, digest)))
                damages.append(Damage(ref, path, entry, str(digest), actual))
    repaired: list[Damage] = []
    if repair is not None:
        # All of them first: what is damaged in one repository would be linked into another.
        for damage in damages:
            _remove(store.cache, damage)
        repaired = [damage for damage in damages if _repair(damage, repair)]
    return VerifyReport(files, len(known), size, tuple(damages), tuple(unknown), tuple(repaired))


def _revisions(
    store: Store, repo_id: str | None, repo_type: str | None, revision: str | None
) -> Iterator[RepoRef]:
    """The cached commits that are meant."""
    if repo_id is None:
        for name in scan.repositories(store.cache.root):
            prefix, _, rest = name.partition("--")
            if prefix in _KINDS:
                yield from _commits(store, RepoRef.parse(rest.replace("--", "/"), _KINDS[prefix]))
        return
    ref = RepoRef.parse(repo_id, repo_type, revision)
    if revision is None:
        yield from _commits(store, ref)
    elif commit := store.resolve_ref(ref):
        yield ref.at(commit)


def _commits(store: Store, ref: RepoRef) -> Iterator[RepoRef]:
    with contextlib.suppress(OSError):
        for name in sorted(os.listdir(store.cache.snapshots(ref))):
            if is_commit(name):
                yield ref.at(name)


def _entries(folder: str) -> Iterator[tuple[str, str]]:
    """The files of a snapshot: paths in the repository, and where they lie."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            entry = f"{place}/{name}"
            yield os.path.relpath(entry, folder).replace(os.sep, "/"), entry


def _promised(entry: str, listed: Digest | None) -> Digest | None:
    """What the entry's bytes should come to: its blob's name says so, else the listing."""
    with contextlib.suppress(OSError):
        if named := Digest.from_hex(os.path.basename(os.readlink(entry))):
            return named
    return listed


def _remove(cache: Cache, damage: Damage) -> None:
    """Remove the damaged entry and its blob."""
    digest = damage.expected.rpartition(":")[2]
    with contextlib.suppress(FileNotFoundError):
        os.unlink(damage.entry)
    if Digest.from_hex(digest):
        # A link into the official client's store goes, the payload stays: it is not ours.
        with contextlib.suppress(FileNotFoundError):
            os.unlink(cache.blob(damage.ref, digest))


def _repair(damage: Damage, repair: Callable[[Damage], object]) -> bool:
    """Have it fetched; whether that made it whole."""
    repair(damage)
    found = Digest.from_hex(damage.expected.rpartition(":")[2])
    return os.path.exists(damage.entry) and (found is None or matches(damage.entry, found))
