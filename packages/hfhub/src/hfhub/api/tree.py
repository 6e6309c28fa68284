"""The files of a repository."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from hfhub.errors import HubConnectionError
from hfhub.http.answer import list_of
from hfhub.models.files import RepoFile, RepoFolder, RowError, entry_from_api

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hfhub.http import Client
    from hfhub.repo import RepoRef


def list_tree(
    client: Client,
    ref: RepoRef,
    path: str | None = None,
    *,
    recursive: bool = False,
    expand: bool = False,
) -> Iterator[RepoFile | RepoFolder]:
    """The files and folders under ``path``, page after page as they are consumed.

    Args:
        client: who asks.
        ref: the repository.
        path: a folder in it; by default its root.
        recursive: whether folders are entered; they are listed all the same.
        expand: whether each comes with its last commit and security status; pages are smaller.

    Raises:
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
        RemoteEntryNotFoundError: if there is no such folder.
        HubConnectionError: also for a row that is neither file nor folder.
    """
    try:
        for row in _rows(client, ref, path, recursive=recursive, expand=expand):
            yield entry_from_api(row)
    except RowError as error:
        raise HubConnectionError(f"the listing of {ref}", str(error)) from error


def list_files(client: Client, ref: RepoRef) -> list[RepoFile]:
    """Every file of ``ref``; raises as `list_tree`."""
    return [row for row in list_tree(client, ref, recursive=True) if isinstance(row, RepoFile)]


def list_paths(client: Client, ref: RepoRef) -> list[str]:
    """The path of every file of ``ref``; raises as `list_tree`."""
    rows = list(_rows(client, ref, None, recursive=True, expand=False))
    try:
        return [row["path"] for row in rows if row["type"] == "file"]
    except (TypeError, LookupError) as error:
        raise HubConnectionError(
            f"the listing of {ref}", f"a row is neither a file nor a folder ({error!r})"
        ) from error


def get_paths(
    client: Client, ref: RepoRef, paths: Sequence[str], *, expand: bool = False
) -> list[RepoFile | RepoFolder]:
    """What stands at ``paths``; those that are not there are left out.

    Raises:
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
        HubConnectionError: also for a row that is neither file nor folder.
    """
    form: list[tuple[str, Any]] = [("paths", path) for path in paths]
    form.append(("expand", str(expand).lower()))
    response = client.request(
        "POST",
        f"api/{ref.api_path}/paths-info/{ref.quoted_revision}",
        headers={"content-type": "application/x-www-form-urlencoded"},
        body=urlencode(form).encode("ascii"),
        repeatable=True,  # it only reads
        as_json=True,
    )
    try:
        return [entry_from_api(row) for row in list_of(response)]
    except RowError as error:
        raise HubConnectionError(f"the answer about paths of {ref}", str(error)) from error


def _rows(
    client: Client, ref: RepoRef, path: str | None, *, recursive: bool, expand: bool
) -> Iterator[Any]:
    folder = f"/{quote(path.strip('/'), safe='')}" if path else ""
    return client.paginate(
        f"api/{ref.api_path}/tree/{ref.quoted_revision}{folder}",
        params={"recursive": recursive, "expand": expand},
    )
