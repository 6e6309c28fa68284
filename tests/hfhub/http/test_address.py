"""URLs, taken apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hfhub.http.address import Origin, parse_url, shown


@pytest.mark.parametrize(
    ("url", "origin", "target"),
    [
        ("https://huggingface.co/a?b=c", Origin("https", "huggingface.co", 443), "/a?b=c"),
        ("HTTPS://HuggingFace.CO", Origin("https", "huggingface.co", 443), "/"),
        ("http://h:8080/a#f", Origin("http", "h", 8080), "/a"),
        ("http://[::1]:80/", Origin("http", "::1", 80), "/"),
        ("http://user:pw@h/", Origin("http", "h", 80), "/"),
        ("http://hub@evil.example/", Origin("http", "evil.example", 80), "/"),
        ("http://bücher.example/ä", Origin("http", "xn--bcher-kva.example", 80), "/%C3%A4"),
    ],
)
def test_origin_and_target(url: str, origin: Origin, target: str) -> None:
    assert parse_url(url) == (origin, target)


@pytest.mark.parametrize(
    "url", ["", "x", "//h/x", "ftp://h", "http:///x", "http://h:99999/", "http://h\0/"]
)
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        parse_url(url)


@given(st.text())
def test_parsing_gives_an_address_or_a_value_error(text: str) -> None:
    try:
        address = parse_url(f"http://h/{text}")
    except ValueError:
        return
    assert address.origin == Origin("http", "h", 80)
    assert address.target.isascii()
    assert not any(char.isspace() for char in address.target)


def test_passwords_and_signatures_are_not_shown() -> None:
    assert shown("https://me:pw@h/x?cursor=1") == "https://h/x?cursor=1"
    assert shown("https://h/x?X-Amz-Signature=1") == "https://h/x?..."
