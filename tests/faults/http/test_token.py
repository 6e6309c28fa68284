"""The token never leaves the endpoint's origin, wherever an answer points."""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import pytest
from rawserver import Asked, answer

from hfhub import errors
from hfhub.http import PagingError

# Every host is reached through one proxy, which sees all that is sent and to whom.
HUB = "http://hub.example"
SHAPES = {
    "another host": ["http://evil.example/x"],
    "another port": ["http://hub.example:8080/x"],
    "a port that is the same but for digits": ["http://hub.example:081/x"],
    "a subdomain": ["http://cdn.hub.example/x"],
    "a host that begins alike": ["http://hub.example.evil.example/x"],
    "a host that ends alike": ["http://evilhub.example/x"],
    "without a scheme": ["//evil.example/x"],
    "without a scheme, with backslashes": ["\\\\evil.example/x"],
    "the endpoint as a user name": ["http://hub.example@evil.example/x"],
    "the endpoint as a password": ["http://u:hub.example@evil.example/x"],
    "the endpoint in the query": ["http://evil.example?http://hub.example/x"],
    "the endpoint in the fragment": ["http://evil.example#@hub.example/x"],
    "an upper-case scheme": ["HTTP://EVIL.EXAMPLE/x"],
    "a tab inside": ["http://ev\til.example/x"],
    "spaces around": ["  http://evil.example/x  "],
    "a lookalike letter": ["http://h\xfcb.example/x"],
    "an IPv6 address": ["http://[::1]:81/x"],
    "a number for a host": ["http://2130706433/x"],
    "over the endpoint first": ["/step", "http://evil.example/x"],
    "there and back": ["http://evil.example/x", "http://hub.example/back"],
    "through three hosts": ["http://a.example/x", "http://b.example/x", "http://hub.example/back"],
    "a trailing dot": ["http://hub.example./x"],
}


def origin(url: str) -> tuple[str | None, int]:
    parts = urlsplit(url)
    return parts.hostname, parts.port or 80


class Chain:
    """Answers each request with the next redirect, and the last one with bytes."""

    def __init__(self, locations: list[str], status: int) -> None:
        self._left = list(locations)
        self._status = status

    def __call__(self, _: Asked) -> bytes:
        if self._left:
            return answer(self._status, "", f"Location: {self._left.pop(0)}")
        return answer(200, "[]")


def leaks(asked: list[Asked]) -> list[str]:
    """Requests that carried the token elsewhere, or home again after they had left."""
    found = []
    left = False
    for one in asked:
        left = left or origin(one.target) != ("hub.example", 80)
        if left and "hf_secret" in repr(one.headers):
            found.append(one.target)
    return found


@pytest.mark.parametrize("redirects", ["follow", "same-origin", "none"])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_redirect_takes_the_token_along(serve, client_of, shape: str, redirects: str) -> None:
    proxy = serve(Chain(SHAPES[shape], 302))
    client = client_of(HUB, HTTP_PROXY=proxy.url, HFHUB_ATTEMPTS=1)
    with contextlib.suppress(errors.HubConnectionError):  # refused, which is as good
        client.request("GET", "start", redirects=redirects, headers={"Cookie": "hf_secret"})
    assert proxy.asked[0].headers["authorization"] == "Bearer hf_secret"
    assert leaks(proxy.asked) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_method_and_no_status_takes_it_along(serve, client_of, status: int, method: str) -> None:
    proxy = serve(Chain(["http://evil.example/x"], status))
    client_of(HUB, HTTP_PROXY=proxy.url).request(
        method, "start", redirects="follow", headers={"Authorization": "Bearer hf_secret"}
    )
    assert len(proxy.asked) == 2
    assert leaks(proxy.asked) == []


def test_an_upgrade_to_https_is_another_origin(serve, client_of) -> None:
    proxy = serve(lambda a: answer(502) if a.method == "CONNECT" else moved)
    moved = answer(302, "", "Location: https://hub.example/x")
    client = client_of(HUB, HTTP_PROXY=proxy.url, HTTPS_PROXY=proxy.url, HFHUB_ATTEMPTS=1)
    with pytest.raises(errors.HubConnectionError):
        client.stream("GET", "start")
    assert [one.method for one in proxy.asked] == ["GET", "CONNECT"]
    assert "hf_secret" not in repr(proxy.asked[1])


@pytest.mark.parametrize(
    "link", [shape[0] for name, shape in SHAPES.items() if name != "over the endpoint first"]
)
def test_no_link_to_a_next_page_takes_it_along(serve, client_of, link: str) -> None:
    proxy = serve([answer(200, "[1]", f'Link: <{link}>; rel="next"'), answer(200, "[2]")])
    with contextlib.suppress(PagingError):
        list(client_of(HUB, HTTP_PROXY=proxy.url).paginate("api/datasets"))
    # Backslashes are a path at the endpoint; all else was refused before it was asked.
    assert {origin(one.target) for one in proxy.asked} == {("hub.example", 80)}
    assert len(proxy.asked) == (2 if link.startswith("\\") else 1)


def test_a_url_of_another_origin_gets_no_token(serve, client_of) -> None:
    proxy = serve(answer(200, "[]"))
    client_of(HUB, HTTP_PROXY=proxy.url).stream("GET", "http://cdn.example/file?sig=1").close()
    assert "authorization" not in proxy.asked[0].headers


@pytest.mark.parametrize("kind", ["repr", "str"])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500])
def test_no_error_shows_the_token(serve, client_of, status: int, kind: str) -> None:
    server = serve(answer(status, "no"))
    with pytest.raises(errors.HfHubHTTPError) as caught:
        client_of(server, HFHUB_ATTEMPTS=1, HFHUB_DEADLINE=1).get_json("api/models/x")
    shown = {"repr": repr, "str": str}[kind]
    error = caught.value
    assert "hf_secret" not in shown(error) + shown(error.response) + shown(error.request)
