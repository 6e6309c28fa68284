"""A folder of files, on this machine or in a repository, as discovery sees it."""

from __future__ import annotations

import os
import posixpath
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from crucible_datasets.discovery.glob import fixed_part, has_magic, select
from crucible_datasets.formats.sources import local_file

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crucible_datasets.formats.base import DataFile


class Tree(Protocol):
    """Files below one folder."""

    @property
    def place(self) -> str:
        """The folder, as people are told about it."""
        ...

    @property
    def paths(self) -> Sequence[str]:
        """All files below it, relative to it, sorted."""
        ...

    def file(self, path: str) -> DataFile:
        """The file at ``path``, which is one of :attr:`paths`."""
        ...

    def glob(self, pattern: str, extensions: Collection[str] | None = None) -> list[DataFile]:
        """The data files that ``pattern`` picks, sorted; ``..`` and absolute ones where allowed."""
        ...

    def read(self, path: str) -> bytes | None:
        """The content of a small file, or None if there is no such file."""
        ...

    def within(self, folder: str) -> Tree:
        """The tree below ``folder``; it may be empty."""
        ...


class LocalTree:
    """A folder on this machine."""

    def __init__(self, root: str | Path) -> None:
        self._root = os.path.abspath(Path(root).expanduser())

    @property
    def place(self) -> str:
        """The folder's absolute path."""
        return self._root

    @cached_property
    def paths(self) -> Sequence[str]:
        """All files below it, links to files included."""
        return sorted(_walk(self._root, None))

    def file(self, path: str) -> DataFile:
        """The file at ``path`` below the folder."""
        return local_file(os.path.join(self._root, path))

    def glob(self, pattern: str, extensions: Collection[str] | None = None) -> list[DataFile]:
        """The data files that ``pattern`` picks; it may be absolute, or climb with ``..``."""
        # The rules on hidden files look at the whole pattern, so match from as high up as it says.
        joined = os.path.normpath(os.path.join(self._root, os.path.expanduser(pattern)))
        pattern = joined.replace(os.sep, "/")
        below = posixpath.relpath(pattern, self._root.replace(os.sep, "/"))
        if not below.startswith("../"):
            start, pattern = self._root, below
        else:
            start = fixed_part(pattern) or "/"
            pattern = posixpath.relpath(pattern, start)
        return [
            local_file(os.path.join(start, path))
            for path in select(_candidates(start, pattern), pattern, extensions)
        ]

    def read(self, path: str) -> bytes | None:
        """The content of the file at ``path``, or None."""
        try:
            return Path(self._root, path).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def within(self, folder: str) -> LocalTree:
        """The tree below ``folder``."""
        return LocalTree(os.path.join(self._root, folder))


def _candidates(start: str, pattern: str) -> Sequence[str]:
    """The files below ``start`` that ``pattern`` may match, walking no further than it reaches."""
    if not has_magic(pattern):
        return [pattern] if Path(start, pattern).is_file() else []
    fixed = fixed_part(pattern)
    depth = None if "**" in pattern else pattern.count("/") - (fixed.count("/") + 1 if fixed else 0)
    prefix = f"{fixed}/" if fixed else ""
    return [prefix + path for path in _walk(os.path.join(start, fixed), depth)]


def _walk(root: str, depth: int | None) -> list[str]:
    """The files below ``root``, at most ``depth`` folders down; links are followed, loops not."""
    found: list[str] = []
    pending = [("", depth)]
    seen: set[tuple[int, int]] = set()
    while pending:
        folder, left = pending.pop()
        try:
            entries = os.scandir(os.path.join(root, folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
        with entries:
            for entry in entries:
                path = f"{folder}{entry.name}"
                if entry.is_file():
                    found.append(path)
                elif entry.is_dir() and left != 0:
                    about = entry.stat()
                    if entry.is_symlink() and (about.st_dev, about.st_ino) in seen:
                        continue  # a loop of links
                    seen.add((about.st_dev, about.st_ino))
                    pending.append((f"{path}/", None if left is None else left - 1))
    return found
