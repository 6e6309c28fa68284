"""HTTP/1.1 on one connection: calls come out of it, answers go into it."""

from __future__ import annotations

import contextlib
import socket
import struct
from typing import TYPE_CHECKING

from hfhub.local_hub.body import FileSpan, Flow, bytes_of, chunks_of, slice_of
from hfhub.local_hub.call import BadCall, Call

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hfhub.local_hub.answer import Answer, Delivery
    from hfhub.local_hub.call import Origin

_MAX_HEAD = 64 * 1024
_MAX_BODY = 64 * 1024 * 1024
_CHUNK = 256 * 1024
_DO_NOT_WAIT = getattr(socket, "MSG_DONTWAIT", 0)  # Windows has none, and waits


class Line:
    """One connection: calls come out of it, answers go into it."""

    def __init__(self, sock: socket.socket, origin: Origin) -> None:
        self._sock = sock
        self._origin = origin
        self._buffer = b""

    @property
    def socket(self) -> socket.socket:
        """The connection itself, to wait on."""
        return self._sock

    def receive(self) -> bool:
        """Take in what has come; whether the client is still there.

        Raises:
            OSError: if the connection broke.
        """
        more = self._sock.recv(_CHUNK)
        self._buffer += more
        return bool(more)

    def has_head(self) -> bool:
        """Whether a whole head has come, or so much that it is none."""
        return b"\r\n\r\n" in self._buffer or len(self._buffer) > _MAX_HEAD

    def is_bodiless(self) -> bool:
        """Whether the next request surely needs no more bytes than have come."""
        head = self._buffer[: self._buffer.find(b"\r\n\r\n")].lower()
        return head.startswith((b"get ", b"head ")) and not (
            b"\ncontent-length:" in head or b"\ntransfer-encoding:" in head
        )

    def cut(self) -> None:
        """End the connection in both directions; a thread that waits on it goes on."""
        with contextlib.suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._sock.close()

    def read_call(self) -> Call | None:
        """The next request, or None when the client has gone.

        Raises:
            BadCall: if it is not HTTP.
            OSError: if the connection broke.
        """
        head = self._read_head()
        if head is None:
            return None
        first, *rest = head.split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            raise BadCall(f"not a request line: {first[:80]!r}")
        headers: dict[str, str] = {}
        for line in rest:
            name, colon, value = line.partition(":")
            if not colon:
                raise BadCall(f"not a header: {line[:80]!r}")
            headers[name.lower()] = value.strip()
        target = words[1]
        if target.startswith("http://"):  # to a proxy: the origin goes, the path stays
            target = "/" + target[7:].partition("/")[2]
        if not target.startswith("/"):
            raise BadCall(f"not a path: {target[:80]!r}")
        return Call(words[0].upper(), target, headers, self._read_body(headers), self._origin)

    def _read_head(self) -> str | None:
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            if len(self._buffer) > _MAX_HEAD:
                raise BadCall(f"the headers are longer than {_MAX_HEAD} bytes")
            more = self._sock.recv(_CHUNK)
            if not more:
                return None
            self._buffer += more
        head, self._buffer = self._buffer[:end], self._buffer[end + 4 :]
        return head.lstrip(b"\r\n").decode("latin-1")

    def _read_body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("expect", "").lower() == "100-continue":
            self._sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in headers.get("transfer-encoding", "").lower():
            return self._read_chunks()
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > _MAX_BODY:
            raise BadCall(f"a body of {length[:20]} bytes is not taken")
        return self._take(int(length))

    def _read_chunks(self) -> bytes:
        body = b""
        while chunk := self._read_chunk():
            body += chunk
            if len(body) > _MAX_BODY:
                raise BadCall(f"a body of more than {_MAX_BODY} bytes is not taken")
        return body

    def _read_chunk(self) -> bytes:
        size = self._take_line()
        try:
            count = int(size.partition(b";")[0], 16)
        except ValueError:
            raise BadCall(f"not a chunk size: {size[:20]!r}") from None
        if count > _MAX_BODY:
            raise BadCall(f"a chunk of {count} bytes is not taken")
        chunk = self._take(count)
        self._take_line()
        return chunk

    def _take_line(self) -> bytes:
        while b"\r\n" not in self._buffer:
            self._fill()
        line, _, self._buffer = self._buffer.partition(b"\r\n")
        return line

    def _take(self, count: int) -> bytes:
        while len(self._buffer) < count:
            self._fill()
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def _fill(self) -> None:
        more = self._sock.recv(_CHUNK)
        if not more:
            raise BadCall("the body ended early")
        self._buffer += more

    def send(
        self,
        answer: Answer,
        *,
        head_only: bool,
        pause: Callable[[float], bool],
        sent: Callable[[int], None],
    ) -> bool:
        """Write ``answer``; whether the connection may be used again.

        Args:
            answer: what to send.
            head_only: whether the call was a HEAD.
            pause: waits that many seconds, and says whether the server is being stopped.
            sent: is told how many bytes of the body go out, before they do.
        """
        if head_only:
            self._sock.sendall(answer.head())
        elif answer.delivery is not None:
            return self._deliver(answer, answer.delivery, pause, sent)
        elif isinstance(answer.body, FileSpan):
            sent(answer.body.count)
            self._send_file(answer.head(), answer.body)
        elif isinstance(answer.body, Flow):
            return self._send_flow(answer, answer.body, sent)
        else:
            sent(len(answer.body))
            self._send_bytes(answer.head(), answer.body)
        return not answer.close

    def _send_flow(self, answer: Answer, flow: Flow, sent: Callable[[int], None]) -> bool:
        """Pass a body on; the connection goes when its source fails, so that the client knows."""
        self._sock.sendall(answer.head())
        left = flow.count
        try:
            for chunk in flow.chunks:
                sent(len(chunk))
                self._sock.sendall(chunk)
                left -= len(chunk)
        except ConnectionError:
            return False
        return left == 0 and not answer.close

    def send_what_fits(self, answer: Answer, *, head_only: bool) -> memoryview:
        """Write as much of a small answer as goes without waiting for the client; the rest of it.

        Raises:
            OSError: if the connection broke.
        """
        whole = answer.head() if head_only else answer.head() + bytes_of(answer.body)
        try:
            count = self._sock.send(whole, _DO_NOT_WAIT)
        except BlockingIOError:
            count = 0
        return memoryview(whole)[count:]

    def _send_bytes(self, head: bytes, body: bytes | memoryview) -> None:
        if len(body) <= _CHUNK:
            self._sock.sendall(head + bytes(body))
        else:
            self._sock.sendall(head)
            self._sock.sendall(body)

    def _send_file(self, head: bytes, span: FileSpan) -> None:
        if span.count <= _CHUNK:
            self._sock.sendall(head + slice_of(span, 0, None))
            return
        with span.path.open("rb", buffering=0) as file:
            self._sock.sendall(head)
            self._sock.sendfile(file, span.start, span.count)

    def _deliver(
        self,
        answer: Answer,
        delivery: Delivery,
        pause: Callable[[float], bool],
        sent: Callable[[int], None],
    ) -> bool:
        """Send a body the way ``delivery`` wants it."""
        self._sock.sendall(answer.head())
        place = 0
        stop = delivery.stop_after
        stalled = False
        step = _CHUNK if delivery.rate is None else max(1, min(_CHUNK, int(delivery.rate / 20)))
        for chunk in chunks_of(answer.body, step, stop):
            if delivery.flip is not None and place <= delivery.flip < place + len(chunk):
                turned = bytearray(chunk)
                turned[delivery.flip - place] ^= 0xFF
                chunk = bytes(turned)
            if stop is not None and place == stop and not stalled:
                if delivery.ending != "stall":
                    break
                stalled = True
                if pause(delivery.stall):
                    return False
            sent(len(chunk))
            self._sock.sendall(chunk)
            place += len(chunk)
            if delivery.rate is not None and pause(len(chunk) / delivery.rate):
                return False
        if stop is not None and delivery.ending != "stall" and stop <= len(answer.body):
            if delivery.ending == "reset":
                self._arm_reset()
            return False
        return not answer.close

    def _arm_reset(self) -> None:
        """Make closing send a RST, as a crashed host or a middlebox would."""
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
