"""What the Hub says about one repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.http.answer import table_of
from hfhub.models.repos import DatasetInfo, ModelInfo, SpaceInfo

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hfhub.http import Client
    from hfhub.repo import RepoRef

_KINDS: dict[str, type[ModelInfo | DatasetInfo | SpaceInfo]] = {
    "model": ModelInfo,
    "dataset": DatasetInfo,
    "space": SpaceInfo,
}


def repo_info(
    client: Client,
    ref: RepoRef,
    *,
    at_revision: bool = True,
    files_metadata: bool = False,
    expand: Sequence[str] | str | None = None,
    security_status: bool = False,
    timeout: float | None = None,
) -> ModelInfo | DatasetInfo | SpaceInfo:
    """The information about ``ref``: a ModelInfo, DatasetInfo or SpaceInfo.

    Args:
        client: who asks.
        ref: the repository.
        at_revision: whether its revision matters, or the default branch is meant.
        files_metadata: whether each sibling comes with size and digests.
        expand: only these properties.
        security_status: whether the scanners' findings come along.
        timeout: seconds to wait for the answer.

    Raises:
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
        ValueError: if ``expand`` is combined with what it excludes.
    """
    if expand and (files_metadata or security_status):
        raise ValueError("`expand` excludes `files_metadata` and `securityStatus`")
    path = f"api/{ref.api_path}"
    params: dict[str, Any] = {"blobs": files_metadata or None, "expand": _list(expand)}
    params["securityStatus"] = security_status or None
    response = client.request(
        "GET",
        f"{path}/revision/{ref.quoted_revision}" if at_revision else path,
        params=params,
        timeout=timeout,
        as_json=True,
    )
    return _KINDS[ref.kind].from_api(table_of(response))


def _list(expand: Sequence[str] | str | None) -> list[str] | None:
    if not expand:
        return None
    return [expand] if isinstance(expand, str) else list(expand)
