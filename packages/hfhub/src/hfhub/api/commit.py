"""The commit of a revision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.errors import FileMetadataError
from hfhub.http.answer import table_of
from hfhub.repo import is_commit

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.repo import RepoRef


def resolve(ref: RepoRef, client: Client, *, retry: bool = True) -> str:
    """The commit that ``ref`` stands for now: one request, or none for a full commit hash.

    Raises:
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
        FileMetadataError: if the answer names no commit.
    """
    if ref.is_pinned:
        return ref.revision
    response = client.request(
        "GET",
        f"api/{ref.api_path}/revision/{ref.quoted_revision}",
        params={"expand": "sha"},
        retry=retry,
        as_json=True,
    )
    commit = table_of(response).get("sha")
    if not isinstance(commit, str) or not is_commit(commit):
        raise FileMetadataError(
            f"the answer about {ref} names no commit; is {client.settings.endpoint} a Hub?"
        )
    return commit
