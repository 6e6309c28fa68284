"""Calls about one file, and about the caller."""

from __future__ import annotations

from typing import Any

from hfhub.api import user
from hfhub.api.caller import Caller, repo_ref
from hfhub.api.metadata import HfFileMetadata, file_metadata
from hfhub.auth import get_token_to_send


class FileCalls(Caller):
    """What can be asked about one file, and about oneself."""

    def get_hf_file_metadata(
        self,
        *,
        url: str,
        token: bool | str | None = None,
        timeout: float | None = None,
    ) -> HfFileMetadata:
        """What the head of a file's answer says; the file stays where it is.

        Args:
            url: as `hf_hub_url` makes it.
            token: a token, True (required), False (none).
            timeout: seconds to wait; by default ``HF_HUB_ETAG_TIMEOUT``.

        Raises:
            RemoteEntryNotFoundError: if there is no such file.
            RepositoryNotFoundError: if there is no such repository for this token.
            RevisionNotFoundError: if it has no such revision.
        """
        return file_metadata(self.client(token), url, timeout=timeout)

    def whoami(self, token: bool | str | None = None, *, cache: bool = False) -> dict[str, Any]:
        """What the Hub knows of the token's owner.

        Args:
            token: a token; by default the machine's.
            cache: whether an earlier answer for the same token will do.

        Raises:
            LocalTokenNotFoundError: if there is no token.
            HfHubHTTPError: if the token is not valid.
            ValueError: if ``token`` is False.
        """
        given = self.token if token is None else token
        if given is False:
            raise ValueError("`whoami` is about the owner of a token; `token=False` has none")
        client = self.client(True if given is None else given)
        sent = get_token_to_send(True if given is None else given, client.settings)
        key = client.settings.endpoint, sent
        if not cache or key not in _known:
            _known[key] = user.whoami(client)
        return _known[key]

    def auth_check(
        self,
        repo_id: str,
        *,
        repo_type: str | None = None,
        token: bool | str | None = None,
        write: bool = False,
    ) -> None:
        """Check that the token opens a repository.

        Args:
            repo_id: ``owner/name``.
            repo_type: ``model`` (also None), ``dataset`` or ``space``.
            token: a token, True (required), False (none).
            write: whether it must also be writable.

        Raises:
            GatedRepoError: if access was not granted.
            RepositoryNotFoundError: if there is no such repository for this token.
        """
        user.auth_check(self.client(token), repo_ref(repo_id, repo_type), write=write)


# Who the owners of tokens are, for `whoami(cache=True)`.
_known: dict[tuple[str, str | None], dict[str, Any]] = {}
