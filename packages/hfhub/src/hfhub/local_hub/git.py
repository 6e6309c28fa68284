"""How git names things: blobs, LFS pointers, trees, commits."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def object_id(kind: str, body: bytes) -> str:
    """The sha1 that git gives ``body`` stored as a ``kind`` (blob, tree, commit)."""
    head = f"{kind} {len(body)}\0".encode()
    return hashlib.sha1(head + body, usedforsecurity=False).hexdigest()


def lfs_pointer(sha256: str, size: int) -> bytes:
    """The text that stands in git for a file kept by LFS."""
    return (
        f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n"
    ).encode()


def tree_ids(files: Mapping[str, str]) -> dict[str, str]:
    """The id of every folder, the root as ``""``, given the blob id of every path."""
    inside: dict[str, dict[str, str | None]] = {"": {}}
    for path, blob in files.items():
        folder, _, name = path.rpartition("/")
        _make_folder(inside, folder)[name] = blob
    ids: dict[str, str] = {}
    # Longest first: a folder's id needs the ids of the folders in it.
    for folder in sorted(inside, key=lambda path: path.count("/") if path else -1, reverse=True):
        prefix = f"{folder}/" if folder else ""
        children = (
            (name, blob or ids[prefix + name], blob is None)
            for name, blob in inside[folder].items()
        )
        ids[folder] = object_id("tree", _tree_body(children))
    return ids


def _make_folder(inside: dict[str, dict[str, str | None]], folder: str) -> dict[str, str | None]:
    """The children of ``folder``, made with the folders above it if new."""
    children = inside.get(folder)
    if children is None:
        children = inside[folder] = {}
        above, _, name = folder.rpartition("/")
        _make_folder(inside, above)[name] = None
    return children


def _tree_body(children: Iterable[tuple[str, str, bool]]) -> bytes:
    rows = [
        (f"{name}/" if is_folder else name, name, identity, is_folder)
        for name, identity, is_folder in children
    ]
    rows.sort(key=lambda row: row[0].encode())
    return b"".join(
        (b"40000 " if is_folder else b"100644 ") + name.encode() + b"\0" + bytes.fromhex(identity)
        for _, name, identity, is_folder in rows
    )


def commit_id(tree: str, parent: str | None, author: str, seconds: int, message: str) -> str:
    """The id of the commit with these facts; the committer is the author."""
    parents = f"parent {parent}\n" if parent else ""
    body = (
        f"tree {tree}\n{parents}author {author} {seconds} +0000\n"
        f"committer {author} {seconds} +0000\n\n{message}\n"
    )
    return object_id("commit", body.encode())
