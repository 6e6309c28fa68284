"""Connections that are kept, and when they are not."""

from __future__ import annotations

import os
import socket
import warnings
from typing import TYPE_CHECKING

import pytest
from rawserver import Say, answer

from hfhub import errors
from hfhub.http.address import Origin
from hfhub.http.pool import POOL, Pool, Route, connect

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def route_to(listener: socket.socket) -> Route:
    return Route(Origin("http", "127.0.0.1", listener.getsockname()[1]), None, None)


def test_the_connection_used_last_is_taken_first(listener: socket.socket) -> None:
    pool, route = Pool(), route_to(listener)
    first, second = connect(route, 5), connect(route, 5)
    pool.give(first)
    pool.give(second)
    assert pool.take(route) is second
    assert pool.take(route) is first
    assert pool.take(route) is None
    first.close()
    second.close()


def test_a_connection_that_the_other_side_closed_is_not_given(listener: socket.socket) -> None:
    pool, route = Pool(), route_to(listener)
    pool.give(connect(route, 5))
    listener.accept()[0].close()
    assert pool.take(route) is None


def test_routes_of_hosts_that_are_gone_do_not_pile_up() -> None:
    pool = Pool()
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            pool.give(connect(route_to(listener), 5))
            listener.accept()[0].close()
    assert len(pool._idle) <= 33
    pool.clear()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_does_not_use_its_parents_connections(serve, client_of) -> None:
    server = serve(lambda asked: answer(200, str(asked.connection)))
    client = client_of(server)
    assert client.get_json("x") == 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # threads are running; that is the test
        child = os.fork()
    if child == 0:  # nothing of pytest may run here
        try:
            os._exit(0 if client.get_json("x") == 1 else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert client.get_json("x") == 0


@pytest.mark.parametrize("status", [404, 500])
def test_an_error_that_never_ends_is_not_read_to_the_end(serve, client_of, status: int) -> None:
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {1 << 40}\r\n\r\n".encode()
    server = serve(Say(head + b"x" * (1 << 19), "hold"))
    with pytest.raises(errors.HfHubHTTPError) as caught:
        client_of(server, HFHUB_ATTEMPTS=1).get_json("x")
    assert len(caught.value.response.content) == 1 << 18


def test_an_error_whose_body_breaks_off_is_still_that_error(serve, client_of) -> None:
    head = b"HTTP/1.1 404 X\r\nX-Error-Code: EntryNotFound\r\nContent-Length: 100\r\n\r\nabc"
    with pytest.raises(errors.RemoteEntryNotFoundError):
        client_of(serve(Say(head, "close"))).get_json("x")


def test_a_redirect_that_never_ends_is_not_read_to_the_end(serve, client_of) -> None:
    endless = b"HTTP/1.1 302 X\r\nLocation: /y\r\n\r\n" + b"x" * (1 << 19)
    server = serve(lambda asked: answer(200, "1") if asked.target == "/y" else Say(endless, "hold"))
    assert client_of(server).get_json("x") == 1


def test_nothing_is_left_open_at_the_end(serve, client_of) -> None:
    client_of(serve(answer(200, "1"))).get_json("x")
    POOL.clear()
    assert POOL._idle == {}
