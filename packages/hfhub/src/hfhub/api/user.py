"""Who the token belongs to, and what it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.errors import HfHubHTTPError
from hfhub.http.answer import table_of

if TYPE_CHECKING:
    from hfhub.http import Client
    from hfhub.repo import RepoRef


def whoami(client: Client) -> dict[str, Any]:
    """What the Hub knows of the owner of the client's token.

    Raises:
        HfHubHTTPError: if the token is not valid.
    """
    try:
        return table_of(client.request("GET", "api/whoami-v2", as_json=True))
    except HfHubHTTPError as error:
        if error.response.status_code == 401:
            error.append_to_message(
                "\nInvalid user token. Log in again with `hfhub auth login`; HF_TOKEN, if it is "
                "set, is used before the token that was saved"
            )
        raise


def auth_check(client: Client, ref: RepoRef, *, write: bool = False) -> None:
    """Check that the token opens ``ref``.

    Args:
        client: who asks.
        ref: the repository.
        write: whether it must also be writable.

    Raises:
        GatedRepoError: if access was not granted.
        RepositoryNotFoundError: if there is no such repository for this token.
    """
    client.request("GET", f"api/{ref.api_path}/auth-check{'/write' if write else ''}")
