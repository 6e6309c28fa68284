"""A threaded HTTP/1.1 server: one listening socket, one thread a connection, kept alive."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import TYPE_CHECKING

from hfhub.local_hub.wire import Answer, BadCall, Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.local_hub.wire import Call, Origin


class Server:
    """Answers calls on one port until it is closed.

    Args:
        host: the address to listen at.
        port: the port, or 0 for a free one.
        origin: what its calls are marked with.
        answer: makes the answer to a call, and a function that is told of body bytes sent.
    """

    def __init__(
        self,
        host: str,
        port: int,
        origin: Origin,
        answer: Callable[[Call], tuple[Answer, Callable[[int], None]]],
    ) -> None:
        self._answer = answer
        self._origin = origin
        self._stopping = threading.Event()
        self._lines: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = threading.Thread(
            target=self._accept, name=f"local-hub-{origin}-{self.port}", daemon=True
        )
        self._acceptor.start()

    def pause(self, seconds: float) -> bool:
        """Wait; whether the server is being stopped meanwhile."""
        return self._stopping.wait(seconds)

    def close(self) -> None:
        """Stop listening, cut every connection and wait for the threads."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        self._acceptor.join()
        with self._guard:
            lines = list(self._lines.items())
        for sock, _ in lines:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for _, thread in lines:
            thread.join()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                if self._stopping.is_set():
                    return
                continue  # the client went away before it was taken
            thread = threading.Thread(target=self._serve, args=(sock,), daemon=True)
            with self._guard:
                self._lines[sock] = thread
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        try:
            with sock, contextlib.suppress(OSError):  # a client may leave at any moment
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._converse(Line(sock, self._origin))
        finally:
            with self._guard:
                self._lines.pop(sock, None)

    def _converse(self, line: Line) -> None:
        while not self._stopping.is_set():
            try:
                call = line.read_call()
            except BadCall as error:
                self._send_last(line, 400, error)
                return
            if call is None:
                return
            try:
                answer, sent = self._answer(call)
            except Exception as error:
                # The client is told, so that it need not wait; the traceback goes to the log.
                self._send_last(line, 500, error)
                raise
            if call.headers.get("connection", "").lower() == "close":
                answer.close = True
            head_only = call.method == "HEAD"
            if not line.send(answer, head_only=head_only, pause=self.pause, sent=sent):
                return

    def _send_last(self, line: Line, status: int, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}\n".encode()
        answer = Answer(status, {"Content-Type": "text/plain; charset=utf-8"}, text, close=True)
        line.send(answer, head_only=False, pause=self.pause, sent=_ignore)


def _ignore(_: int) -> None:
    return None
