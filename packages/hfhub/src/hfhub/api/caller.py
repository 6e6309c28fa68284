"""On whose behalf the Hub is called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hfhub.http import Client
from hfhub.repo import RepoRef
from hfhub.revision import ResolvedRevision
from hfhub.settings import current

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.settings import Settings

_KEPT = 64


class Caller:
    """An endpoint and a token, and what a caller says about itself."""

    def __init__(
        self,
        endpoint: str | None = None,
        token: str | bool | None = None,
        library_name: str | None = None,
        library_version: str | None = None,
        user_agent: Mapping[str, str] | str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Note whom to call and as whom; nothing is read or sent.

        Args:
            endpoint: the Hub's URL; by default ``HF_ENDPOINT``.
            token: a token, True (the machine's, required), False (none), None (the machine's).
            library_name: the library that calls.
            library_version: its version.
            user_agent: more about the caller.
            headers: more headers for the endpoint.
        """
        self._endpoint = endpoint.rstrip("/") if endpoint else None
        self.token = token
        self.library_name = library_name
        self.library_version = library_version
        self.user_agent = user_agent
        self.headers = headers
        self._clients: dict[tuple[Settings, bool | str | None], Client] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}(endpoint={self.endpoint!r})"

    @property
    def endpoint(self) -> str:
        """The Hub's URL."""
        return self._endpoint or current().endpoint

    def client(self, token: bool | str | None = None) -> Client:
        """The client for one call, with its ``token`` or else this object's."""
        settings = current().override(endpoint=self._endpoint)
        key = settings, self.token if token is None else token
        found = self._clients.get(key)
        if found is None:
            if len(self._clients) >= _KEPT:
                self._clients.clear()
            found = self._clients[key] = Client(
                settings,
                token=key[1],
                headers=self.headers,
                user_agent=self.user_agent,
                library_name=self.library_name,
                library_version=self.library_version,
            )
        return found

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_clients": {}}


def repo_ref(repo_id: str, repo_type: str | None = None, revision: str | None = None) -> RepoRef:
    """The repository that the arguments of a call name.

    Raises:
        HFValidationError: if one of them is malformed.
    """
    if isinstance(revision, ResolvedRevision):
        revision = revision.resolved if revision.fits(repo_id, repo_type) else revision.initial
    return RepoRef.parse(repo_id, repo_type, revision)
