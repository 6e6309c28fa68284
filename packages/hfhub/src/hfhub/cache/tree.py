"""Listings of a commit, kept on disk: a commit never changes, so one listing serves for ever."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hfhub.digest import Digest
from hfhub.errors import UnsafePathError
from hfhub.models.files import BlobLfsInfo, RepoFile
from hfhub.repo import check_path

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["dump", "dump_peer", "load", "load_peer"]

_FORMAT = 1
_PEER_FORMAT = 1
_XET = re.compile(r"[0-9a-f]{64}")


def dump(files: Iterable[RepoFile]) -> bytes:
    """The listing as bytes: one JSON array a file, so that fifty thousand are read in one go."""
    rows = [
        [
            file.path,
            file.size,
            file.blob_id,
            file.lfs and file.lfs.sha256,
            file.lfs and file.lfs.pointer_size,
            file.xet_hash,
        ]
        for file in files
    ]
    return json.dumps({"format": _FORMAT, "files": rows}, separators=(",", ":")).encode()


def load(data: bytes) -> list[RepoFile] | None:
    """What :func:`dump` wrote; None if it is torn, of another format, or holds unsafe names."""
    try:
        content = json.loads(data)
        if content["format"] != _FORMAT:
            return None
        return [_file(*row) for row in content["files"]]
    except (ValueError, LookupError, TypeError, AttributeError, UnsafePathError):
        return None


def dump_peer(files: Iterable[RepoFile]) -> bytes:
    """The listing as the official client writes it, so that it too knows a torn snapshot."""
    entries: dict[str, dict[str, Any]] = {}
    for file in files:
        entries[file.path] = entry = {"size": file.size, "blob_id": file.blob_id}
        if file.lfs:
            entry["lfs_sha256"] = file.lfs.sha256
            entry["lfs_size"] = file.lfs.size
        # It takes a listing with anything else for damaged.
        if file.xet_hash and _XET.fullmatch(file.xet_hash):
            entry["xet_hash"] = file.xet_hash
    content = {"format_version": _PEER_FORMAT, "files": entries}
    return json.dumps(content, separators=(",", ":")).encode()


def load_peer(data: bytes) -> list[RepoFile] | None:
    """A listing of the official client (``trees/<commit>.json``); None if it is not usable."""
    try:
        content = json.loads(data)
        if content["format_version"] != _PEER_FORMAT:
            return None
        return [
            _file(
                path,
                entry["size"],
                entry["blob_id"],
                entry.get("lfs_sha256"),
                None,
                entry.get("xet_hash"),
            )
            for path, entry in content["files"].items()
        ]
    except (ValueError, LookupError, TypeError, AttributeError, UnsafePathError):
        return None


def _file(
    path: str,
    size: int,
    blob_id: str,
    sha256: str | None,
    pointer_size: int | None,
    xet_hash: str | None,
) -> RepoFile:
    # The file on disk is as foreign as the answer that it was made from.
    check_path(path)
    if type(size) is not int or size < 0:
        raise TypeError(size)
    lfs: Any = None
    if sha256 is not None:
        if (digest := Digest.from_hex(sha256)) is None or digest.kind != "sha256":
            raise ValueError(sha256)
        lfs = BlobLfsInfo(size=size, sha256=sha256, pointer_size=pointer_size or 0)
    return RepoFile(path=path, size=size, blob_id=blob_id, lfs=lfs, xet_hash=xet_hash)
