"""Connections that are open and idle, shared by all threads of the process."""

from __future__ import annotations

import atexit
import os
import socket
from typing import TYPE_CHECKING, NamedTuple

from hfhub.http.proxy import Proxy, tunnel
from hfhub.http.wire import Connection

if TYPE_CHECKING:
    from hfhub.http.address import Origin

_IDLE_LIMIT = 64
_ROUTE_LIMIT = 32


class Route(NamedTuple):
    """How a host is reached; connections of one route are interchangeable."""

    origin: Origin
    proxy: Proxy | None
    ca_bundle: str | None


class Pool:
    """Idle connections by route, the one used last first.

    Lists are appended to and popped from only, which is atomic, so there is no lock to hold
    across a fork.
    """

    def __init__(self) -> None:
        self._idle: dict[Route, list[Connection]] = {}

    def take(self, route: Route) -> Connection | None:
        """An idle connection that still stands, or None."""
        idle = self._idle.get(route)
        while idle:
            try:
                connection = idle.pop()
            except IndexError:  # another thread was faster
                return None
            if connection.is_idle:
                connection.reused = True
                return connection
            connection.close()
        return None

    def give(self, connection: Connection) -> None:
        """Keep ``connection`` for the next request."""
        assert isinstance(connection.route, Route)
        if connection.route not in self._idle and len(self._idle) >= _ROUTE_LIMIT:
            self._sweep()
        idle = self._idle.setdefault(connection.route, [])
        if len(idle) < _IDLE_LIMIT:
            idle.append(connection)
        else:
            connection.close()

    def _sweep(self) -> None:
        """Close what the other side has closed: of hosts that are not asked any more."""
        for route, idle in list(self._idle.items()):
            if not any(connection.is_idle for connection in idle):
                self.drop(route)

    def drop(self, route: Route) -> None:
        """Close the idle connections of ``route``: one of them proved stale."""
        for connection in self._idle.pop(route, ()):
            connection.close()

    def clear(self) -> None:
        """Close every idle connection."""
        for route in list(self._idle):
            self.drop(route)


POOL = Pool()
atexit.register(POOL.clear)

if hasattr(os, "register_at_fork"):
    # Two processes reading one socket would get each other's answers. Closing in the child closes
    # only its own copy of the descriptor, and says nothing to the server.
    os.register_at_fork(after_in_child=POOL.clear)


def connect(route: Route, timeout: float) -> Connection:
    """Open a connection, through the proxy and TLS when the route says so.

    Args:
        route: where to.
        timeout: seconds that each step may take.

    Raises:
        OSError: if that fails; `TimeoutError` if it takes too long.
    """
    origin, proxy, ca_bundle = route
    host, port = (proxy.host, proxy.port) if proxy else (origin.host, origin.port)
    sock = socket.create_connection((host, port), timeout)
    try:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if origin.scheme == "https":
            from hfhub.http.tls import context  # imports ssl, 10 ms

            if proxy:
                tunnel(sock, origin, proxy, timeout)
            return Connection(
                context(ca_bundle).wrap_socket(sock, server_hostname=origin.host), route
            )
    except BaseException:  # a half-open connection is of no use to anyone
        sock.close()
        raise
    return Connection(sock, route)
