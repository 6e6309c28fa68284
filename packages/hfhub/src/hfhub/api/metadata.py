"""What one HEAD says about a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hfhub.digest import normalize_etag
from hfhub.errors import FileMetadataError

if TYPE_CHECKING:
    from hfhub.http import Client, Response


@dataclass(frozen=True, slots=True)
class HfFileMetadata:
    """A file on the Hub.

    Attributes:
        commit_hash: the commit that was asked for, resolved.
        etag: the digest of its bytes, without quotes.
        location: where its bytes are: a URL of the Hub, or a signed one elsewhere.
        size: bytes, or None if the server did not say.
        xet_file_data: always None; Xet storage is read through its HTTP bridge.
    """

    commit_hash: str | None
    etag: str | None
    location: str
    size: int | None
    xet_file_data: Any = None


def file_metadata(
    client: Client, url: str, *, timeout: float | None = None, retry: bool = True
) -> HfFileMetadata:
    """Ask for the head of the file at ``url``; its bytes stay where they are.

    Args:
        client: who asks.
        url: a ``resolve`` URL, or its path at the endpoint.
        timeout: seconds to wait for the answer; by default ``settings.etag_timeout``.
        retry: whether to try again after what passes by itself.

    Raises:
        RemoteEntryNotFoundError: if there is no such file.
        RepositoryNotFoundError: if there is no such repository for this token.
        RevisionNotFoundError: if it has no such revision.
    """
    return metadata_of(client.request("HEAD", url, timeout=timeout, retry=retry))


def metadata_of(response: Response) -> HfFileMetadata:
    """What the head of a file's answer says, redirect or not."""
    headers = response.headers
    etag = headers.get("x-linked-etag") or headers.get("etag")
    size = headers.integer("x-linked-size")
    if size is None and not response.is_redirect:  # else it is the length of the redirect's text
        size = headers.integer("content-length")
    return HfFileMetadata(
        commit_hash=headers.get("x-repo-commit"),
        etag=normalize_etag(etag) if etag else None,
        location=response.location or response.url,
        size=size,
    )


def require_complete(metadata: HfFileMetadata, url: str) -> None:
    """Check that the answer came from a Hub.

    Raises:
        FileMetadataError: if it names no commit or no etag.
    """
    missing = "commit" if metadata.commit_hash is None else "etag"
    if metadata.commit_hash is None or metadata.etag is None:
        raise FileMetadataError(
            f"the answer for {url} names no {missing}, so it is not a Hub's. "
            "A proxy or a mirror in between that drops headers is the usual cause"
        )
