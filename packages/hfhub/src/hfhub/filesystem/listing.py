"""What is in repositories, at one commit each, asked for once."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, TypeVar

from hfhub.api.commit import resolve
from hfhub.api.tree import get_paths, list_tree
from hfhub.errors import EntryNotFoundError, RepositoryNotFoundError, RevisionNotFoundError
from hfhub.models.files import RepoFile, RepoFolder

if TYPE_CHECKING:
    from hfhub.filesystem.location import Location
    from hfhub.http import Client
    from hfhub.repo import RepoRef

Info = dict[str, Any]
Entry = RepoFile | RepoFolder
Key = TypeVar("Key", "tuple[str, RepoRef]", "tuple[str, RepoRef, str]")
Value = TypeVar("Value")


class Listings:
    """The commits and listings that one filesystem has seen.

    A branch is resolved once, so that all that is read through a filesystem comes from one commit
    until `clear`.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._commits: dict[tuple[str, RepoRef], str] = {}
        self._folders: dict[tuple[str, RepoRef, str], dict[str, Entry]] = {}
        self._asked: set[tuple[str, RepoRef, str]] = set()

    def clear(self, location: Location | None = None) -> None:
        """Forget everything, or everything about one repository."""
        with self._guard:
            self._commits = _others(self._commits, location)
            self._folders = _others(self._folders, location)
            self._asked.clear()

    def pinned(self, client: Client, location: Location) -> RepoRef:
        """The repository at the commit that its revision stood for when it was first seen.

        Raises:
            FileNotFoundError: if there is no such repository or revision.
        """
        key = client.settings.endpoint, location.repo
        commit = self._commits.get(key)
        if commit is None:
            try:
                commit = resolve(location.repo, client)
            except (RepositoryNotFoundError, RevisionNotFoundError) as error:
                raise FileNotFoundError(f"hf://{location.root}: {error}") from error
            commit = self._commits.setdefault(key, commit)
        return location.repo.at(commit)

    def children(self, client: Client, location: Location) -> list[Entry]:
        """The files and folders directly in the folder at ``location``.

        Raises:
            FileNotFoundError: if there is no such folder.
        """
        ref = self.pinned(client, location)
        key = client.settings.endpoint, ref, location.path
        if key not in self._folders:
            try:
                rows = list(list_tree(client, ref, location.path or None))
            except EntryNotFoundError as error:
                raise FileNotFoundError(f"hf://{location.name}") from error
            self._folders[key] = {row.path: row for row in rows}
        return list(self._folders[key].values())

    def descendants(self, client: Client, location: Location) -> list[Entry]:
        """The files and folders in the folder at ``location``, at any depth, in one listing.

        Raises:
            FileNotFoundError: if there is no such folder.
        """
        ref = self.pinned(client, location)
        endpoint = client.settings.endpoint
        if (endpoint, ref, f"{location.path}/**") not in self._asked:
            try:
                rows = list(list_tree(client, ref, location.path or None, recursive=True))
            except EntryNotFoundError as error:
                raise FileNotFoundError(f"hf://{location.name}") from error
            self._keep_all(endpoint, ref, location.path, rows)
        return self._below(endpoint, ref, location.path)

    def entry(self, client: Client, location: Location) -> Entry | None:
        """The file or folder at ``location``; None for the root of a repository.

        The first question about a folder asks for that one path, the second lists the folder.

        Raises:
            FileNotFoundError: if there is none.
        """
        ref = self.pinned(client, location)
        if not location.path:
            return None
        endpoint, folder = client.settings.endpoint, location.parent.path
        known = self._folders.get((endpoint, ref, folder))
        if known is None and (endpoint, ref, folder) not in self._asked:
            self._asked.add((endpoint, ref, folder))
            found = get_paths(client, ref, [location.path])
            known = {row.path: row for row in found}
        elif known is None:
            known = {row.path: row for row in self.children(client, location.parent)}
        if location.path not in known:
            raise FileNotFoundError(f"hf://{location.name}")
        return known[location.path]

    def _keep_all(self, endpoint: str, ref: RepoRef, root: str, rows: list[Entry]) -> None:
        folders: dict[str, dict[str, Entry]] = {root: {}}
        for row in rows:
            if isinstance(row, RepoFolder):
                folders.setdefault(row.path, {})
            folders.setdefault(row.path.rpartition("/")[0], {})[row.path] = row
        with self._guard:
            self._folders.update({(endpoint, ref, path): held for path, held in folders.items()})
            self._asked.add((endpoint, ref, f"{root}/**"))

    def _below(self, endpoint: str, ref: RepoRef, root: str) -> list[Entry]:
        found: list[Entry] = []
        waiting = [root]
        while waiting:
            for row in self._folders.get((endpoint, ref, waiting.pop()), {}).values():
                found.append(row)
                if isinstance(row, RepoFolder):
                    waiting.append(row.path)
        return found


def _others(known: dict[Key, Value], location: Location | None) -> dict[Key, Value]:
    """What is ``known`` of other repositories than that of ``location``; None means of none."""
    if location is None:
        return {}
    return {key: value for key, value in known.items() if key[1].id != location.repo.id}


def info_of(location: Location, entry: Entry | None) -> Info:
    """What fsspec wants to know of ``entry``, with the peer's keys."""
    if entry is None:
        return {"name": location.root, "size": 0, "type": "directory", "last_commit": None}
    name = f"{location.root}/{entry.path}"
    if isinstance(entry, RepoFolder):
        return {
            "name": name,
            "size": 0,
            "type": "directory",
            "tree_id": entry.tree_id,
            "last_commit": entry.last_commit,
        }
    return {
        "name": name,
        "size": entry.size,
        "type": "file",
        "blob_id": entry.blob_id,
        "lfs": entry.lfs,
        "xet_hash": entry.xet_hash,
        "last_commit": entry.last_commit,
        "security": entry.security,
    }
