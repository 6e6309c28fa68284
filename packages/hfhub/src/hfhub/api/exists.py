"""Whether something is on the Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.api.metadata import file_metadata
from hfhub.errors import (
    GatedRepoError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.repo import RepoRef


def repo_exists(client: Client, ref: RepoRef) -> bool:
    """Whether there is such a repository for this token; a gated one is there."""
    try:
        client.request("GET", f"api/{ref.api_path}", params={"expand": "sha"})
    except GatedRepoError:
        return True
    except RepositoryNotFoundError:
        return False
    return True


def revision_exists(client: Client, ref: RepoRef) -> bool:
    """Whether there is such a repository with such a revision."""
    try:
        client.request(
            "GET",
            f"api/{ref.api_path}/revision/{ref.quoted_revision}",
            params={"expand": "sha"},
        )
    except (RepositoryNotFoundError, RevisionNotFoundError):
        return False
    return True


def file_exists(client: Client, ref: RepoRef, path: str) -> bool:
    """Whether there is such a file.

    Raises:
        GatedRepoError: if only those who were granted access may know.
    """
    try:
        file_metadata(client, ref.resolve_path(path))
    except GatedRepoError:
        raise
    except (RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError):
        return False
    return True
