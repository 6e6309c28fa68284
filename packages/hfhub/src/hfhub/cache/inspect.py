"""Looking through a whole cache, whoever wrote it."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from hfhub.cache import scan, shared
from hfhub.cache.place import led_to
from hfhub.cache.report import (
    CachedFileInfo,
    CachedIncompleteFileInfo,
    CachedRepoInfo,
    CachedRevisionInfo,
    HFCacheInfo,
)
from hfhub.errors import CacheNotFound, CorruptedCacheException
from hfhub.settings import current

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["scan_cache_dir"]

_TYPES = {"models": "model", "datasets": "dataset", "spaces": "space", "kernels": "kernel"}
# What file managers leave, and what the clients keep beside the repositories.
_LITTER = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
_BESIDE = frozenset({".locks", ".hfhub", "CACHEDIR.TAG"}) | _LITTER


def scan_cache_dir(cache_dir: str | Path | None = None) -> HFCacheInfo:
    """Everything that is cached: repositories, revisions, files, sizes.

    Args:
        cache_dir: the cache; by default that of the settings.

    Returns:
        The report. A repository that cannot be made sense of is left out, with a warning in it.

    Raises:
        CacheNotFound: if there is no such folder.
        ValueError: if it is a file.
    """
    root = Path(cache_dir).expanduser() if cache_dir is not None else current().cache_dir
    root = root.resolve()
    if not root.exists():
        raise CacheNotFound(
            f"Cache directory not found: {root}. Pass `cache_dir` or set HF_HUB_CACHE.", root
        )
    if root.is_file():
        raise ValueError(f"A cache is a folder, and this is a file: {root}")
    repos: set[CachedRepoInfo] = set()
    warnings: list[CorruptedCacheException] = []
    # By what lies on the disk: content that repositories share, by store or hard link, counts once.
    sizes = {found.inode: found.size for found in scan.store(os.fspath(root))}
    for path in sorted(root.iterdir()):
        if path.name in _BESIDE:
            continue
        if path.name == "blobs" and shared.is_store(os.fspath(root)):
            continue
        try:
            repos.add(_scan_repo(path, sizes))
        except CorruptedCacheException as error:
            warnings.append(error)
    return HFCacheInfo(
        size_on_disk=sum(sizes.values()),
        repos=frozenset(repos),
        incomplete_files=frozenset(_incomplete(root)),
        warnings=warnings,
        cache_dir=root,
    )


def _scan_repo(path: Path, sizes: dict[str, int]) -> CachedRepoInfo:
    """One repository; what its blobs weigh is noted in ``sizes``.

    Raises:
        CorruptedCacheException: saying what is wrong with it.
    """
    if not path.is_dir():
        raise CorruptedCacheException(f"Repo path is not a directory: {path}")
    prefix, mark, rest = path.name.partition("--")
    if not mark:
        raise CorruptedCacheException(
            f"Repo path is not a valid HuggingFace cache directory: {path}"
        )
    if prefix not in _TYPES:
        raise CorruptedCacheException(
            f"Repo type must be one of {sorted(_TYPES)}, found `{prefix}` ({path})."
        )
    snapshots = path / "snapshots"
    if not snapshots.is_dir():
        raise CorruptedCacheException(f"Snapshots dir doesn't exist in cached repo: {snapshots}")
    refs = _scan_refs(path / "refs")
    blobs: dict[str, os.stat_result] = {}
    revisions = set()
    for entry in sorted(snapshots.iterdir()):
        if entry.name in _LITTER:
            continue
        if entry.is_file():
            raise CorruptedCacheException(f"Snapshots folder corrupted. Found a file: {entry}")
        revisions.add(_scan_revision(entry, frozenset(refs.pop(entry.name, ())), blobs))
    if refs:
        raise CorruptedCacheException(
            f"Reference(s) refer to missing commit hashes: {refs} ({path})."
        )
    sizes.update((f"{found.st_dev}:{found.st_ino}", found.st_size) for found in blobs.values())
    times = list(blobs.values()) or [path.stat()]
    return CachedRepoInfo(
        repo_id=rest.replace("--", "/"),
        repo_type=_TYPES[prefix],
        repo_path=path,
        size_on_disk=sum(found.st_size for found in blobs.values()),
        nb_files=len(blobs),
        revisions=frozenset(revisions),
        last_accessed=max(found.st_atime for found in times),
        last_modified=max(found.st_mtime for found in times),
    )


def _scan_refs(folder: Path) -> dict[str, set[str]]:
    """The names that stand for each commit."""
    if folder.is_file():
        raise CorruptedCacheException(f"Refs directory cannot be a file: {folder}")
    refs: dict[str, set[str]] = {}
    for path in folder.rglob("*"):
        # What a killed writer left beside a ref is not one.
        if path.is_dir() or path.name in _LITTER or path.name.endswith(".tmp"):
            continue
        commit = path.read_text(encoding="utf-8", errors="replace")
        refs.setdefault(commit, set()).add(path.relative_to(folder).as_posix())
    return refs


def _scan_revision(
    folder: Path, refs: frozenset[str], blobs: dict[str, os.stat_result]
) -> CachedRevisionInfo:
    """One snapshot; what its entries show is noted in ``blobs``."""
    files = set()
    for entry in _entries(os.fspath(folder)):
        try:
            blob = led_to(entry)
        except OSError:
            blob = entry
        if blob not in blobs:
            try:
                blobs[blob] = os.stat(blob)
            except OSError:
                raise CorruptedCacheException(f"Blob missing (broken symlink): {blob}") from None
        found = blobs[blob]
        files.add(
            CachedFileInfo(
                file_name=os.path.basename(entry),
                file_path=Path(entry),
                blob_path=Path(blob),
                size_on_disk=found.st_size,
                blob_last_accessed=found.st_atime,
                blob_last_modified=found.st_mtime,
            )
        )
    shown = {os.fspath(file.blob_path) for file in files}
    times = [blobs[blob].st_mtime for blob in shown] or [folder.stat().st_mtime]
    return CachedRevisionInfo(
        commit_hash=folder.name,
        snapshot_path=folder,
        size_on_disk=sum(blobs[blob].st_size for blob in shown),
        files=frozenset(files),
        refs=refs,
        last_modified=max(times),
    )


def _entries(folder: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _entries(entry.path)
            else:
                yield entry.path


def _incomplete(root: Path) -> Iterator[CachedIncompleteFileInfo]:
    """Unfinished downloads: the official client's beside the blobs, ours in our own folder."""
    theirs = root.glob("*/blobs/*.incomplete")
    ours = root.glob(".hfhub/partial/*/*")
    for path in (*theirs, *ours):
        try:
            found = path.stat()
        except OSError:
            continue
        if stat.S_ISREG(found.st_mode):
            yield CachedIncompleteFileInfo(file_path=path, size_on_disk=found.st_size)
