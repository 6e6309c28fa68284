"""What a scan of the cache finds: the objects and field names of ``huggingface_hub``."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.cache.delete import DeleteCacheStrategy, plan_files, plan_revisions
from hfhub.cache.size import format_size

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hfhub.errors import CorruptedCacheException

__all__ = [
    "CachedFileInfo",
    "CachedIncompleteFileInfo",
    "CachedRepoInfo",
    "CachedRevisionInfo",
    "HFCacheInfo",
]

_UNITS = (
    ("second", 1, 59),
    ("minute", 60, 59),
    ("hour", 3600, 23),
    ("day", 86_400, 6),
    ("week", 7 * 86_400, 6),
    ("month", 30 * 86_400, 11),
    ("year", 365 * 86_400, None),
)


@dataclass(frozen=True)
class CachedFileInfo:
    """A file of a cached revision.

    Attributes:
        file_name: its name, without folders.
        file_path: its entry in the snapshot.
        blob_path: the blob that the entry shows; the blob may lead on into the shared store.
        size_on_disk: bytes.
        blob_last_accessed: in seconds since the epoch, as far as the file system keeps it.
        blob_last_modified: in seconds since the epoch.
    """

    file_name: str
    file_path: Path
    blob_path: Path
    size_on_disk: int
    blob_last_accessed: float
    blob_last_modified: float

    @property
    def blob_last_accessed_str(self) -> str:
        """``blob_last_accessed`` for people: "2 weeks ago"."""
        return _since(self.blob_last_accessed)

    @property
    def blob_last_modified_str(self) -> str:
        """``blob_last_modified`` for people."""
        return _since(self.blob_last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """``size_on_disk`` for people: "42.2K"."""
        return format_size(self.size_on_disk)


@dataclass(frozen=True)
class CachedRevisionInfo:
    """A cached revision of a repository: one folder below ``snapshots``.

    Attributes:
        commit_hash: the folder's name.
        snapshot_path: the folder.
        size_on_disk: bytes of its blobs, each once; other revisions may share them.
        files: what is cached of it.
        refs: the branches and tags that are at this commit; none if it is detached.
        last_modified: of the blob that was written last, in seconds since the epoch.
    """

    commit_hash: str
    snapshot_path: Path
    size_on_disk: int
    files: frozenset[CachedFileInfo]
    refs: frozenset[str]
    last_modified: float

    @property
    def last_modified_str(self) -> str:
        """``last_modified`` for people."""
        return _since(self.last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """``size_on_disk`` for people."""
        return format_size(self.size_on_disk)

    @property
    def nb_files(self) -> int:
        """How many files are cached of it."""
        return len(self.files)


@dataclass(frozen=True)
class CachedRepoInfo:
    """A cached repository.

    Attributes:
        repo_id: ``owner/name``.
        repo_type: "model", "dataset", "space" or "kernel".
        repo_path: its folder.
        size_on_disk: bytes of its blobs, each once.
        nb_files: how many blobs.
        revisions: what is cached of it.
        last_accessed: of the blob that was read last, in seconds since the epoch.
        last_modified: of the blob that was written last.
    """

    repo_id: str
    repo_type: str
    repo_path: Path
    size_on_disk: int
    nb_files: int
    revisions: frozenset[CachedRevisionInfo]
    last_accessed: float
    last_modified: float

    @property
    def last_accessed_str(self) -> str:
        """``last_accessed`` for people."""
        return _since(self.last_accessed)

    @property
    def last_modified_str(self) -> str:
        """``last_modified`` for people."""
        return _since(self.last_modified)

    @property
    def size_on_disk_str(self) -> str:
        """``size_on_disk`` for people."""
        return format_size(self.size_on_disk)

    @property
    def cache_id(self) -> str:
        """``type/owner/name``."""
        return f"{self.repo_type}/{self.repo_id}"

    @property
    def refs(self) -> dict[str, CachedRevisionInfo]:
        """The revision that each branch and tag is at."""
        return {ref: revision for revision in self.revisions for ref in revision.refs}


@dataclass(frozen=True)
class CachedIncompleteFileInfo:
    """An unfinished download, of either client.

    Attributes:
        file_path: where it lies.
        size_on_disk: bytes.
    """

    file_path: Path
    size_on_disk: int


@dataclass(frozen=True)
class HFCacheInfo:
    """The whole cache, as :func:`hfhub.scan_cache_dir` found it.

    Attributes:
        size_on_disk: bytes of all blobs; those that repositories share count once.
        repos: the cached repositories.
        incomplete_files: unfinished downloads.
        warnings: what could not be made sense of, and is not in ``repos``.
        cache_dir: the folder that was scanned.
    """

    size_on_disk: int
    repos: frozenset[CachedRepoInfo]
    incomplete_files: frozenset[CachedIncompleteFileInfo]
    warnings: list[CorruptedCacheException]
    cache_dir: Path | None = None

    @property
    def size_on_disk_str(self) -> str:
        """``size_on_disk`` for people."""
        return format_size(self.size_on_disk)

    @property
    def incomplete_size_on_disk(self) -> int:
        """Bytes of the unfinished downloads."""
        return sum(file.size_on_disk for file in self.incomplete_files)

    def delete_revisions(self, *revisions: str) -> DeleteCacheStrategy:
        """What it means to delete these commits; nothing is deleted before ``execute()``.

        Blobs that other revisions show are kept; a repository without a revision left goes as a
        whole. Commits that are not cached are warned about.

        Args:
            revisions: full commit hashes, of any repositories.
        """
        strategy, unknown = plan_revisions(self, frozenset(revisions))
        if unknown:
            names = ", ".join(sorted(unknown))
            logging.getLogger("hfhub").warning(
                "Revision(s) not found - cannot delete them: %s", names
            )
        return strategy

    def delete_files(self, *files: CachedFileInfo) -> DeleteCacheStrategy:
        """What it means to delete single files; nothing is deleted before ``execute()``.

        Refs and the folders of snapshots stay.
        """
        return plan_files(self, frozenset(files))

    def export_as_table(self, *, verbosity: int = 0) -> str:
        """A table for people: a row a repository, or with ``verbosity=1`` a row a revision."""
        if verbosity == 0:
            return _table(_REPO_HEAD, [_repo_row(repo) for repo in _sorted_repos(self)])
        rows = [
            _revision_row(repo, revision)
            for repo in _sorted_repos(self)
            for revision in sorted(repo.revisions, key=lambda revision: revision.commit_hash)
        ]
        return _table(_REVISION_HEAD, rows)


_REPO_HEAD = (
    "REPO ID",
    "REPO TYPE",
    "SIZE ON DISK",
    "NB FILES",
    "LAST_ACCESSED",
    "LAST_MODIFIED",
    "REFS",
    "LOCAL PATH",
)
_REVISION_HEAD = (
    "REPO ID",
    "REPO TYPE",
    "REVISION",
    "SIZE ON DISK",
    "NB FILES",
    "LAST_MODIFIED",
    "REFS",
    "LOCAL PATH",
)


def _sorted_repos(info: HFCacheInfo) -> list[CachedRepoInfo]:
    return sorted(info.repos, key=lambda repo: repo.repo_path)


def _repo_row(repo: CachedRepoInfo) -> Sequence[str]:
    return (
        repo.repo_id,
        repo.repo_type,
        f"{repo.size_on_disk_str:>12}",
        str(repo.nb_files),
        repo.last_accessed_str,
        repo.last_modified_str,
        ", ".join(sorted(repo.refs)),
        str(repo.repo_path),
    )


def _revision_row(repo: CachedRepoInfo, revision: CachedRevisionInfo) -> Sequence[str]:
    return (
        repo.repo_id,
        repo.repo_type,
        revision.commit_hash,
        f"{revision.size_on_disk_str:>12}",
        str(revision.nb_files),
        revision.last_modified_str,
        ", ".join(sorted(revision.refs)),
        str(revision.snapshot_path),
    )


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as their widest cell; numbers stand as they were padded."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    lines = [head, ["-" * width for width in widths], *rows]
    return "\n".join(
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))
        for line in lines
    )


def _since(when: float) -> str:
    """How long ago ``when`` was."""
    passed = time.time() - when
    if passed < 20:
        return "a few seconds ago"
    for unit, seconds, most in _UNITS:
        count = round(passed / seconds)
        if most is None or count <= most:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    raise AssertionError("unreachable")
