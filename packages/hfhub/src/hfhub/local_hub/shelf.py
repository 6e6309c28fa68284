"""Where the server finds its repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from hfhub.local_hub.repository import Repository

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfhub.repo import RepoType


class Shelf(Protocol):
    """A set of repositories."""

    def find(self, kind: RepoType, repo_id: str) -> Repository | None:
        """The repository with exactly that name."""

    def all(self, kind: RepoType) -> Iterable[Repository]:
        """Every repository of a kind."""


class MemoryShelf:
    """Repositories made by calls."""

    def __init__(self) -> None:
        self._repositories: dict[tuple[RepoType, str], Repository] = {}

    def find(self, kind: RepoType, repo_id: str) -> Repository | None:
        """The repository with exactly that name."""
        return self._repositories.get((kind, repo_id))

    def all(self, kind: RepoType) -> list[Repository]:
        """Every repository of a kind, in order of name."""
        found = [repo for (of, _), repo in list(self._repositories.items()) if of == kind]
        return sorted(found, key=lambda repo: repo.id)

    def make(self, kind: RepoType, repo_id: str) -> Repository:
        """The repository with that name, made if it is new."""
        return self._repositories.setdefault((kind, repo_id), Repository(kind, repo_id))

    def put(self, repository: Repository) -> None:
        """Add a repository, in the place of one with the same name."""
        self._repositories[repository.kind, repository.id] = repository

    def remove(self, kind: RepoType, repo_id: str) -> Repository:
        """Take a repository away.

        Raises:
            KeyError: if it is not there.
        """
        return self._repositories.pop((kind, repo_id))
