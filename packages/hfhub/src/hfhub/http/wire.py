"""One HTTP/1.1 connection: bytes out, a head and a body in.

Written on plain sockets: importing ``http.client`` costs 25 ms, mostly for its e-mail parser, and a
request through it 141 us of processor time where one through this takes 52 us
(``benchmarks/results/http_requests.md``).
"""

from __future__ import annotations

import re
import select
import time
from typing import TYPE_CHECKING, NamedTuple, Protocol

from hfhub.http.headers import Headers

if TYPE_CHECKING:
    import socket
    import ssl

_HEAD_LIMIT = 1 << 18
_LINE_LIMIT = 1 << 14
_CHUNK = 1 << 16
_STATUS_LINE = re.compile(r"HTTP/1\.([01]) +([1-5]\d\d)(?: (.*))?")
_LENGTH = re.compile(r"[0-9]{1,18}")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")


class WireError(ConnectionError):
    """The other side did not keep to HTTP, or hung up in the middle."""


class NoAnswer(WireError):
    """The connection ended before the first byte of an answer."""


class Head(NamedTuple):
    """The first lines of an answer."""

    status: int
    reason: str
    headers: Headers
    keeps_alive: bool


class Connection:
    """A connected socket and the bytes that were read too far."""

    __slots__ = ("_rest", "_sock", "_timeout", "reused", "route")

    def __init__(self, sock: socket.socket | ssl.SSLSocket, route: object) -> None:
        self._sock = sock
        self._rest = b""
        self._timeout = sock.gettimeout()
        self.route = route
        self.reused = False

    def set_timeout(self, seconds: float | None) -> None:
        """Let each following send and receive take ``seconds`` at most."""
        if seconds != self._timeout:
            self._sock.settimeout(seconds)
            self._timeout = seconds

    def send(self, data: bytes) -> None:
        """Send all of ``data``."""
        self._sock.sendall(data)

    def read_head(self, deadline: float) -> Head:
        """Wait for an answer and read it up to its body.

        Args:
            deadline: the `time.monotonic()` at which to give up, however many bytes drip in.

        Raises:
            NoAnswer: if the connection ends before the first byte.
            WireError: if what comes is not HTTP/1.
            TimeoutError: if the head is not there in time.
        """
        while True:
            head = _parse_head(self._read_head_bytes(deadline))
            if head.status >= 200 or head.status == 101:
                return head
            if time.monotonic() > deadline:
                raise TimeoutError("nothing but interim answers came in time")

    def _read_head_bytes(self, deadline: float) -> bytes:
        data = self._rest
        while (end := data.find(b"\r\n\r\n")) < 0:
            if len(data) > _HEAD_LIMIT:
                raise WireError(f"the head of the answer is over {_HEAD_LIMIT} bytes")
            if data and time.monotonic() > deadline:
                raise TimeoutError("the head of the answer did not end in time")
            more = self._sock.recv(_CHUNK)
            if not more:
                if data:
                    raise WireError("the answer ended inside its head")
                raise NoAnswer("the connection was closed without an answer")
            data = data + more if data else more
        self._rest = data[end + 4 :]
        return data[:end]

    def readinto(self, buffer: memoryview) -> int:
        """Fill some of ``buffer``; 0 means that the other side hung up."""
        rest = self._rest
        if rest:
            count = min(len(rest), len(buffer))
            buffer[:count] = rest[:count]
            self._rest = rest[count:]
            return count
        return self._sock.recv_into(buffer)

    def take(self, count: int) -> bytes | None:
        """The next ``count`` bytes if they are here already, else None."""
        rest = self._rest
        if len(rest) < count:
            return None
        self._rest = rest[count:]
        return rest[:count] if len(rest) > count else rest

    def readline(self, deadline: float | None = None) -> bytes:
        """The next line without its end.

        Args:
            deadline: the `time.monotonic()` at which to give up, however many bytes drip in; by
                default as long from now as one wait may take.
        """
        while (end := self._rest.find(b"\n")) < 0:
            if len(self._rest) > _LINE_LIMIT:
                raise WireError("a line of a chunked body is too long")
            if deadline is None:
                deadline = self._line_deadline()
            elif time.monotonic() > deadline:
                raise TimeoutError("a line of a chunked body did not end in time")
            more = self._sock.recv(_CHUNK)
            if not more:
                raise WireError("the answer ended inside a chunked body")
            self._rest += more
        line, self._rest = self._rest[:end], self._rest[end + 1 :]
        return line.rstrip(b"\r")

    def skip_lines(self) -> None:
        """Read the lines up to the next empty one: the trailers of a chunked body."""
        deadline = self._line_deadline()
        room = _HEAD_LIMIT
        while line := self.readline(deadline):
            room -= len(line) + 2
            if room < 0:
                raise WireError(f"the trailers of the answer are over {_HEAD_LIMIT} bytes")

    def _line_deadline(self) -> float:
        return time.monotonic() + (self._timeout if self._timeout is not None else float("inf"))

    @property
    def is_idle(self) -> bool:
        """Whether it is quiet: an idle connection that has bytes to read was closed."""
        if self._rest:
            return False
        try:
            poller = select.poll()
            poller.register(self._sock, select.POLLIN | select.POLLERR | select.POLLHUP)
            return not poller.poll(0)
        except AttributeError:  # Windows has no poll
            return not select.select([self._sock], [], [], 0)[0]
        except (OSError, ValueError):
            return False

    def close(self) -> None:
        """Close the socket."""
        self._sock.close()


def _parse_head(data: bytes) -> Head:
    first, *lines = data.decode("latin-1").split("\r\n")
    match = _STATUS_LINE.fullmatch(first)
    if match is None:
        raise WireError(f"the answer is not HTTP/1: it begins with {first[:60]!r}")
    pairs: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (" ", "\t") and pairs:  # a folded line, which old servers still send
            name, value = pairs[-1]
            pairs[-1] = name, f"{value} {line.strip()}"
            continue
        name, colon, value = line.partition(":")
        if not colon or not name or name[-1] in " \t":
            raise WireError(f"the answer has a malformed header line: {line[:60]!r}")
        pairs.append((name, value.strip()))
    headers = Headers(pairs)
    connection = headers.get("connection")
    if connection is None:
        keeps_alive = match[1] == "1"
    elif match[1] == "1":
        keeps_alive = "close" not in connection.lower()
    else:
        keeps_alive = "keep-alive" in connection.lower()
    return Head(int(match[2]), match[3] or "", headers, keeps_alive)


class Body(Protocol):
    """The bytes after a head."""

    ended: bool
    length: int | None
    left: int | None

    def readinto(self, connection: Connection, buffer: memoryview) -> int:
        """Fill some of ``buffer``; 0 only at the end of the body (or for an empty buffer).

        Raises:
            WireError: if the connection ends before the body does.
        """


def body_of(head: Head, method: str) -> Body:
    """How the bytes after ``head`` are delimited (RFC 9112, section 6.3)."""
    status = head.status
    if method == "HEAD" or status in (204, 304) or status < 200:
        return SizedBody(0)
    coding = head.headers.get("transfer-encoding")
    if coding is not None:
        if coding.lower() != "chunked":
            raise WireError(f"the answer has the transfer coding {coding[:60]!r}")
        return ChunkedBody()
    length = head.headers.get("content-length")
    if length is None:
        return OpenBody()
    if not _LENGTH.fullmatch(length):
        values = {value.strip() for value in length.split(",")}
        length = values.pop()
        if values or not _LENGTH.fullmatch(length):
            raise WireError(f"the answer has the Content-Length {length[:60]!r}")
    return SizedBody(int(length))


class SizedBody:
    """As many bytes as ``Content-Length`` says."""

    __slots__ = ("ended", "left", "length")

    def __init__(self, length: int) -> None:
        self.length: int | None = length
        self.left: int | None = length
        self.ended = length == 0

    def readinto(self, connection: Connection, buffer: memoryview) -> int:
        """Fill some of ``buffer``."""
        left = self.left
        if not left or not buffer:
            return 0
        count = connection.readinto(buffer[:left])
        if not count:
            assert self.length is not None
            raise WireError(
                f"the answer ended early: {self.length - left} of {self.length} bytes came"
            )
        self.left = left - count
        self.ended = self.left == 0
        return count


class ChunkedBody:
    """Chunks that carry their sizes; the last one is empty."""

    __slots__ = ("_chunk", "_started", "ended", "left", "length")

    def __init__(self) -> None:
        self.length: int | None = None
        self.left: int | None = None
        self._chunk = 0
        self._started = False
        self.ended = False

    def readinto(self, connection: Connection, buffer: memoryview) -> int:
        """Fill some of ``buffer``."""
        if self.ended or not buffer:
            return 0
        if not self._chunk:
            self._chunk = self._next_size(connection)
            self.ended = not self._chunk
            if self.ended:
                return 0
        count = connection.readinto(buffer[: self._chunk])
        if not count:
            raise WireError("the answer ended inside a chunked body")
        self._chunk -= count
        return count

    def _next_size(self, connection: Connection) -> int:
        if self._started and connection.readline():
            raise WireError("a chunk of the answer is longer than it says")
        self._started = True
        size = connection.readline().partition(b";")[0].strip()
        if not _CHUNK_SIZE.fullmatch(size):
            raise WireError(f"the answer has the chunk size {size[:60]!r}")
        if not int(size, 16):
            connection.skip_lines()  # trailers
        return int(size, 16)


class OpenBody:
    """Whatever comes until the other side hangs up: nothing tells whether all of it came."""

    __slots__ = ("ended", "left", "length")

    def __init__(self) -> None:
        self.length: int | None = None
        self.left: int | None = None
        self.ended = False

    def readinto(self, connection: Connection, buffer: memoryview) -> int:
        """Fill some of ``buffer``."""
        if self.ended or not buffer:
            return 0
        count = connection.readinto(buffer)
        self.ended = count == 0
        return count
