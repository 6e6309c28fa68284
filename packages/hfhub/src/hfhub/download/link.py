"""The way to one file's bytes: by the Hub to where they lie, again when a link expires."""

from __future__ import annotations

import re
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.download.ledger import storable_etag
from hfhub.errors import HfHubHTTPError, HubConnectionError

if TYPE_CHECKING:
    from types import TracebackType

    from hfhub.http import Client, Response

_CONTENT_RANGE = re.compile(r"bytes +([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\*)")
# What storage services say to a link that has expired or was revoked.
_EXPIRED = frozenset({400, 401, 403, 404, 410})
_RENEWALS = 3


@dataclass(slots=True)
class Opened:
    """An answer whose body is about to be read, in a ``with``.

    Attributes:
        response: the answer.
        start: where in the file its first byte belongs; 0 if the server ignored the range.
        total: the size of the whole file, if the server said.
        etag: the strong validator for ``If-Range``, or "".
    """

    response: Response
    start: int
    total: int | None
    etag: str

    def __enter__(self) -> Opened:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.response.close()


class Link:
    """Where the bytes of one file are to be had; any thread may open it.

    Args:
        client: makes the requests.
        url: the file's URL at the Hub, best at a commit.
        target: where the Hub has pointed to before, if that is known.
    """

    def __init__(self, client: Client, url: str, *, target: str | None = None) -> None:
        self._client = client
        self._lock = threading.Lock()
        self._target = target
        self.url = url

    @property
    def is_elsewhere(self) -> bool:
        """Whether the Hub has pointed to another origin for the bytes, such as a CDN."""
        return self._target is not None

    @property
    def target(self) -> str:
        """The URL that gave the bytes last, or the one at the Hub."""
        return self._target or self.url

    def open(
        self, start: int = 0, stop: int | None = None, *, etag: str = "", whole: bool = False
    ) -> Opened:
        """Ask for the bytes from ``start`` to before ``stop`` (None: to the end).

        Args:
            start: first byte.
            stop: the byte after the last.
            etag: the validator of the bytes that we have: others make the server send the whole
                file.
            whole: say nothing of a range.

        Returns:
            The answer, which may be the whole file: look at ``start``.

        Raises:
            HfHubHTTPError: or its subclass; 416 if the file ends before ``start``.
            HubConnectionError: if there was no usable answer; `HubTimeoutError`.
        """
        headers: dict[str, str] = {}
        if not whole and (start or stop is not None):
            headers["range"] = f"bytes={start}-{'' if stop is None else stop - 1}"
            if etag:
                headers["if-range"] = etag
        renewals = 0
        while True:
            target = self._target
            if target is None:
                # One thread asks the Hub, the others then use what it was told.
                with self._lock:
                    if self._target is None:
                        opened = self._open_at_hub(headers)
                        if opened is not None:
                            return self._checked(opened, start, stop)
                continue
            try:
                response = self._client.stream("GET", target, headers=headers, redirects="follow")
            except HfHubHTTPError as error:
                renewals += 1
                if error.response.status_code not in _EXPIRED or renewals > _RENEWALS:
                    raise
                self._forget(target)
                continue
            return self._checked(response, start, stop)

    def _open_at_hub(self, headers: dict[str, str]) -> Response | None:
        """The Hub's answer if it has the bytes itself, or None and the target is known."""
        response = self._client.stream("GET", self.url, headers=headers, redirects="same-origin")
        if not response.is_redirect:
            return response
        target = response.location
        response.must_end_by(time.monotonic() + self._client.settings.etag_timeout)
        response.read_aside()  # a redirect's text: read, so that the connection stays usable
        self._target = target
        return None

    def _forget(self, target: str) -> None:
        with self._lock:
            if self._target == target:
                self._target = None

    def _checked(self, response: Response, start: int, stop: int | None) -> Opened:
        """Take ``response`` for what it says that it is, if that answers the question."""
        etag = storable_etag(response.headers.get("etag"))
        if response.status_code == 200:
            return Opened(response, 0, response.length, etag)
        match = _CONTENT_RANGE.fullmatch(response.headers.get("content-range", ""))
        if response.status_code != 206 or match is None:
            reason = f"status {response.status_code} and no usable Content-Range"
        else:
            first, last = int(match[1]), int(match[2])
            total = None if match[3] == "*" else int(match[3])
            if first == start and last >= first and (stop is None or last < stop):
                return Opened(response, start, total, etag)
            reason = f"bytes {first}-{last} came for a request of {start}-"
        response.close()
        raise HubConnectionError(response.url.partition("?")[0], reason)
