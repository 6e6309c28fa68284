"""Where redirects lead, and what goes along."""

from __future__ import annotations

import pytest
from rawserver import answer

from hfhub import errors


def moved(status: int, location: str) -> bytes:
    return answer(status, "moved: this text is never the file's", f"Location: {location}")


def test_a_redirect_on_the_origin_is_followed_with_the_token(serve, client_of) -> None:
    server = serve([moved(307, "/api/resolve-cache/x"), answer(200, "bytes")])
    response = client_of(server).request("GET", "x")
    assert response.content == b"bytes"
    assert response.url.endswith("/api/resolve-cache/x")
    assert [one.status_code for one in response.history] == [307]
    assert [asked.headers.get("authorization") for asked in server.asked] == [
        "Bearer hf_secret"
    ] * 2


def test_a_redirect_to_another_origin_is_the_answer(serve, client_of) -> None:
    server = serve(moved(302, "https://cdn.example/file?sig=1"))
    response = client_of(server).request("HEAD", "x")
    assert response.status_code == 302
    assert response.location == "https://cdn.example/file?sig=1"


def test_another_origin_is_followed_without_the_token_when_asked_to(serve, client_of) -> None:
    cdn = serve(answer(200, "bytes"))
    hub = serve(moved(302, f"{cdn.url}/file"))
    with client_of(hub).stream("GET", "x", headers={"Range": "bytes=0-4", "Cookie": "c"}) as got:
        assert got.read() == b"bytes"
    (asked,) = cdn.asked
    assert "authorization" not in asked.headers
    assert "cookie" not in asked.headers
    assert asked.headers["range"] == "bytes=0-4"


def test_a_chain_that_comes_back_does_not_get_the_token_again(serve, client_of) -> None:
    hub = serve(lambda asked: answer(200, "x") if asked.target == "/end" else moved(302, other))
    cdn = serve(moved(302, f"{hub.url}/end"))
    other = f"{cdn.url}/y"
    client_of(hub).stream("GET", "x").close()
    assert [asked.headers.get("authorization") for asked in hub.asked] == ["Bearer hf_secret", None]


def test_redirects_that_go_round_end(serve, client_of) -> None:
    server = serve(moved(302, "/x"))
    with pytest.raises(errors.HubConnectionError, match="over 20 redirects"):
        client_of(server).request("GET", "x")


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://h/x", "javascript:1"])
def test_a_redirect_to_something_else_than_http_is_refused(serve, client_of, location) -> None:
    server = serve(moved(302, location))
    with pytest.raises(errors.HubConnectionError, match="redirect"):
        client_of(server, HFHUB_ATTEMPTS=1).stream("GET", "x")
    assert len(server.asked) == 1


def test_a_post_becomes_a_get_where_http_says_so(serve, client_of) -> None:
    server = serve(lambda a: answer(200, "{}") if a.target == "/y" else moved(303, "/y"))
    client_of(server).request("POST", "x", json={"a": 1})
    assert [(asked.method, asked.body) for asked in server.asked] == [
        ("POST", b'{"a":1}'),
        ("GET", b""),
    ]


def test_a_307_keeps_method_and_body(serve, client_of) -> None:
    server = serve(lambda a: answer(200, "{}") if a.target == "/y" else moved(307, "/y"))
    client_of(server).request("POST", "x", json={"a": 1})
    assert [(asked.method, asked.body) for asked in server.asked] == [("POST", b'{"a":1}')] * 2
