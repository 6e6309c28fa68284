"""A server that says what a test wants, and a client of it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))

from rawserver import Asked, RawServer, Say, answer

from hfhub.http import Client
from hfhub.http.pool import POOL
from hfhub.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Serve = "Callable[[Callable[[Asked], bytes | Say] | bytes | Say | list[bytes | Say]], RawServer]"


@pytest.fixture
def serve() -> Iterator[Any]:
    """Start servers: ``serve(answer)``, ``serve([first, second])`` or ``serve(function)``."""
    running: list[RawServer] = []

    def start(script: Any, **options: Any) -> RawServer:
        if isinstance(script, (bytes, Say)):

            def respond(_: Asked) -> bytes | Say:
                return script
        elif isinstance(script, list):
            left = list(script)

            def respond(_):
                return left.pop(0) if len(left) > 1 else left[0]
        else:
            respond = script
        server = RawServer(respond, **options)
        running.append(server)
        return server.__enter__()

    yield start
    POOL.clear()
    for server in running:
        server.__exit__()


@pytest.fixture
def client_of() -> Callable[..., Client]:
    """Make a client of a server: ``client_of(server, token=..., <settings>)``."""

    def make(server: RawServer | str, *, token: Any = "hf_secret", **changes: Any) -> Client:
        url = server if isinstance(server, str) else server.url
        env = {"HF_ENDPOINT": url, "HFHUB_DEADLINE": "20", "HFHUB_ATTEMPTS": "3"}
        env |= {name: str(value) for name, value in changes.items()}
        return Client(Settings.from_env(env), token=token)

    return make


__all__ = ["answer", "client_of", "serve"]
