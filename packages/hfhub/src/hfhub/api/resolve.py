"""A revision's commit, from the Hub or else from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.api.commit import resolve
from hfhub.cache.store import store_for
from hfhub.errors import (
    HfHubHTTPError,
    HubConnectionError,
    OfflineModeIsEnabled,
    RevisionResolutionError,
)
from hfhub.revision import ResolvedRevision

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.repo import RepoRef


def resolve_revision(
    client: Client, ref: RepoRef, initial: str | None, *, local_files_only: bool = False
) -> ResolvedRevision:
    """The commit that ``ref`` stands for, noted in the cache for times without a network.

    Args:
        client: who asks.
        ref: the repository at a revision.
        initial: the revision as it was given, None for the default branch.
        local_files_only: whether only the cache may be asked.

    Raises:
        RevisionResolutionError: if the Hub cannot be asked and the cache does not know.
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
    """
    store = store_for(client.settings)
    if ref.is_pinned:
        return ResolvedRevision(ref.revision, initial, ref.id, ref.kind)
    cause: Exception | None = None
    if not local_files_only:
        try:
            commit = resolve(ref, client)
        except (HubConnectionError, OfflineModeIsEnabled) as error:
            cause = error
        except HfHubHTTPError as error:
            if error.response.status_code < 500:
                raise
            cause = error
        else:
            store.write_ref(ref, commit)
            return ResolvedRevision(commit, initial, ref.id, ref.kind)
    known = store.resolve_ref(ref)
    if known is not None:
        return ResolvedRevision(known, initial, ref.id, ref.kind)
    why = "`local_files_only=True`" if cause is None else f"{type(cause).__name__}: {cause}"
    raise RevisionResolutionError(
        f"{ref} is not in the cache at {client.settings.cache_dir}, and the Hub was not to be "
        f"reached ({why})"
    ) from cause
