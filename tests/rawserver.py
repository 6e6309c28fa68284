"""A TCP server that answers with whatever bytes a test wants, well-formed or not."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


@dataclass(frozen=True)
class Asked:
    """A request as it came over the wire; ``connection`` counts connections from 0."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass(frozen=True)
class Say:
    """Bytes to send, what becomes of the connection then, and bytes that drip for ever."""

    data: bytes
    then: Literal["keep", "close", "reset", "hold"] = "keep"
    drip: bytes = b""


def answer(
    status: int = 200, body: bytes | str = b"", *headers: str, reason: str = "Some Reason"
) -> bytes:
    """A well-formed answer; ``headers`` are whole lines."""
    data = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} {reason}", *headers]
    if not any(line.lower().startswith(("content-length:", "transfer-enc")) for line in headers):
        lines.append(f"Content-Length: {len(data)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + data


class RawServer:
    """Serves on loopback until the end of the ``with``."""

    def __init__(
        self,
        respond: Callable[[Asked], bytes | Say],
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._respond = respond
        self._tls = tls
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.asked: list[Asked] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._closing = False
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self.hang_up()
        self._thread.join()

    def hang_up(self) -> None:
        """Close every connection that a client holds open."""
        for sock in list(self._open):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def _accept(self) -> None:
        while not self._closing:
            try:
                sock, _ = self._socket.accept()
            except OSError:
                return
            number = self.connections
            self.connections += 1
            self._open.append(sock)
            threading.Thread(target=self._talk, args=(sock, number), daemon=True).start()

    def _talk(self, sock: socket.socket, number: int) -> None:
        try:
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
                self._open.append(sock)
            while (asked := _read(sock, number)) is not None:
                self.asked.append(asked)
                said = self._respond(asked)
                say = Say(said) if isinstance(said, bytes) else said
                sock.sendall(say.data)
                while say.drip:
                    sock.sendall(say.drip)
                    time.sleep(0.01)
                if say.then == "hold":
                    while sock.recv(1024):
                        pass
                if say.then == "reset":
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                if say.then != "keep":
                    break
        except OSError:
            pass
        finally:
            with contextlib.suppress(OSError):
                sock.close()


def _read(sock: socket.socket, number: int) -> Asked | None:
    data = b""
    while b"\r\n\r\n" not in data:
        more = sock.recv(65536)
        if not more:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ")
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    length = int(headers.get("content-length", 0))
    while len(body) < length:
        body += sock.recv(65536)
    return Asked(method, target, headers, body, number)
