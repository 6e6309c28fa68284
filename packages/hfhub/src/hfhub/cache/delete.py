"""Deleting from the cache on request, in an order that never leaves a link to nothing."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache import shared
from hfhub.cache.size import format_size

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from hfhub.cache.report import CachedFileInfo, HFCacheInfo

__all__ = ["DeleteCacheStrategy", "plan_files", "plan_revisions"]

_log = logging.getLogger("hfhub")


@dataclass(frozen=True)
class DeleteCacheStrategy:
    """What would be deleted; made by ``HFCacheInfo.delete_revisions`` and ``delete_files``.

    Attributes:
        expected_freed_size: bytes that the disk would get back.
        blobs: blobs to delete.
        refs: refs to delete.
        repos: folders of whole repositories to delete.
        snapshots: folders of revisions to delete.
        files: entries of snapshots to delete.
        cache_dir: the cache.
    """

    expected_freed_size: int
    blobs: frozenset[Path]
    refs: frozenset[Path]
    repos: frozenset[Path]
    snapshots: frozenset[Path]
    files: frozenset[Path] = frozenset()
    cache_dir: Path | None = None

    @property
    def expected_freed_size_str(self) -> str:
        """``expected_freed_size`` for people."""
        return format_size(self.expected_freed_size)

    def execute(self) -> None:
        """Delete it all; what is gone already is only logged.

        Refs and entries go before blobs, so an interruption leaves no link to nothing. Payloads in
        the official client's store go when no repository is left that shows them.

        Raises:
            OSError: if an entry of a snapshot cannot be removed; its blob is kept then.
        """
        payloads = self._payloads()
        for path in self.files:
            path.unlink(missing_ok=True)
        for path in self.refs:
            _delete(path, "ref")
        for path in self.repos:
            # In one step: half a repository would be corrupt to either client.
            _delete(self._aside(path), "repo")
        for path in self.snapshots:
            _delete(path, "snapshot")
        for path in self.blobs:
            _delete(path, "blob")
        if self.cache_dir is not None:
            for repo in self.repos:
                _delete_ours(self.cache_dir, repo.name)
            for payload in payloads:
                shared.sweep(os.fspath(self.cache_dir), payload)

    def _aside(self, path: Path) -> Path:
        if self.cache_dir is None:
            return path
        aside = self.cache_dir / ".hfhub" / "trash" / os.urandom(8).hex()
        try:
            aside.parent.mkdir(parents=True, exist_ok=True)
            return path.rename(aside)
        except OSError:
            return path

    def _payloads(self) -> set[str]:
        """What the blobs lead to in the store; looked up while they are still there."""
        if self.cache_dir is None or not shared.is_store(os.fspath(self.cache_dir)):
            return set()
        root = os.fspath(self.cache_dir)
        blobs = {os.fspath(path) for path in self.blobs}
        for repo in self.repos:
            with contextlib.suppress(OSError):
                blobs.update(f"{repo}/blobs/{name}" for name in os.listdir(f"{repo}/blobs"))
        return {payload for blob in blobs if (payload := shared.payload_of(root, blob))}


def plan_revisions(
    info: HFCacheInfo, commits: frozenset[str]
) -> tuple[DeleteCacheStrategy, frozenset[str]]:
    """How to delete ``commits``, and those of them that are not cached."""
    blobs: set[Path] = set()
    refs: set[Path] = set()
    repos: set[Path] = set()
    snapshots: set[Path] = set()
    going: set[Path] = set()
    found: set[str] = set()
    for repo in info.repos:
        doomed = {revision for revision in repo.revisions if revision.commit_hash in commits}
        if not doomed:
            continue
        found.update(revision.commit_hash for revision in doomed)
        files = [file for revision in doomed for file in revision.files]
        if doomed == repo.revisions:
            repos.add(repo.repo_path)
            going.update(file.blob_path for file in files)
            continue
        kept = {file.blob_path for revision in repo.revisions - doomed for file in revision.files}
        for revision in doomed:
            snapshots.add(revision.snapshot_path)
            refs.update(repo.repo_path / "refs" / ref for ref in revision.refs)
        for file in files:
            # A copy in the snapshot, where links cannot be made, goes with its folder.
            if file.blob_path == file.file_path:
                going.add(file.blob_path)
            elif file.blob_path not in kept:
                blobs.add(file.blob_path)
                going.add(file.blob_path)
    strategy = DeleteCacheStrategy(
        expected_freed_size=_freed(info.cache_dir, going),
        blobs=frozenset(blobs),
        refs=frozenset(refs),
        repos=frozenset(repos),
        snapshots=frozenset(snapshots),
        cache_dir=info.cache_dir,
    )
    return strategy, commits - found


def plan_files(info: HFCacheInfo, files: frozenset[CachedFileInfo]) -> DeleteCacheStrategy:
    """How to delete single files, but no blob that another file shows."""
    kept = {
        file.blob_path
        for repo in info.repos
        for revision in repo.revisions
        for file in revision.files
        if file not in files
    }
    going = {file.blob_path for file in files if file.blob_path not in kept}
    entries = frozenset(file.file_path for file in files)
    return DeleteCacheStrategy(
        expected_freed_size=_freed(info.cache_dir, going),
        blobs=frozenset(going - entries),
        refs=frozenset(),
        repos=frozenset(),
        snapshots=frozenset(),
        files=entries,
        cache_dir=info.cache_dir,
    )


def _freed(cache_dir: Path | None, going: Iterable[Path]) -> int:
    """The bytes that really come free: not those that another hard link or repository keeps."""
    root = os.fspath(cache_dir) if cache_dir is not None else ""
    is_store = cache_dir is not None and shared.is_store(root)
    payloads: set[str] = set()
    inodes: dict[tuple[int, int], list[os.stat_result]] = {}
    for path in going:
        if is_store and (payload := shared.payload_of(root, os.fspath(path))):
            payloads.add(payload)
            continue
        with contextlib.suppress(OSError):
            found = path.lstat()
            inodes.setdefault((found.st_dev, found.st_ino), []).append(found)
    freed = sum(links[0].st_size for links in inodes.values() if links[0].st_nlink <= len(links))
    doomed = {os.fspath(path) for path in going}
    for payload in payloads:
        users = shared.users(root, payload)
        if users and users <= doomed:
            freed += os.lstat(payload).st_size
    return freed


def _delete_ours(cache_dir: Path, repo: str) -> None:
    """What hfhub keeps of a repository beside it: listings, unfinished downloads."""
    for kind in ("trees", "partial"):
        shutil.rmtree(cache_dir / ".hfhub" / kind / repo, ignore_errors=True)


def _delete(path: Path, kind: str) -> None:
    try:
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path)
    except FileNotFoundError:
        _log.warning("Couldn't delete %s: file not found (%s)", kind, path)
    except PermissionError as error:
        _log.warning("Couldn't delete %s: permission denied (%s): %s", kind, path, error)
