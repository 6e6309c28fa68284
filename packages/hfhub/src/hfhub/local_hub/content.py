"""Files of a repository, and where their bytes are."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hfhub.local_hub import git
from hfhub.local_hub.body import FileSpan

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfhub.local_hub.body import Body

LFS_THRESHOLD = 10 * 1024 * 1024
_LFS_SUFFIXES = (
    "7z arrow avif bin bz2 ckpt flac gguf gz h5 jpeg jpg lz4 mp3 mp4 model msgpack npy npz ogg "
    "onnx parquet pickle pkl png pt pth rar safetensors tar tgz wav webp xz zip zst"
)
LFS_PATTERNS = tuple(f"*.{suffix}" for suffix in _LFS_SUFFIXES.split())


class Content(Protocol):
    """Bytes that can be had when they are asked for."""

    def body(self, start: int, end: int) -> Body:
        """The bytes from ``start`` to before ``end``, as something that goes over a wire.

        Raises:
            ContentGone: if they are no longer what was promised.
        """


class ContentGone(LookupError):
    """A file changed or went away since its commit was made."""


@dataclass(frozen=True, slots=True)
class MemoryContent:
    """Bytes in memory."""

    data: bytes

    def body(self, start: int, end: int) -> memoryview:
        """The bytes from ``start`` to before ``end``."""
        return memoryview(self.data)[start:end]


@dataclass(frozen=True, slots=True)
class FileContent:
    """A file on disk as it was when it was hashed."""

    path: Path
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, path: Path) -> FileContent:
        """The file at ``path`` as it is now."""
        stat = path.stat()
        return cls(path, stat.st_size, stat.st_mtime_ns)

    def body(self, start: int, end: int) -> FileSpan:
        """The bytes from ``start`` to before ``end``, if the file is still the one it was."""
        try:
            stat = self.path.stat()
        except OSError as error:
            raise ContentGone(f"{self.path} went away: {error}") from error
        if (stat.st_size, stat.st_mtime_ns) != (self.size, self.mtime_ns):
            raise ContentGone(f"{self.path} changed since its commit was made")
        return FileSpan(self.path, start, end - start)


@dataclass(frozen=True)
class Entry:
    """A file in a commit.

    Attributes:
        path: its place in the repository.
        size: in bytes.
        blob_id: git's sha1 of what git holds: the bytes, or the LFS pointer.
        sha256: of the bytes, for an LFS file; None for a regular one.
        content: the bytes.
    """

    path: str
    size: int
    blob_id: str
    sha256: str | None
    content: Content

    @property
    def etag(self) -> str:
        """What the Hub calls its bytes: sha256 for LFS, git's sha1 for the rest."""
        return self.sha256 or self.blob_id

    @property
    def pointer_size(self) -> int:
        """How long the pointer is that git holds for an LFS file; 0 for a regular one."""
        return len(git.lfs_pointer(self.sha256, self.size)) if self.sha256 else 0

    @cached_property
    def row(self) -> dict[str, object]:
        """How a tree listing shows it."""
        row: dict[str, object] = {
            "type": "file",
            "oid": self.blob_id,
            "size": self.size,
            "path": self.path,
        }
        if self.sha256 is not None:
            row["lfs"] = {
                "oid": self.sha256,
                "size": self.size,
                "pointerSize": self.pointer_size,
            }
        return row


@dataclass(frozen=True, slots=True)
class LfsRule:
    """Which files LFS keeps: those that match a pattern, or are larger than ``threshold`` bytes."""

    patterns: Sequence[str] = LFS_PATTERNS
    threshold: int = LFS_THRESHOLD

    def covers(self, path: str, size: int) -> bool:
        """Whether a file is kept by LFS; empty ones never are."""
        name = path.rpartition("/")[2]
        return size > 0 and (
            size > self.threshold
            or any(fnmatchcase(name, p) or fnmatchcase(path, p) for p in self.patterns)
        )


def entry_of(path: str, source: bytes | str | Path, rule: LfsRule) -> Entry:
    """Hash ``source`` (bytes, text as UTF-8, or a file) as the file ``path`` of a repository."""
    if isinstance(source, Path):
        content: Content = FileContent.of(source)
        size = source.stat().st_size
        chunks = _chunks(source)
    else:
        data = source.encode() if isinstance(source, str) else bytes(source)
        content = MemoryContent(data)
        size = len(data)
        chunks = iter((data,))
    if rule.covers(path, size):
        sha256 = _hex_digest(chunks, hashlib.sha256())
        return Entry(path, size, lfs_blob_id(sha256, size), sha256, content)
    running = hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)
    return Entry(path, size, _hex_digest(chunks, running), None, content)


def lfs_blob_id(sha256: str, size: int) -> str:
    """The sha1 that git gives the pointer to an LFS file."""
    return git.object_id("blob", git.lfs_pointer(sha256, size))


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            yield chunk


def _hex_digest(chunks: Iterator[bytes], running: hashlib._Hash) -> str:
    for chunk in chunks:
        running.update(chunk)
    return running.hexdigest()
