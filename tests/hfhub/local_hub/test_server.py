from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.local_hub import LocalHub

PATH = "/datasets/owner/name/resolve/main/a.txt"


def connect(hub: LocalHub) -> socket.socket:
    parts = urlsplit(hub.endpoint)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)


@pytest.fixture
def line(local_hub: LocalHub) -> Iterator[socket.socket]:
    with connect(local_hub) as sock:
        yield sock


def cached(hub: LocalHub, sha: str, path: str = "a.txt", close: bool = False) -> bytes:
    ending = b"Connection: close\r\n\r\n" if close else b"\r\n"
    return f"GET /api/resolve-cache/datasets/owner/name/{sha}/{path} HTTP/1.1\r\n".encode() + ending


def received(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(1 << 20), b""))


def test_a_client_that_reads_late_keeps_nobody_waiting(
    local_hub: LocalHub, line: socket.socket
) -> None:
    sha = local_hub.add("owner/name", {"a.txt": b"x" * 200_000})
    line.sendall(cached(local_hub, sha) * 99 + cached(local_hub, sha, close=True))
    with connect(local_hub) as other:
        other.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert received(other).startswith(b"HTTP/1.1 200 OK")
    assert received(line).count(b"x") >= 100 * 200_000


def test_quick_and_long_answers_come_in_order(local_hub: LocalHub, line: socket.socket) -> None:
    sha = local_hub.add("owner/name", {"a.txt": b"a" * 1_000_000, "b.txt": b"b"}, lfs=[])
    asked = cached(local_hub, sha) + cached(local_hub, sha, "b.txt")
    line.sendall(asked * 5 + cached(local_hub, sha, "b.txt", close=True))
    bodies = [part.partition(b"\r\n\r\n")[2] for part in received(line).split(b"HTTP/1.1 200 OK")]
    assert [(len(body), body[:1]) for body in bodies[1:]] == [(1_000_000, b"a"), (1, b"b")] * 5 + [
        (1, b"b")
    ]


def test_many_clients_at_once(local_hub: LocalHub) -> None:
    sha = local_hub.add("owner/name", {"a.txt": b"x" * 300_000}, lfs=[])
    sizes: list[int] = []

    def fetch() -> None:
        with connect(local_hub) as sock:
            sock.sendall(cached(local_hub, sha) + cached(local_hub, sha, close=True))
            sizes.append(received(sock).count(b"x" * 300_000))

    threads = [threading.Thread(target=fetch) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sizes == [2] * 20


def test_a_request_may_come_in_small_pieces(local_hub: LocalHub, line: socket.socket) -> None:
    for byte in b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n":
        line.sendall(bytes([byte]))
    assert received(line).startswith(b"HTTP/1.1 200 OK")


def test_a_client_that_goes_away_does_no_harm(local_hub: LocalHub) -> None:
    sha = local_hub.add("owner/name", {"a.txt": b"x" * 10_000_000}, lfs=[])
    for sent in (b"", b"GET / HT", cached(local_hub, sha), b"POST / HTTP/1.1\r\nContent-Length: 9"):
        connect(local_hub).close()
        with connect(local_hub) as sock:
            sock.sendall(sent)
    with connect(local_hub) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
        assert received(sock).startswith(b"HTTP/1.1 200 OK")
