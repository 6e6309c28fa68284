"""A request as it was sent, and what came back."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn, Self

from hfhub.errors import HubConnectionError, HubTimeoutError
from hfhub.http.address import join_url, shown
from hfhub.http.pool import POOL

if TYPE_CHECKING:
    from types import TracebackType

    from hfhub.http.headers import Headers
    from hfhub.http.wire import Body, Connection

_PIECE = 1 << 20
_UNREAD = object()
# More than any error or redirect has to say.
_ASIDE = 1 << 18
# What is read into memory in one piece is an API's answer. The largest, all names of a repository
# with a million files, has about 100 MB; a server that goes on for ever must not fill the memory.
_CONTENT_LIMIT = 1 << 28
# A few bytes of gzip may stand for gigabytes, and it comes from no Hub: we ask for none.
_PLAIN_LIMIT = 1 << 26


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked. The headers are not kept: they hold the token."""

    method: str
    url: str


class Response:
    """An answer; its body is read already, or read piece by piece inside a ``with``.

    Attributes:
        status_code: the HTTP status.
        headers: the headers, by name in any case.
        url: the URL that answered, after redirects.
        request: the last request.
        reason: the words after the status.
        history: the redirects that led here, first one first.
    """

    __slots__ = (
        "_body",
        "_connection",
        "_content",
        "_end",
        "_json",
        "_keeps_alive",
        "headers",
        "history",
        "reason",
        "request",
        "status_code",
        "url",
    )

    def __init__(
        self,
        request: Request,
        status_code: int,
        headers: Headers,
        *,
        reason: str = "",
        content: bytes | None = None,
        history: tuple[Response, ...] = (),
    ) -> None:
        self.request = request
        self.url = request.url
        self.status_code = status_code
        self.headers = headers
        self.reason = reason
        self.history = history
        self._content = content
        self._json: Any = _UNREAD
        self._connection: Connection | None = None
        self._body: Body | None = None
        self._keeps_alive = False
        self._end: float | None = None

    def attach(self, connection: Connection, body: Body, *, keeps_alive: bool) -> None:
        """Let the body be read from ``connection``, which goes back to the pool at its end."""
        self._connection = connection
        self._body = body
        self._keeps_alive = keeps_alive
        if body.ended:
            self._release()

    def must_end_by(self, moment: float) -> None:
        """Break off reading the body at ``moment`` of `time.monotonic`, however it drips."""
        self._end = moment

    # --- the whole body

    @property
    def content(self) -> bytes:
        """The body; reads what has not been read, once.

        Raises:
            HubConnectionError: if the body breaks off, or is larger than any answer of an API;
                `HubTimeoutError` if it stalls.
        """
        if self._content is None:
            self._content = self._decoded(self._read_all(_CONTENT_LIMIT))
        return self._content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON, parsed once.

        Raises:
            ValueError: if it is not JSON.
        """
        if self._json is _UNREAD:
            try:
                self._json = json.loads(self.content)
            except RecursionError:
                raise ValueError("it is nested too deeply") from None
        return self._json

    @property
    def ok(self) -> bool:
        """Whether the status is below 400."""
        return self.status_code < 400

    @property
    def is_redirect(self) -> bool:
        """Whether the answer points elsewhere."""
        return self.status_code in (301, 302, 303, 307, 308) and "location" in self.headers

    @property
    def location(self) -> str:
        """Where a redirect points, as an absolute URL; empty if the answer is none."""
        return join_url(self.url, self.headers["location"]) if self.is_redirect else ""

    def raise_for_status(self) -> None:
        """Raise the typed error that the answer stands for, if it is one."""
        from hfhub.http.status import raise_for_status

        raise_for_status(self)

    # --- piece by piece

    @property
    def length(self) -> int | None:
        """How many bytes the body has, or None if the server did not say."""
        return self._body.length if self._body is not None else len(self._content or b"")

    def read(self, n: int = -1) -> bytes:
        """The next ``n`` bytes of the body, or all that are left; fewer only at its end.

        Raises:
            HubConnectionError: if the body breaks off; `HubTimeoutError` if it stalls.
        """
        if n < 0:
            return self._read_all(None)
        data = bytearray(min(n, _PIECE))
        filled = 0
        while filled < n:
            if filled == len(data):
                data.extend(bytes(min(n - filled, len(data))))
            with memoryview(data) as view:
                count = self.readinto(view[filled:n])
            if not count:
                break
            filled += count
        del data[filled:]
        return bytes(data)

    def read_aside(self) -> None:
        """Read a body that is not what was asked for: an error's, or a redirect's own text.

        What is beyond all reason is left unread, and what breaks off is let go: the head has said
        what matters.
        """
        if self._content is None:
            try:
                self._content = self._decoded(self.read(_ASIDE))
            except HubConnectionError:
                self._content = b""
            self.close()

    def readinto(self, buffer: memoryview) -> int:
        """Fill some of ``buffer``; 0 only at the end of the body.

        Raises:
            HubConnectionError: if the body breaks off; `HubTimeoutError` if it stalls.
        """
        connection, body = self._connection, self._body
        if connection is None or body is None:
            return 0
        try:
            count = body.readinto(connection, buffer)
        except TimeoutError as error:
            self.close()
            raise HubTimeoutError(shown(self.url), str(error) or "the body stalled") from error
        except OSError as error:
            self.close()
            raise HubConnectionError(shown(self.url), str(error) or type(error).__name__) from error
        if self._end is not None and not body.ended and time.monotonic() > self._end:
            self.close()
            raise HubTimeoutError(shown(self.url), "the body did not end in time") from None
        if body.ended:
            self._release()
        return count

    def _read_all(self, limit: int | None) -> bytes:
        """What is left of the body; more than ``limit`` bytes are an error."""
        connection, body = self._connection, self._body
        if connection is None or body is None:
            return b""
        if body.left is not None and (here := connection.take(body.left)) is not None:
            # A small body comes in one piece with the head.
            body.ended, body.left = True, 0
            self._release()
            return here
        if limit is not None and (body.left or 0) > limit:
            self._refuse(limit)
        pieces = []
        count = 0
        while piece := self.read(_PIECE):
            pieces.append(piece)
            count += len(piece)
            if limit is not None and count > limit:
                self._refuse(limit)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _refuse(self, limit: int) -> NoReturn:
        self.close()
        raise HubConnectionError(shown(self.url), f"the answer is over {limit} bytes; is it a Hub?")

    def _decoded(self, data: bytes) -> bytes:
        """``data`` without the content coding that a server may add unasked."""
        if self.headers.get("content-encoding", "identity").lower() not in ("gzip", "x-gzip"):
            return data
        if not data:
            return data
        import zlib

        unpacker = zlib.decompressobj(wbits=31)
        try:
            plain = unpacker.decompress(data, _PLAIN_LIMIT)
        except zlib.error as error:
            raise HubConnectionError(shown(self.url), f"damaged gzip body: {error}") from error
        if not unpacker.eof:
            over = len(plain) >= _PLAIN_LIMIT
            reason = f"it is over {_PLAIN_LIMIT} bytes" if over else "it ends early"
            raise HubConnectionError(shown(self.url), f"damaged gzip body: {reason}")
        return plain

    # --- the end

    def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        if self._keeps_alive:
            POOL.give(connection)
        else:
            connection.close()

    def close(self) -> None:
        """Let go of the connection; what is unread stays so."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Response {self.status_code} {self.request.method} {shown(self.url)}>"

    def __reduce__(self) -> tuple[Any, ...]:
        content = self._content if self._content is not None else b""
        return _rebuild, (self.request, self.status_code, self.headers, self.reason, content)


def _rebuild(
    request: Request, status_code: int, headers: Headers, reason: str, content: bytes
) -> Response:
    return Response(request, status_code, headers, reason=reason, content=content)
