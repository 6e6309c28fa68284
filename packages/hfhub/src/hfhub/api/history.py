"""The branches, tags and commits of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.http.answer import table_of
from hfhub.models.refs import GitCommitInfo, GitRefs

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.repo import RepoRef


def list_refs(client: Client, ref: RepoRef, *, include_pull_requests: bool = False) -> GitRefs:
    """The branches, conversions and tags of ``ref``, and its pull requests when asked for.

    Raises:
        RepositoryNotFoundError: if there is no such repository for this token.
    """
    response = client.request(
        "GET",
        f"api/{ref.api_path}/refs",
        params={"include_prs": 1 if include_pull_requests else None},
        as_json=True,
    )
    return GitRefs.from_api(table_of(response), with_pull_requests=include_pull_requests)


def list_commits(client: Client, ref: RepoRef, *, formatted: bool = False) -> list[GitCommitInfo]:
    """The commits that lead to ``ref``, the newest first.

    Raises:
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
    """
    rows = client.paginate(
        f"api/{ref.api_path}/commits/{ref.quoted_revision}",
        params={"expand[]": "formatted" if formatted else None},
    )
    return [GitCommitInfo.from_api(row) for row in rows if isinstance(row, dict)]
