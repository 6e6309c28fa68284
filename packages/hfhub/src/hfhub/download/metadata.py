"""The URL of a file, and what its headers say."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from hfhub import settings as settings_module
from hfhub.api.metadata import file_metadata
from hfhub.errors import HFValidationError
from hfhub.http import Client
from hfhub.repo import DEFAULT_REVISION, REPO_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.api.metadata import HfFileMetadata

__all__ = ["get_hf_file_metadata", "hf_hub_url"]


def hf_hub_url(
    repo_id: str,
    filename: str,
    *,
    subfolder: str | None = None,
    repo_type: str | None = None,
    revision: str | None = None,
    endpoint: str | None = None,
) -> str:
    """The URL of a file at the Hub.

    >>> hf_hub_url("openai/gsm8k", "a b.md", repo_type="dataset", endpoint="https://huggingface.co")
    'https://huggingface.co/datasets/openai/gsm8k/resolve/main/a%20b.md'

    Args:
        repo_id: ``owner/name``.
        filename: the file's path in the repository.
        subfolder: a folder to put before ``filename``.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or commit; ``main`` by default.
        endpoint: the Hub; by default that of the settings.

    Raises:
        HFValidationError: if ``repo_type`` is none of the three.
    """
    kind = repo_type or "model"
    if kind not in REPO_TYPES:
        raise HFValidationError(
            f"{repo_type!r} is not a repository type; write one of {', '.join(REPO_TYPES)}"
        )
    path = f"{subfolder}/{filename}" if subfolder else filename
    base = (endpoint or settings_module.current().endpoint).rstrip("/")
    prefix = "" if kind == "model" else f"{kind}s/"
    at = quote(revision or DEFAULT_REVISION, safe="")
    return f"{base}/{prefix}{repo_id}/resolve/{at}/{quote(path)}"


def get_hf_file_metadata(
    url: str,
    token: bool | str | None = None,
    timeout: float | None = None,
    library_name: str | None = None,
    library_version: str | None = None,
    user_agent: Mapping[str, str] | str | None = None,
    headers: Mapping[str, str] | None = None,
    endpoint: str | None = None,
    retry_on_errors: bool = False,
) -> HfFileMetadata:
    """Ask for the metadata of the file at ``url`` with one HEAD request, redirects apart.

    Args:
        url: as :func:`hf_hub_url` gives it.
        token: a token, True (the machine's, required), False (none), None (the machine's).
        timeout: seconds to wait for the answer; by default that of the settings.
        library_name: the library that calls, for the user agent.
        library_version: its version.
        user_agent: more for the user agent.
        headers: more headers for the request.
        endpoint: the Hub that the token is for.
        retry_on_errors: try again after 429, 5xx and broken connections.

    Raises:
        HfHubHTTPError: or its subclass.
        HubConnectionError: if no answer came.
    """
    settings = settings_module.current().override(endpoint=endpoint)
    client = Client(
        settings,
        token=token,
        headers=headers,
        user_agent=user_agent,
        library_name=library_name,
        library_version=library_version,
    )
    return file_metadata(client, url, timeout=timeout, retry=retry_on_errors)
