"""One request over one connection, and the head of its answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hfhub.errors import HubConnectionError, HubTimeoutError
from hfhub.http.address import shown
from hfhub.http.pool import POOL, Route, connect
from hfhub.http.proxy import proxy_for
from hfhub.http.response import Request, Response
from hfhub.http.wire import NoAnswer, body_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hfhub.http.address import Address
    from hfhub.http.wire import Connection, Head
    from hfhub.settings import Settings

REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})
_BODILESS = frozenset({"GET", "HEAD", "OPTIONS", "DELETE"})


def exchange(
    settings: Settings,
    method: str,
    address: Address,
    headers: Mapping[str, str],
    body: bytes | None,
    timeout: float,
) -> Response:
    """Send a request and wait for the head of its answer.

    Args:
        settings: proxies, authority and timeouts.
        method: ``GET``, ...
        address: where to.
        headers: all that are to be sent, by names in lower case.
        body: bytes to send.
        timeout: seconds to wait for the head.

    Raises:
        HubConnectionError: if there is no answer, or none that is HTTP; `HubTimeoutError`.
        ValueError: if a header holds a line break.
    """
    route = _route_to(address, settings)
    data = _bytes_of(method, address, headers, body, route)
    patience = min(timeout, settings.etag_timeout)
    connection: Connection | None = None
    try:
        connection = POOL.take(route) or connect(route, patience)
        try:
            head = _converse(connection, data, timeout)
        except (NoAnswer, ConnectionResetError, BrokenPipeError):
            # The server had closed the idle connection; that says nothing about the request.
            if not connection.reused or method not in REPEATABLE:
                raise
            connection.close()
            POOL.drop(route)
            connection = connect(route, patience)
            head = _converse(connection, data, timeout)
        rest = body_of(head, method)
        connection.set_timeout(settings.download_timeout)
    except OSError as error:
        if connection is not None:
            connection.close()
        raise _named(shown(address.url), error) from error
    except BaseException:  # Ctrl-C: the connection is in the middle of an answer
        if connection is not None:
            connection.close()
        raise
    request = Request(method, address.url)
    response = Response(request, head.status, head.headers, reason=head.reason)
    response.attach(connection, rest, keeps_alive=head.keeps_alive)
    return response


def _route_to(address: Address, settings: Settings) -> Route:
    origin = address.origin
    proxy_url = settings.https_proxy if origin.scheme == "https" else settings.http_proxy
    return Route(origin, proxy_for(origin, proxy_url, settings.no_proxy), settings.ca_bundle)


def _bytes_of(
    method: str, address: Address, headers: Mapping[str, str], body: bytes | None, route: Route
) -> bytes:
    target = address.target
    lines = {"host": address.origin.netloc, **headers}
    if route.proxy and address.origin.scheme == "http":
        target = address.url
        if route.proxy.authorization:
            lines["proxy-authorization"] = route.proxy.authorization
    if body is not None or method not in _BODILESS:
        lines["content-length"] = str(len(body or b""))
    head = f"{method} {target} HTTP/1.1\r\n" + "".join(
        [f"{name}: {value}\r\n" for name, value in lines.items()]
    )
    if head.count("\r") != len(lines) + 1 or head.count("\n") != len(lines) + 1:
        raise ValueError("a header holds a line break")
    return (head + "\r\n").encode("latin-1") + (body or b"")


def _converse(connection: Connection, data: bytes, timeout: float) -> Head:
    connection.set_timeout(timeout)
    connection.send(data)
    return connection.read_head(time.monotonic() + timeout)


def _named(url: str, error: OSError) -> HubConnectionError:
    reason = str(error) or type(error).__name__
    if isinstance(error, TimeoutError):
        return HubTimeoutError(url, reason)
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        reason += "; set SSL_CERT_FILE to the PEM file of the authority that signs here"
    return HubConnectionError(url, reason)
