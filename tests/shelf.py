"""A cache in a folder of a test's own, and short ways to fill and look at it."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hfhub.cache.store import Store
from hfhub.digest import Digest
from hfhub.repo import RepoRef
from hfhub.settings import Settings


def digest_of(data: bytes) -> Digest:
    """The sha256 under which the tests cache ``data``."""
    return Digest("sha256", hashlib.sha256(data).hexdigest())


def git_digest_of(data: bytes) -> Digest:
    """Git's sha1 of ``data``."""
    return Digest("git-sha1", hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest())


def repo(name: str = "o/a", commit: str = "a", kind: str = "dataset") -> RepoRef:
    """A repository at the commit ``aaaa...``."""
    return RepoRef.parse(name, kind).at(commit * 40)


class Shelf:
    """One cache.

    Args:
        root: its folder.
        env: variables that the settings are made from.
    """

    def __init__(self, root: Path, **env: str) -> None:
        self.root = root
        self.env = {"HF_HUB_CACHE": str(root), **env}
        self.store = Store(Settings.from_env(self.env))

    def again(self) -> Shelf:
        """The same cache as another process would open it."""
        self.store.notes.flush()
        return Shelf(self.root, **{k: v for k, v in self.env.items() if k != "HF_HUB_CACHE"})

    def put(self, data: bytes, path: str = "f", ref: RepoRef | None = None) -> str:
        """Cache ``data`` as a download would."""
        return self.store.put(data, ref or repo(), path, digest_of(data))

    def names(self, *, ours: bool = False) -> set[str]:
        """All files and links, relative to the root; hfhub's own only with ``ours``."""
        found = set()
        for folder, _, names in os.walk(self.root):
            for name in names:
                path = os.path.relpath(f"{folder}/{name}", self.root)
                if ours or not path.startswith(".hfhub"):
                    found.add(path)
        return found

    def blob_bytes(self) -> int:
        """What the blobs weigh, hard links once."""
        sizes = {}
        for path in self.root.glob("*/blobs/*"):
            if not path.is_symlink():
                found = path.stat()
                sizes[found.st_ino] = found.st_size
        return sum(sizes.values())

    def dangling(self) -> list[Path]:
        """Entries of repositories that lead nowhere."""
        paths = self.root.glob("*--*/**/*")
        return [path for path in paths if path.is_symlink() and not path.exists()]
