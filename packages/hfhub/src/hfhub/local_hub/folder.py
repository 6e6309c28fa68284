"""Repositories as folders on disk: ``<root>/datasets/<owner>/<name>/...``.

Any folder of files is a repository. Its ``.hub/`` folder, which is not served, may hold
``settings.json`` (``private``, ``gated``, ``granted``, ``readers``, ``likes``) and
``revisions/<quoted name>/...``: the files of another branch, say ``refs%2Fconvert%2Fparquet``.
Symbolic links are followed as long as they stay below ``root``.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from hfhub.errors import UnsafePathError
from hfhub.local_hub.content import Entry, FileContent, LfsRule, entry_of
from hfhub.local_hub.fence import Fence
from hfhub.local_hub.pace import about_to_take_long
from hfhub.local_hub.repository import Repository
from hfhub.repo import REPO_TYPES, check_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.repo import RepoType

OWN = ".hub"
_UNSERVED = frozenset({OWN, ".git", ".cache"})
_LOOK_AGAIN = 1.0
_WORTH_KEEPING = 256 * 1024 * 1024  # hashed in less than a second: not worth a file in the folder


class FolderShelf:
    """Repositories below ``root``, looked at again when a second has passed.

    A changed folder becomes a new commit. The old commit still lists its files, but those whose
    bytes are gone answer 404. Where much had to be hashed, the digests are remembered in
    ``<root>/.hub/digests.json``, if that can be written, so that the next start is quick.
    """

    def __init__(self, root: Path, rule: LfsRule) -> None:
        self._root = root.absolute()
        self._rule = rule
        self._fence = Fence(self._root)
        self._digests = DigestMemo(self._root)
        self._known: dict[Path, tuple[Repository, float]] = {}
        self._guard = threading.Lock()

    def find(self, kind: RepoType, repo_id: str) -> Repository | None:
        """The repository in the folder of that name."""
        try:
            check_path(repo_id)
        except UnsafePathError:
            return None
        if repo_id.startswith("."):
            return None
        folder = self._root / f"{kind}s" / repo_id
        known = self._known.get(folder)
        if known is not None and time.monotonic() - known[1] < _LOOK_AGAIN:
            return known[0]
        if not folder.is_dir() or ("/" not in repo_id and not _is_repository(folder)):
            return None
        if not self._fence.holds(folder):
            return None
        about_to_take_long()
        with self._guard:
            repository = known[0] if known else Repository(kind, repo_id)
            self._update(repository, folder)
            self._known[folder] = (repository, time.monotonic())
        return repository

    def all(self, kind: RepoType) -> Iterator[Repository]:
        """Every repository of a kind, in order of name."""
        for repo_id in self._names(kind):
            if (repository := self.find(kind, repo_id)) is not None:
                yield repository

    def names(self) -> Iterator[tuple[RepoType, str]]:
        """Kind and name of every repository; nothing is read."""
        for kind in REPO_TYPES:
            for repo_id in self._names(kind):
                yield kind, repo_id

    def _names(self, kind: RepoType) -> Iterator[str]:
        top = self._root / f"{kind}s"
        for owner in _subfolders(top, self._fence):
            if _is_repository(owner):
                yield owner.name
            else:
                yield from (f"{owner.name}/{name.name}" for name in _subfolders(owner, self._fence))

    def _update(self, repository: Repository, folder: Path) -> None:
        for name, value in _settings(folder).items():
            setattr(repository, name, value)
        repository.commit("main", self._entries(folder), message=f"Files of {repository.id}")
        for branch in _subfolders(folder / OWN / "revisions", self._fence):
            name = unquote(branch.name)
            repository.commit(name, self._entries(branch), message=f"Files of {name}")
        self._digests.save()

    def _entries(self, folder: Path) -> dict[str, Entry]:
        return {
            path: self._digests.entry(path, file, self._rule)
            for path, file in _files(folder, "", self._fence)
        }


class DigestMemo:
    """Entries by file, good as long as size and time stay; kept in a JSON file if that can be."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._store = root / OWN / "digests.json"
        self._entries: dict[tuple[str, str], Entry] = {}
        self._stored: dict[str, list[Any]] = {}
        self._hashed = 0
        try:
            loaded = json.loads(self._store.read_bytes())
        except (OSError, ValueError):
            loaded = None
        if isinstance(loaded, dict):
            self._stored = loaded

    def entry(self, path: str, file: Path, rule: LfsRule) -> Entry:
        """The file as the entry ``path``, hashed only if it is new or changed."""
        content = FileContent.of(file)
        known = self._entries.get((str(file), path))
        if known is not None and known.content == content:
            return known
        is_lfs = rule.covers(path, content.size)
        facts = [content.size, content.mtime_ns, is_lfs]
        name = file.relative_to(self._root).as_posix()
        stored = self._stored.get(name)
        if stored is not None and stored[:3] == facts and len(stored) == 5:
            entry = Entry(path, content.size, stored[3], stored[4], content)
        else:
            entry = entry_of(path, file, rule)
            self._stored[name] = [*facts, entry.blob_id, entry.sha256]
            self._hashed += content.size
        self._entries[str(file), path] = entry
        return entry

    def save(self) -> None:
        """Write what was dear; a folder that cannot be written is served all the same."""
        if self._hashed < _WORTH_KEEPING:
            return
        self._hashed = 0
        beside = self._store.with_suffix(f".{os.getpid()}.part")
        try:
            self._store.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(self._stored))
            beside.replace(self._store)
        except OSError:
            with contextlib.suppress(OSError):
                beside.unlink()


def _files(folder: Path, prefix: str, fence: Fence) -> Iterator[tuple[str, Path]]:
    with os.scandir(folder) as found:
        for item in sorted(found, key=lambda item: item.name):
            if item.name in _UNSERVED and not prefix:
                continue
            if item.is_dir(follow_symlinks=False):  # a link to a folder may lead in circles
                yield from _files(Path(item.path), f"{prefix}{item.name}/", fence)
            elif item.is_file() and (not item.is_symlink() or fence.holds(item.path)):
                yield prefix + item.name, Path(item.path)


def _subfolders(folder: Path, fence: Fence) -> list[Path]:
    try:
        with os.scandir(folder) as found:
            names = [
                item.name
                for item in found
                if item.is_dir()
                and item.name[0] != "."
                and (not item.is_symlink() or fence.holds(item.path))
            ]
    except OSError:
        return []
    return [folder / name for name in sorted(names)]


def _is_repository(folder: Path) -> bool:
    """Whether a folder right below ``datasets`` is a repository, not an owner: it holds files."""
    if (folder / OWN).is_dir():
        return True
    with os.scandir(folder) as found:
        return any(item.is_file() for item in found)


def _settings(folder: Path) -> dict[str, Any]:
    """What ``.hub/settings.json`` says.

    Raises:
        ValueError: if it is not JSON, or says something unknown.
    """
    file = folder / OWN / "settings.json"
    try:
        values = json.loads(file.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise ValueError(f"{file} is not JSON: {error}") from error
    allowed = {"private", "gated", "granted", "readers", "likes", "downloads", "disabled"}
    if not isinstance(values, dict) or not values.keys() <= allowed:
        raise ValueError(f"{file}: expected an object with some of {', '.join(sorted(allowed))}")
    for name in ("granted", "readers"):
        if name in values:
            values[name] = set(values[name])
    if values.get("gated") is True:
        values["gated"] = "auto"
    return values
