"""Looking after a cache: pins, what takes the room, trimming, sweeping."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache import evict, scan, shared
from hfhub.cache.inspect import scan_cache_dir
from hfhub.cache.pins import Pins
from hfhub.cache.size import parse_limit
from hfhub.cache.store import store_for
from hfhub.errors import CacheNotFound
from hfhub.repo import RepoRef
from hfhub.settings import current

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hfhub.cache.report import HFCacheInfo
    from hfhub.cache.store import Store

__all__ = [
    "CacheUsage",
    "Pin",
    "PruneReport",
    "cache_usage",
    "list_pins",
    "pin",
    "prune_cache",
    "trim_cache",
    "unpin",
]

# What is younger may be in the hands of a running download.
_ABANDONED_AFTER = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Pin:
    """What is never evicted.

    Attributes:
        repo_type: "model", "dataset" or "space".
        repo_id: ``owner/name``.
        revision: a branch, tag or commit; None for all of them.
    """

    repo_type: str
    repo_id: str
    revision: str | None


@dataclass(frozen=True, slots=True)
class CacheUsage:
    """What takes the room in a cache, in bytes; what is shared counts once.

    Attributes:
        total: everything below.
        ours: brought in by hfhub, so it may be evicted.
        others: brought in by other clients.
        derived: made from blobs: extractions, memory maps.
        partial: unfinished downloads.
        evictable: what of it could go right now: not pinned, leased or shared.
        limit: the hard cap, if there is one.
        disk_free: free on the disk.
    """

    total: int
    ours: int
    others: int
    derived: int
    partial: int
    evictable: int
    limit: int | None
    disk_free: int


@dataclass(frozen=True, slots=True)
class PruneReport:
    """What :func:`prune_cache` removed, or would remove.

    Attributes:
        revisions: commits that no branch or tag is at.
        incomplete: unfinished downloads.
        orphans: blobs that no revision shows, payloads of the shared store included.
        dangling: entries of snapshots that lead nowhere.
        freed: bytes.
    """

    revisions: tuple[str, ...]
    incomplete: tuple[str, ...]
    orphans: tuple[str, ...]
    dangling: tuple[str, ...]
    freed: int


def pin(
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    cache_dir: str | Path | None = None,
) -> Pin:
    """Keep a repository from eviction; it need not be cached yet.

    Args:
        repo_id: ``owner/name``.
        repo_type: its type; None means a model.
        revision: a branch (as the cache knows it), tag or commit; None means every revision.
        cache_dir: the cache; by default that of the settings.

    Raises:
        HFValidationError: if an argument is malformed.
        OSError: if the cache cannot be written.
    """
    ref = RepoRef.parse(repo_id, repo_type, revision)
    Pins(_store(cache_dir).cache).add(ref, whole=revision is None)
    return Pin(ref.kind, ref.id, revision)


def unpin(
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    cache_dir: str | Path | None = None,
) -> bool:
    """Take a pin off again; the arguments are those of :func:`pin`.

    Returns:
        Whether there was such a pin.

    Raises:
        HFValidationError: if an argument is malformed.
        OSError: if the cache cannot be written.
    """
    ref = RepoRef.parse(repo_id, repo_type, revision)
    return Pins(_store(cache_dir).cache).remove(ref, whole=revision is None)


def list_pins(cache_dir: str | Path | None = None) -> list[Pin]:
    """All pins of a cache."""
    return [
        Pin(ref.kind, ref.id, None if whole else ref.revision)
        for ref, whole in Pins(_store(cache_dir).cache).all()
    ]


def cache_usage(cache_dir: str | Path | None = None) -> CacheUsage:
    """What takes the room in a cache.

    Args:
        cache_dir: the cache; by default that of the settings.

    Raises:
        CacheNotFound: if there is no such folder.
    """
    store = _store(cache_dir)
    root = store.cache.root
    if not os.path.isdir(root):
        raise CacheNotFound(f"Cache directory not found: {root}", root)
    store.index.refresh()
    usage = store.index.usage()
    partial = sum(_size(path) for path in _files(store.cache.all_partials))
    limit = store.settings.cache_max_size
    return CacheUsage(
        total=sum(usage.values()) + partial,
        ours=usage["ours"],
        others=usage["others"],
        derived=usage["derived"],
        partial=partial,
        evictable=store.index.evictable(Pins(store.cache).spares),
        limit=None if limit is None else parse_limit(limit, root),
        disk_free=shutil.disk_usage(root).free,
    )


def trim_cache(
    limit: int | str, *, others: bool = False, cache_dir: str | Path | None = None
) -> int:
    """Evict, least recently used first, until the cache is no larger than ``limit``.

    Args:
        limit: bytes, or text like ``"50GB"`` or ``"80%"`` of the disk.
        others: whether blobs may go that other clients brought in; never those that are shared.
        cache_dir: the cache; by default that of the settings.

    Returns:
        The bytes that went; what is pinned or leased stays, so it may be fewer than wished for.

    Raises:
        ValueError: if ``limit`` is not a size.
    """
    store = _store(cache_dir)
    most = limit if isinstance(limit, int) else parse_limit(limit, store.cache.root)
    store.index.refresh()
    evict.empty_trash(store.cache)
    return evict.evict(store.index, lambda staying: staying - most, others=others)


def prune_cache(*, dry_run: bool = False, cache_dir: str | Path | None = None) -> PruneReport:
    """Remove what nobody will ask for: detached revisions, unfinished downloads, leftovers.

    Pinned revisions stay, and unfinished downloads and blobs that are younger than a day.

    Args:
        dry_run: only say what would be removed.
        cache_dir: the cache; by default that of the settings.

    Raises:
        CacheNotFound: if there is no such folder.
    """
    store = _store(cache_dir)
    info = scan_cache_dir(store.cache.root)
    pinned = set(_pinned_commits(store))
    detached = sorted(
        revision.commit_hash
        for repo in info.repos
        for revision in repo.revisions
        if not revision.refs
        and (repo.repo_path.name, revision.commit_hash) not in pinned
        and (repo.repo_path.name, None) not in pinned
    )
    strategy = info.delete_revisions(*detached)
    incomplete = [
        os.fspath(file.file_path) for file in info.incomplete_files if _is_old(file.file_path)
    ]
    orphans = [*_orphans(info), *shared.unused(store.cache.root)]
    dangling = list(_dangling(store.cache.root))
    freed = strategy.expected_freed_size + sum(map(_size, (*incomplete, *orphans)))
    if not dry_run:
        strategy.execute()
        for path in (*incomplete, *dangling):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(path)
        for path in orphans:
            if path.startswith(store.cache.shared_store + "/"):
                shared.sweep(store.cache.root, path)
            else:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
        evict.empty_trash(store.cache)
    return PruneReport(tuple(detached), tuple(incomplete), tuple(orphans), tuple(dangling), freed)


def _store(cache_dir: str | Path | None) -> Store:
    return store_for(current().override(cache_dir=cache_dir))


def _pinned_commits(store: Store) -> Iterator[tuple[str, str | None]]:
    for ref, whole in Pins(store.cache).all():
        yield ref.folder, None if whole else store.resolve_ref(ref)


def _orphans(info: HFCacheInfo) -> Iterator[str]:
    """Blobs of sound repositories that no revision shows; in the others nobody can tell."""
    for repo in info.repos:
        shown = {
            os.fspath(file.blob_path) for revision in repo.revisions for file in revision.files
        }
        for path in _files(f"{repo.repo_path}/blobs"):
            if path not in shown and not path.endswith(".incomplete") and _is_old(path):
                yield path


def _dangling(root: str) -> Iterator[str]:
    for repo in scan.repositories(root):
        for path in _files(f"{root}/{repo}/snapshots"):
            if os.path.islink(path) and not os.path.exists(path):
                yield path


def _files(folder: str) -> Iterator[str]:
    for place, _, names in os.walk(folder):
        for name in sorted(names):
            yield f"{place}/{name}"


def _is_old(path: str | Path) -> bool:
    try:
        return time.time() - os.lstat(path).st_mtime > _ABANDONED_AFTER
    except OSError:
        return False


def _size(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0
