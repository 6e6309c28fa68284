"""Where the Hub has one file, at which commit, and what its bytes are to come to."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.digest import Digest, normalize_etag
from hfhub.download.ledger import storable_etag
from hfhub.download.link import Link, Opened
from hfhub.errors import FileMetadataError
from hfhub.repo import is_commit

if TYPE_CHECKING:
    from hfhub.http import Client, Response
    from hfhub.repo import RepoRef

__all__ = ["Located", "locate"]


@dataclass(slots=True)
class Located:
    """A file that the Hub has, at a commit.

    Attributes:
        commit: what the revision stands for.
        digest: what the bytes are to come to.
        size: how many there are, or None if the server does not say.
        link: the way to them.
        opened: the answer that brings them, if they were asked for and the Hub has them itself.
    """

    commit: str
    digest: Digest
    size: int | None
    link: Link
    opened: Opened | None = None

    def is_size_of(self, local: str) -> bool:
        """Whether the file ``local`` is as large, as far as the server has said how large it is."""
        return self.size is None or os.stat(local).st_size == self.size

    def close(self) -> None:
        """Let go of the answer."""
        if self.opened is not None:
            self.opened.response.close()
            self.opened = None


def locate(client: Client, ref: RepoRef, path: str, *, bytes_too: bool, retry: bool) -> Located:
    """Ask the Hub for a file with one request, redirects apart.

    Args:
        client: makes the request.
        ref: the repository at a revision.
        path: the file's path in it.
        bytes_too: ask with GET, so that a file which is needed anyway comes with the first answer.
        retry: try again after 429, 5xx and broken connections.

    Raises:
        FileMetadataError: if the answer lacks the commit, or an etag that is a digest.
        HfHubHTTPError: or its subclass.
        HubConnectionError: if no answer came.
    """
    url = client.url(ref.resolve_path(path))
    timeout = client.settings.etag_timeout
    if bytes_too:
        response = client.stream("GET", url, timeout=timeout, redirects="same-origin", retry=retry)
    else:
        response = client.request("HEAD", url, timeout=timeout, retry=retry)
    try:
        commit = _header(response, "x-repo-commit")
        if commit is None or not is_commit(commit):
            raise FileMetadataError(
                f"{url}: the answer has no commit in 'X-Repo-Commit', so it does not come from a "
                "Hub. Check HF_ENDPOINT, the proxy variables and the firewall"
            )
        etag = _etag(response)
        digest = Digest.from_etag(etag)
        if digest is None:
            raise FileMetadataError(
                f"{url}: the etag {etag!r} is neither a sha256 nor a git sha1, so the bytes could "
                "not be verified. Check HF_ENDPOINT and the proxy variables"
            )
        size = _size(response)
        at_commit = client.url(ref.at(commit).resolve_path(path))
        if response.is_redirect:
            link = Link(client, at_commit, target=response.location)
            response.must_end_by(time.monotonic() + timeout)
            response.read_aside()  # its own text, read so that the connection stays usable
            return Located(commit, digest, size, link)
        opened = None
        if bytes_too:
            opened = Opened(response, 0, size, storable_etag(response.headers.get("etag")))
        return Located(commit, digest, size, Link(client, at_commit), opened)
    except BaseException:  # the answer's body is of no use any more
        response.close()
        raise


def _etag(response: Response) -> str | None:
    etag = _header(response, "x-linked-etag") or response.headers.get("etag")
    return None if etag is None else normalize_etag(etag)


def _size(response: Response) -> int | None:
    for answer in (response, *reversed(response.history)):
        if (linked := answer.headers.integer("x-linked-size")) is not None:
            return linked
    # On a redirect this would be the length of the redirect's own text.
    return None if response.is_redirect else response.headers.integer("content-length")


def _header(response: Response, name: str) -> str | None:
    """The header, also from a redirect on the way: not every mirror repeats it at the end."""
    for answer in (response, *reversed(response.history)):
        if name in answer.headers:
            return answer.headers[name]
    return None
