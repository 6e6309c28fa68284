"""A server that means harm: its answers end, and end as errors of ours."""

from __future__ import annotations

import pytest
from rawserver import Say, answer

from hfhub import errors
from hfhub.http.headers import Headers

JSON = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
CHUNKED = JSON + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "drip",
    [
        Say(b"", drip=b"HTTP/1.1 100 Continue\r\n\r\n"),
        Say(CHUNKED + b"2\r\n{}\r\n0\r\n", drip=b"a: b\r\n"),
        Say(CHUNKED + b"2", drip=b";"),
    ],
    ids=["interim answers", "trailers", "a chunk's size"],
)
def test_what_drips_around_a_body_is_a_timeout(serve, client_of, drip: Say) -> None:
    client = client_of(
        serve(drip), HFHUB_ATTEMPTS=1, HF_HUB_ETAG_TIMEOUT=0.3, HF_HUB_DOWNLOAD_TIMEOUT=0.3
    )
    with pytest.raises(errors.HubTimeoutError, match="in time"):
        client.get_json("x")


def test_trailers_without_end_are_refused(serve, client_of) -> None:
    server = serve(Say(CHUNKED + b"2\r\n{}\r\n0\r\n" + b"a: b\r\n" * 50_000, "hold"))
    with pytest.raises(errors.HubConnectionError, match="trailers"):
        client_of(server, HFHUB_ATTEMPTS=1).get_json("x")


def test_redirects_whose_texts_drip_end(serve, client_of) -> None:
    drip = Say(b"HTTP/1.1 302 X\r\nLocation: /x\r\nContent-Length: 100000\r\n\r\n", drip=b" ")
    with pytest.raises(errors.HubConnectionError, match="redirects"):
        client_of(serve(drip), HFHUB_ATTEMPTS=1, HF_HUB_ETAG_TIMEOUT=0.3).get_json("x")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (answer(200, "{}", "Content-Length: " + "9" * 5000), "Content-Length"),
        (answer(200, "[" * 100_000), "nested too deeply"),
        (answer(200, "[" + "9" * 5000 + "]"), "not JSON"),
    ],
    ids=["length", "depth", "digits"],
)
def test_what_python_refuses_is_an_error_of_ours(serve, client_of, said: bytes, words: str) -> None:
    with pytest.raises(errors.HubConnectionError, match=words):
        client_of(serve(said), HFHUB_ATTEMPTS=1).get_json("x")


def test_few_bytes_that_unpack_to_many_are_refused(serve, client_of) -> None:
    import zlib

    packer = zlib.compressobj(wbits=31)
    packed = packer.compress(bytes(70 << 20)) + packer.flush()
    server = serve(answer(200, packed, "Content-Encoding: gzip"))
    with pytest.raises(errors.HubConnectionError, match="over"):
        client_of(server, HFHUB_ATTEMPTS=1).get_json("x")


def test_a_number_of_too_many_digits_is_none() -> None:
    assert Headers({"x-linked-size": "9" * 5000}).integer("x-linked-size") is None
