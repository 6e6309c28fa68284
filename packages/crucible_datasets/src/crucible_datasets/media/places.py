"""Where the bytes of a media value are: a local file, or a link."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def is_remote(path: str) -> bool:
    """Whether the path is a link: it has a scheme (``hf://``, ``https://``, ``s3://`` ...)."""
    scheme, separator, _ = path.partition("://")
    return bool(separator) and len(scheme) > 1 and scheme != "file"


def is_local(path: str) -> bool:
    """Whether the path is one of this machine, a Windows drive letter included."""
    return not is_remote(path)


def read_bytes(path: str, token_per_repo_id: Any = None) -> bytes:
    """The bytes at a local path or a link.

    Args:
        path: a local path, ``hf://datasets/owner/name/file``, or an ``https://`` link.
        token_per_repo_id: repository id -> token, for links into the Hub.

    Raises:
        OSError: if they can't be read.
    """
    if is_local(path):
        return Path(path.removeprefix("file://")).read_bytes()
    from crucible_datasets.media.remote import read_remote

    return read_remote(path, token_per_repo_id)
