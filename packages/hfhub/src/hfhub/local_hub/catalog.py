"""The repositories of all shelves by name, with the names they had before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfhub.local_hub.repository import Repository
    from hfhub.local_hub.shelf import Shelf
    from hfhub.repo import RepoType


class Catalog:
    """Finds repositories; the first shelf that has a name wins."""

    def __init__(self, shelves: Sequence[Shelf]) -> None:
        self._shelves = tuple(shelves)
        self._renamed: dict[tuple[RepoType, str], str] = {}

    def find(self, kind: RepoType, repo_id: str) -> Repository | None:
        """The repository with exactly that name."""
        for shelf in self._shelves:
            if (repository := shelf.find(kind, repo_id)) is not None:
                return repository
        return None

    def all(self, kind: RepoType) -> Iterator[Repository]:
        """Every repository of a kind, each name once."""
        seen: set[str] = set()
        for shelf in self._shelves:
            for repository in shelf.all(kind):
                if repository.id not in seen:
                    seen.add(repository.id)
                    yield repository

    def canonical(self, kind: RepoType, repo_id: str) -> str | None:
        """The right name for an old one, or for one with the wrong letter case."""
        if (renamed := self._renamed.get((kind, repo_id))) is not None:
            return renamed
        lowered = repo_id.lower()
        return next((repo.id for repo in self.all(kind) if repo.id.lower() == lowered), None)

    def note_renamed(self, kind: RepoType, old: str, new: str) -> None:
        """Send callers of ``old`` to ``new``."""
        self._renamed[kind, old] = new
