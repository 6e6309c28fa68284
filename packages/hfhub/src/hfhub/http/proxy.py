"""Which proxy stands between us and a host."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote, urlsplit

from hfhub.errors import HubError
from hfhub.http.wire import Connection, WireError

if TYPE_CHECKING:
    import socket

    from hfhub.http.address import Origin


class Proxy(NamedTuple):
    """An HTTP proxy."""

    host: str
    port: int
    authorization: str | None = None

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"  # never the password


class ProxyError(HubError, ValueError):
    """The proxy variable names something that is not an HTTP proxy."""


def proxy_for(origin: Origin, proxy_url: str | None, no_proxy: str | None) -> Proxy | None:
    """The proxy for ``origin``, or None to go straight there.

    Args:
        origin: where to.
        proxy_url: the value of ``HTTP_PROXY`` or its like.
        no_proxy: the value of ``NO_PROXY``: host names, domains, addresses, networks, or ``*``.
    """
    if not proxy_url or (no_proxy and is_excluded(origin, no_proxy)):
        return None
    return parse_proxy(proxy_url)


def parse_proxy(url: str) -> Proxy:
    """The proxy at ``url``.

    Raises:
        ProxyError: if it is not ``http://[user:password@]host[:port]``.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme != "http" or not parts.hostname:
        raise ProxyError(
            f"the proxy {parts.scheme}://{parts.hostname or ''} is not supported; "
            "set HTTPS_PROXY and HTTP_PROXY to an http:// proxy"
        )
    authorization = None
    if parts.username is not None:
        from base64 import b64encode

        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        authorization = f"Basic {b64encode(pair.encode()).decode()}"
    return Proxy(parts.hostname, parts.port or 80, authorization)


def is_excluded(origin: Origin, no_proxy: str) -> bool:
    """Whether ``no_proxy`` names ``origin``."""
    host = origin.host.lower().rstrip(".")
    for raw in no_proxy.split(","):
        entry = raw.strip().lower()
        if not entry:
            continue
        if entry == "*":
            return True
        if "/" in entry:
            if _in_network(host, entry):
                return True
            continue
        name, colon, port = entry.rpartition(":")
        if colon and port.isdigit() and ":" not in name.strip("[]"):
            if int(port) != origin.port:
                continue
            entry = name
        entry = entry.strip("[]").removeprefix("*").lstrip(".").rstrip(".")
        if host == entry or host.endswith(f".{entry}"):
            return True
    return False


def _in_network(host: str, network: str) -> bool:
    import ipaddress  # rare, and 5 ms

    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False


def tunnel(sock: socket.socket, origin: Origin, proxy: Proxy, timeout: float) -> None:
    """Ask ``proxy``, connected at ``sock``, for a way through to ``origin``."""
    host = f"[{origin.host}]" if ":" in origin.host else origin.host
    lines = [f"CONNECT {host}:{origin.port} HTTP/1.1", f"Host: {host}:{origin.port}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    connection = Connection(sock, None)
    connection.send("\r\n".join([*lines, "", ""]).encode("latin-1"))
    head = connection.read_head(time.monotonic() + timeout)
    if not 200 <= head.status < 300:
        raise WireError(f"the proxy {proxy.host}:{proxy.port} refused: {head.status} {head.reason}")
