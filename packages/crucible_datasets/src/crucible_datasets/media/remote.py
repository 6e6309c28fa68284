"""The bytes of media values that are links."""

from __future__ import annotations

import re
from typing import Any

# hf://datasets/owner/name@revision/path, and https://host/datasets/owner/name/resolve/revision/path
_HF = re.compile(r"hf://(datasets/|spaces/|)([^/@]+/[^/@]+)(?:@(refs/[^/]+/[^/]+|[^/]+))?/(.+)")
_RESOLVE = re.compile(r"https?://[^/]+/(datasets/|spaces/|)([^/]+/[^/]+)/resolve/([^/]+)/(.+)")
_TYPES = {"datasets/": "dataset", "spaces/": "space", "": "model"}


def read_remote(url: str, token_per_repo_id: Any = None) -> bytes:
    """The bytes at a link.

    Args:
        url: ``hf://datasets/owner/name@revision/path``, a Hub's ``.../resolve/revision/path``, or
            another ``https://`` link, which is asked without a token.
        token_per_repo_id: repository id -> token.

    Raises:
        OSError: if the bytes can't be had (``hfhub``'s errors are such).
        NotImplementedError: for other links.
    """
    from hfhub import settings

    endpoint = settings.current().endpoint
    found = _HF.fullmatch(url)
    if found is None and url.startswith(f"{endpoint}/"):
        found = _RESOLVE.fullmatch(url)
    if found is not None:
        kind, repo_id, revision, path = found.groups()
        return _from_hub(kind, repo_id, revision, path, token_per_repo_id)
    if url.startswith(("https://", "http://")) and "::" not in url:
        from hfhub.http import client_for

        client = client_for(settings.current(), False)
        return client.request("GET", url, redirects="follow").content
    raise NotImplementedError(
        f"reading media from {url!r} is not there yet; download the file and give its path"
    )


def _from_hub(
    kind: str, repo_id: str, revision: str | None, path: str, token_per_repo_id: Any
) -> bytes:
    from urllib.parse import unquote

    from hfhub.download.remote import open_remote

    token = (token_per_repo_id or {}).get(repo_id)
    revision = None if revision is None else unquote(revision)
    with open_remote(
        repo_id, unquote(path), repo_type=_TYPES[kind], revision=revision, token=token
    ) as file:
        content: bytes = file.read()
    return content
