"""The bytes of media values that are links."""

from __future__ import annotations

from typing import Any


def read_remote(url: str, token_per_repo_id: Any = None) -> bytes:
    """The bytes at a link.

    Raises:
        NotImplementedError: for now.
    """
    raise NotImplementedError(
        f"reading media from a link is not there yet: {url}; download the file and give its path"
    )
