"""Proxies: which, for whom, and that requests go through them."""

from __future__ import annotations

import pytest
from rawserver import answer

from hfhub import errors
from hfhub.http.address import Origin
from hfhub.http.proxy import Proxy, ProxyError, is_excluded, parse_proxy


@pytest.mark.parametrize(
    ("host", "port", "no_proxy", "excluded"),
    [
        ("huggingface.co", 443, "huggingface.co", True),
        ("cdn.huggingface.co", 443, "huggingface.co", True),
        ("cdn.huggingface.co", 443, ".huggingface.co", True),
        ("cdn.huggingface.co", 443, "*.huggingface.co", True),
        ("nothuggingface.co", 443, "huggingface.co", False),
        ("huggingface.co", 443, "*", True),
        ("huggingface.co", 443, "huggingface.co:8080", False),
        ("huggingface.co", 8080, "huggingface.co:8080", True),
        ("10.1.2.3", 80, "10.0.0.0/8", True),
        ("11.1.2.3", 80, "10.0.0.0/8", False),
        ("127.0.0.1", 80, "localhost, 127.0.0.1", True),
        ("::1", 80, "[::1]", True),
        ("HuggingFace.co", 443, "HUGGINGFACE.CO", True),
        ("huggingface.co", 443, " , ,", False),
    ],
)
def test_no_proxy_is_read_as_curl_and_requests_do(host, port, no_proxy, excluded) -> None:
    assert is_excluded(Origin("https", host, port), no_proxy) is excluded


def test_a_proxy_may_have_a_password_that_is_never_shown() -> None:
    proxy = parse_proxy("http://me:p%40ss@proxy.example:3128")
    assert proxy == Proxy("proxy.example", 3128, "Basic bWU6cEBzcw==")
    assert "cEBzcw" not in repr(proxy)


@pytest.mark.parametrize("url", ["socks5://h:1", "https://h:1", "http://"])
def test_other_proxies_are_refused_by_name(url: str) -> None:
    with pytest.raises(ProxyError, match="http:// proxy"):
        parse_proxy(url)


def test_a_plain_request_goes_whole_to_the_proxy(serve, client_of) -> None:
    proxy = serve(answer(200, "{}"))
    url = proxy.url.replace("http://", "http://me:pw@")
    client_of("http://hub.example", HTTP_PROXY=url).get_json("api/x")
    (asked,) = proxy.asked
    assert asked.target == "http://hub.example/api/x"
    assert asked.headers["host"] == "hub.example"
    assert asked.headers["proxy-authorization"] == "Basic bWU6cHc="


def test_no_proxy_goes_straight(serve, client_of) -> None:
    hub, proxy = serve(answer(200, "{}")), serve(answer(200, "{}"))
    client_of(hub, ALL_PROXY=proxy.url, NO_PROXY="127.0.0.1").get_json("api/x")
    assert (len(hub.asked), len(proxy.asked)) == (1, 0)


def test_a_proxy_that_refuses_the_tunnel_is_named(serve, client_of) -> None:
    proxy = serve(answer(407, "who are you"))
    with pytest.raises(errors.HubConnectionError, match="407"):
        client_of("https://hub.example", HTTPS_PROXY=proxy.url, HFHUB_ATTEMPTS=1).get_json("x")
    assert (proxy.asked[0].method, proxy.asked[0].target) == ("CONNECT", "hub.example:443")
    assert "authorization" not in proxy.asked[0].headers
