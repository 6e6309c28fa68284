"""Files and folders of a repository."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from hfhub.digest import Digest
from hfhub.models.record import Record, parse_datetime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_NOTHING: dict[str, Any] = {}
_FILE_KEYS = frozenset(
    {"type", "path", "size", "oid", "lfs", "xetHash", "lastCommit", "securityFileStatus"}
)
_FOLDER_KEYS = frozenset({"type", "path", "oid", "lastCommit", "size"})


class RowError(ValueError):
    """A row of a listing is not what a Hub answers."""


@dataclass(frozen=True, slots=True)
class BlobLfsInfo(Record):
    """What stands behind an LFS pointer.

    Attributes:
        size: bytes of the content.
        sha256: digest of the content.
        pointer_size: bytes of the pointer that git holds.
    """

    size: int
    sha256: str
    pointer_size: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: object) -> Self | None:
        """Read it from an answer, where the digest is ``oid`` or ``sha256``."""
        if not isinstance(data, dict):
            return None
        sha256 = data.get("oid") or data.get("sha256")
        size = data.get("size")
        if not isinstance(sha256, str) or not isinstance(size, int):
            return None
        return cls(size, sha256, data.get("pointerSize"), _NOTHING)


@dataclass(frozen=True, slots=True)
class LastCommitInfo(Record):
    """The commit that last touched a file."""

    oid: str
    title: str
    date: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: object) -> Self | None:
        """Read it from an answer."""
        if not isinstance(data, dict):
            return None
        date = parse_datetime(data.get("date"))
        return cls(str(data.get("id", "")), str(data.get("title", "")), date, _NOTHING)


@dataclass(frozen=True, slots=True)
class BlobSecurityInfo(Record):
    """What the Hub's scanners said about a file."""

    safe: bool
    status: str
    av_scan: dict[str, Any] | None = None
    pickle_import_scan: dict[str, Any] | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: object) -> Self | None:
        """Read it from an answer."""
        if not isinstance(data, dict):
            return None
        status = str(data.get("status", ""))
        return cls(
            status == "safe", status, data.get("avScan"), data.get("pickleImportScan"), _NOTHING
        )


@dataclass(frozen=True, slots=True)
class RepoFile(Record):
    """A file of a repository at a revision.

    Attributes:
        path: where, from the root of the repository.
        size: bytes of the content.
        blob_id: git's sha1 of the content, or of the pointer for an LFS file.
        lfs: what stands behind the pointer, for an LFS file.
        xet_hash: its name in Xet storage.
        last_commit: only in an expanded listing.
        security: only in an expanded listing.
    """

    path: str
    size: int
    blob_id: str
    lfs: BlobLfsInfo | None = None
    xet_hash: str | None = None
    last_commit: LastCommitInfo | None = None
    security: BlobSecurityInfo | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read a row of a listing.

        Raises:
            RowError: if it has no path, size or object id.
        """
        path, size, blob_id = data.get("path"), data.get("size"), data.get("oid")
        if not isinstance(path, str) or not isinstance(size, int) or not isinstance(blob_id, str):
            raise RowError(f"a file of the listing lacks its path, size or oid: {data!r:.200}")
        return cls(
            path,
            size,
            blob_id,
            BlobLfsInfo.from_api(data.get("lfs")),
            data.get("xetHash"),
            LastCommitInfo.from_api(data.get("lastCommit")),
            BlobSecurityInfo.from_api(data.get("securityFileStatus")),
            _left(data, _FILE_KEYS),
        )

    @property
    def digest(self) -> Digest | None:
        """What its bytes come to, or None if the Hub gave no usable digest."""
        return Digest.from_hex(self.lfs.sha256 if self.lfs else self.blob_id)

    @property
    def rfilename(self) -> str:
        """The path, by its older name."""
        return self.path

    @property
    def lastCommit(self) -> LastCommitInfo | None:  # noqa: N802 - the peer's older name
        """The last commit, by its older name."""
        return self.last_commit


@dataclass(frozen=True, slots=True)
class RepoFolder(Record):
    """A folder of a repository at a revision.

    Attributes:
        path: where, from the root of the repository.
        tree_id: git's sha1 of its listing.
        last_commit: only in an expanded listing.
    """

    path: str
    tree_id: str
    last_commit: LastCommitInfo | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read a row of a listing.

        Raises:
            RowError: if it has no path.
        """
        path = data.get("path")
        if not isinstance(path, str):
            raise RowError(f"a folder of the listing lacks its path: {data!r:.200}")
        return cls(
            path,
            str(data.get("oid", "")),
            LastCommitInfo.from_api(data.get("lastCommit")),
            _left(data, _FOLDER_KEYS),
        )


class _Unfrozen(Record):
    """A `RepoFile` in the making.

    Filling a frozen dataclass takes three times as long as all else that is done with a row, and
    listings have hundreds of thousands of them. Both classes have the same slots, so that one
    becomes the other by changing its class.
    """

    __slots__ = (
        "blob_id",
        "extra",
        "last_commit",
        "lfs",
        "path",
        "security",
        "size",
        "xet_hash",
    )

    def __init__(
        self, path: str, size: int, blob_id: str, lfs: BlobLfsInfo | None, xet_hash: str | None
    ) -> None:
        self.path = path
        self.size = size
        self.blob_id = blob_id
        self.lfs = lfs
        self.xet_hash = xet_hash
        self.last_commit = None
        self.security = None
        self.extra = _NOTHING


def entry_from_api(data: object) -> RepoFile | RepoFolder:
    """Read a row of a listing, which is a file or a folder.

    Raises:
        RowError: if it is neither.
    """
    if isinstance(data, dict):
        kind = data.get("type")
        if kind == "file":
            return _file(data)
        if kind == "directory":
            return RepoFolder.from_api(data)
    raise RowError(f"a row of the listing is neither a file nor a directory: {data!r:.200}")


def _file(data: dict[str, Any]) -> RepoFile:
    """As `RepoFile.from_api`, quickly for the rows of a plain listing."""
    lfs = xet_hash = None
    if len(data) != 4:
        lfs, xet_hash = data.get("lfs"), data.get("xetHash")
        if len(data) != 4 + (lfs is not None) + (xet_hash is not None):
            return RepoFile.from_api(data)
    try:
        path, size, blob_id = data["path"], data["size"], data["oid"]
    except KeyError:
        return RepoFile.from_api(data)
    if not isinstance(path, str) or not isinstance(size, int) or not isinstance(blob_id, str):
        return RepoFile.from_api(data)
    made: Any = _Unfrozen(
        path, size, blob_id, None if lfs is None else BlobLfsInfo.from_api(lfs), xet_hash
    )
    made.__class__ = RepoFile
    return made  # type: ignore[no-any-return] # it is one now


@dataclass(frozen=True, slots=True)
class RepoSibling(Record):
    """A file as the information about its repository names it.

    Attributes:
        rfilename: where, from the root of the repository.
        size: bytes; only with ``files_metadata=True``.
        blob_id: git's sha1; only with ``files_metadata=True``.
        lfs: what stands behind the pointer, for an LFS file with ``files_metadata=True``.
    """

    rfilename: str
    size: int | None = None
    blob_id: str | None = None
    lfs: BlobLfsInfo | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: object) -> Self | None:
        """Read one; None if it has no name."""
        if not isinstance(data, dict) or not isinstance(data.get("rfilename"), str):
            return None
        return cls(
            data["rfilename"],
            data.get("size"),
            data.get("blobId"),
            BlobLfsInfo.from_api(data.get("lfs")),
            _NOTHING,
        )


def _left(data: Mapping[str, Any], known: frozenset[str]) -> Mapping[str, Any]:
    if data.keys() <= known:
        return _NOTHING
    return {name: value for name, value in data.items() if name not in known}
