"""Ranges of a remote file: renewed links, and going on at the byte after a cut."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from hfhub.errors import HfHubHTTPError, HubConnectionError, IntegrityError
from hfhub.http.retry import Retry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.http import Client, Response

_PIECE = 1 << 18
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
# What a signed link answers when its time is over.
_EXPIRED = (401, 403, 404, 410)


class RangeReader:
    """Reads a file of the Hub at a commit, whose bytes never change.

    It may be used by many threads. The first request follows the redirect to where the bytes are;
    the next ones go there directly, until the link expires.
    """

    def __init__(self, client: Client, url: str, size: int) -> None:
        """Read the file at ``url``, which has ``size`` bytes."""
        self._client = client
        self._url = client.url(url)
        self._target = self._url
        self.size = size

    def read(self, start: int, end: int) -> bytes:
        """The bytes from ``start`` up to ``end``, both within the file.

        Raises:
            HubConnectionError: if they cannot be had within the deadline.
            HfHubHTTPError: if the Hub refuses.
        """
        start, end = max(0, start), min(end, self.size)
        if start >= end:
            return b""
        data = b"".join(self.stream(start, end))
        if len(data) != end - start:
            raise IntegrityError(self._url, f"{end - start} bytes", f"{len(data)} bytes")
        return data

    def stream(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` up to ``end``, in pieces as they come.

        A stream that is cut or stalls goes on at the byte where it stopped.
        """
        end = self.size if end is None else min(end, self.size)
        settings = self._client.settings
        while start < end:
            retry = Retry(attempts=settings.attempts, deadline=settings.deadline, twice=True)
            while True:
                try:
                    for piece in self._pieces(start, end):
                        yield piece
                        start += len(piece)
                        # Progress: whatever comes next is a new failure.
                        retry = Retry(
                            attempts=settings.attempts, deadline=settings.deadline, twice=True
                        )
                    break
                except HubConnectionError:
                    wait = retry.after_failure()
                    if wait is None:
                        raise
                    time.sleep(wait)

    def _pieces(self, start: int, end: int) -> Iterator[bytes]:
        with self._ask(start, end) as response:
            left = end - start
            if response.status_code == 200:
                _skip(response, start)  # the server ignores ranges
            buffer = memoryview(bytearray(min(_PIECE, left)))
            # `readinto` gives what has come: `read` would lose it when the connection breaks.
            while left and (count := response.readinto(buffer[:left])):
                left -= count
                yield bytes(buffer[:count])
            if left:
                raise HubConnectionError(self._url, f"the answer lacks {left} bytes")

    def _ask(self, start: int, end: int) -> Response:
        headers = {"range": f"bytes={start}-{end - 1}"}
        target = self._target
        try:
            response = self._client.stream("GET", target, headers=headers)
        except HfHubHTTPError as error:
            if target == self._url or error.response.status_code not in _EXPIRED:
                raise
            response = self._client.stream("GET", self._url, headers=headers)
        self._target = response.url
        if response.status_code == 206:
            found = _RANGE.fullmatch(response.headers.get("content-range", ""))
            if found is None or int(found[1]) != start or int(found[2]) >= self.size:
                got = response.headers.get("content-range", "no Content-Range")
                response.close()
                raise IntegrityError(self._url, f"bytes {start}-{end - 1}/{self.size}", got)
        return response


def _skip(response: Response, count: int) -> None:
    while count:
        skipped = len(response.read(min(_PIECE, count)))
        if not skipped:
            raise HubConnectionError(response.url, "the file is shorter than its listing says")
        count -= skipped
