"""Fixtures of a server that says what a test wants, and of a client of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from rawserver import Asked, RawServer, Say

from hfhub.http import Client
from hfhub.http.pool import POOL
from hfhub.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def serve() -> Iterator[Callable[..., RawServer]]:
    """Start servers: ``serve(answer)``, ``serve([first, ..., last])`` or ``serve(function)``."""
    running: list[RawServer] = []

    def start(script: Any, **options: Any) -> RawServer:
        left = list(script) if isinstance(script, list) else [script]

        def respond(asked: Asked) -> bytes | Say:
            if callable(script):
                return script(asked)
            return left.pop(0) if len(left) > 1 else left[0]

        server = RawServer(respond, **options)
        running.append(server)
        return server.__enter__()

    yield start
    POOL.clear()
    for server in running:
        server.__exit__()


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Make a client of a server: ``client_of(server, token=..., HF_HUB_OFFLINE=1)``."""

    def make(server: RawServer | str, *, token: Any = "hf_secret", **env: Any) -> Client:
        url = server if isinstance(server, str) else server.url
        defaults = {"HF_ENDPOINT": url, "HFHUB_DEADLINE": "20", "HFHUB_ATTEMPTS": "3"}
        given = {name: str(value) for name, value in env.items()}
        return Client(Settings.from_env(defaults | given), token=token)

    return make
