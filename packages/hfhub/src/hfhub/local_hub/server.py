"""An HTTP/1.1 server on one port: quick answers in turn by one thread, long ones by their own.

Under Python's global lock, a thread a connection would spend most of its time on handing the lock
around: measured with eight connections, three times the processor time for the same requests.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections import deque
from typing import TYPE_CHECKING

from hfhub.local_hub.answer import Answer
from hfhub.local_hub.body import Flow
from hfhub.local_hub.call import BadCall
from hfhub.local_hub.line import Line
from hfhub.local_hub.pace import hurried

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.local_hub.body import Body
    from hfhub.local_hub.call import Call, Origin

_SMALL = 256 * 1024


class Server:
    """Answers calls on one port until it is closed.

    Args:
        host: the address to listen at.
        port: the port, or 0 for a free one.
        origin: what its calls are marked with.
        answer: makes the answer to a call, and a function that is told of body bytes sent.
        patient: whether calls are to be answered by threads, as something slows them down.
    """

    def __init__(
        self,
        host: str,
        port: int,
        origin: Origin,
        answer: Callable[[Call], tuple[Answer, Callable[[int], None]]],
        patient: Callable[[], bool],
    ) -> None:
        self._answer = answer
        self._patient = patient
        self._origin = origin
        self._stopping = threading.Event()
        self._returned: deque[Line] = deque()
        self._lines: set[Line] = set()
        self._threads: set[threading.Thread] = set()
        self._guard = threading.Lock()
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, port), family=family, backlog=512)
        self.port: int = self._listener.getsockname()[1]
        self._wake_in, self._wake_out = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ, self._accept)
        self._selector.register(self._wake_in, selectors.EVENT_READ, self._take_back)
        self._turns = threading.Thread(
            target=self._take_turns, name=f"local-hub-{origin}-{self.port}", daemon=True
        )
        self._turns.start()

    def pause(self, seconds: float) -> bool:
        """Wait; whether the server is being stopped meanwhile."""
        return self._stopping.wait(seconds)

    def close(self) -> None:
        """Stop listening, cut every connection and wait for the threads."""
        self._stopping.set()
        self._wake()
        self._turns.join()
        with self._guard:
            lines, threads = list(self._lines), list(self._threads)
        for line in lines:
            line.cut()  # ends what its thread waits for
        for thread in threads:
            thread.join()
        for line in list(self._lines):
            line.close()
        self._selector.close()
        for sock in (self._listener, self._wake_in, self._wake_out):
            sock.close()

    # On the thread that takes turns.

    def _take_turns(self) -> None:
        while not self._stopping.is_set():
            for key, _ in self._selector.select():
                key.data()

    def _accept(self) -> None:
        try:
            sock, _ = self._listener.accept()
        except OSError:
            return  # the client went away before it was taken
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        line = Line(sock, self._origin)
        with self._guard:
            self._lines.add(line)
        self._register(line)

    def _register(self, line: Line) -> None:
        self._selector.register(line.socket, selectors.EVENT_READ, lambda: self._hear(line))

    def _take_back(self) -> None:
        """Take over the connections that threads are done with."""
        self._wake_in.recv(1024)
        while self._returned:
            line = self._returned.popleft()
            self._register(line)
            self._answer_what_came(line)

    def _hear(self, line: Line) -> None:
        try:
            there = line.receive()
        except OSError:
            there = False
        if there:
            self._answer_what_came(line)
        else:
            self._drop(line)

    def _answer_what_came(self, line: Line) -> None:
        while line.has_head():
            if self._patient() or not line.is_bodiless():
                self._hand_over(line, lambda: self._serve(line, None))
                return
            if not self._answer_in_turn(line):
                return

    def _answer_in_turn(self, line: Line) -> bool:
        """Answer one call; whether the connection stays here."""
        try:
            call = line.read_call()
        except BadCall as error:
            self._send_last(line, 400, error)
            self._drop(line)
            return False
        if call is None:
            self._drop(line)
            return False
        try:
            with hurried():
                answer, sent = self._answer(call)
        except Exception:  # noqa: BLE001 - TakesLong, or a mistake: the thread meets it again
            self._hand_over(line, lambda: self._serve(line, call))
            return False
        head_only = _prepare(call, answer)
        if answer.delivery is not None or (_is_long(answer.body) and not head_only):
            self._hand_over(line, lambda: self._send(line, answer, sent, head_only=head_only))
            return False
        if not head_only:
            sent(len(answer.body))
        try:
            rest = line.send_what_fits(answer, head_only=head_only)
        except OSError:
            self._drop(line)
            return False
        if rest:
            self._hand_over(line, lambda: self._finish(line, rest, keep=not answer.close))
            return False
        if answer.close:
            self._drop(line)
        return not answer.close

    def _drop(self, line: Line) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(line.socket)
        with self._guard:
            self._lines.discard(line)
        line.close()

    def _hand_over(self, line: Line, work: Callable[[], bool]) -> None:
        """Let a thread do ``work``, which says whether the connection can go on after it."""
        self._selector.unregister(line.socket)
        thread = threading.Thread(target=self._work, args=(line, work), daemon=True)
        with self._guard:
            self._threads = {known for known in self._threads if known.is_alive()}
            thread.start()
            self._threads.add(thread)

    # On a thread of its own.

    def _work(self, line: Line, work: Callable[[], bool]) -> None:
        keep = False
        try:
            keep = work()
        finally:
            if keep:
                self._returned.append(line)
                self._wake()
            else:
                with self._guard:
                    self._lines.discard(line)
                line.close()

    def _serve(self, line: Line, call: Call | None) -> bool:
        """Answer a call, which is read first if it is not given."""
        try:
            call = call or line.read_call()
        except BadCall as error:
            self._send_last(line, 400, error)
            return False
        except OSError:
            return False
        if call is None:
            return False
        try:
            answer, sent = self._answer(call)
        except Exception as error:
            # The client is told, so that it need not wait; the traceback goes to the log.
            self._send_last(line, 500, error)
            raise
        return self._send(line, answer, sent, head_only=_prepare(call, answer))

    def _send(
        self, line: Line, answer: Answer, sent: Callable[[int], None], *, head_only: bool
    ) -> bool:
        try:
            return line.send(answer, head_only=head_only, pause=self.pause, sent=sent)
        except OSError:
            return False  # a client may leave at any moment

    def _finish(self, line: Line, rest: memoryview, *, keep: bool) -> bool:
        try:
            line.socket.sendall(rest)
        except OSError:
            return False
        return keep

    # On either.

    def _send_last(self, line: Line, status: int, error: Exception) -> None:
        text = f"{type(error).__name__}: {error}\n".encode()
        answer = Answer(status, {"Content-Type": "text/plain; charset=utf-8"}, text, close=True)
        with contextlib.suppress(OSError):
            line.send(answer, head_only=False, pause=self.pause, sent=_ignore)

    def _wake(self) -> None:
        with contextlib.suppress(OSError):
            self._wake_out.send(b"\0")


def _is_long(body: Body) -> bool:
    return len(body) > _SMALL or isinstance(body, Flow)


def _prepare(call: Call, answer: Answer) -> bool:
    """Close the connection after the answer if the client wants that; whether it is a HEAD's."""
    if call.headers.get("connection", "").lower() == "close":
        answer.close = True
    return call.method == "HEAD"


def _ignore(_: int) -> None:
    return None
