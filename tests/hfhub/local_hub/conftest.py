"""One plain HTTP request, without retries, redirects or any other kindness of a client."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.local_hub import LocalHub


@dataclass(frozen=True)
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def location(self) -> str:
        return self.headers["Location"]

    @property
    def next(self) -> str | None:
        link = self.headers.get("Link")
        return link[1 : link.index(">")] if link else None


def ask_url(url: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Got:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection.request(method, target, body, sent)
        answer = connection.getresponse()
        return Got(answer.status, dict(answer.headers.items()), answer.read())
    finally:
        connection.close()


@pytest.fixture
def ask(local_hub: LocalHub) -> Callable[..., Got]:
    """Ask the Hub of this test for a path, or anyone for a URL."""

    def call(target: str, method: str = "GET", body: bytes | None = None, **headers: str) -> Got:
        url = target if "://" in target else local_hub.endpoint + target
        return ask_url(url, method, body, **headers)

    return call
