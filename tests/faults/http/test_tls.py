"""TLS: whose certificates count, and what a downgrade gets."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rawserver import Asked, RawServer, answer

from hfhub import errors
from hfhub.http.pool import POOL

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for 127.0.0.1 that signs itself."""
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("ca")
    made = subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days", "2"),
            *("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    return folder


@pytest.fixture
def tls(authority: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority / "cert.pem", authority / "key.pem")
    return context


@pytest.fixture
def https(serve, tls: ssl.SSLContext) -> RawServer:
    return serve(answer(200, '"safe"'), tls=tls)


@pytest.mark.parametrize("name", ["SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"])
def test_a_custom_authority_is_trusted(https, client_of, authority: Path, name: str) -> None:
    client = client_of(https, **{name: authority / "cert.pem"})
    assert client.get_json("x") == "safe"
    assert client.get_json("x") == "safe"
    assert https.connections == 1


def test_an_unknown_authority_is_refused_at_once_with_advice(https, client_of) -> None:
    with pytest.raises(errors.HubConnectionError, match="set SSL_CERT_FILE"):
        client_of(https).get_json("x")
    assert https.connections == 1
    assert https.asked == []


def test_a_name_that_is_not_in_the_certificate_is_refused(https, client_of, authority) -> None:
    url = f"https://localhost:{https.port}"
    with pytest.raises(errors.HubConnectionError, match=r"mismatch|not valid"):
        client_of(url, SSL_CERT_FILE=authority / "cert.pem").get_json("x")
    assert https.asked == []


def test_a_bundle_that_is_not_there_is_named(https, client_of, tmp_path) -> None:
    with pytest.raises(errors.HubConnectionError, match=r"nope\.pem"):
        client_of(https, SSL_CERT_FILE=tmp_path / "nope.pem", HFHUB_ATTEMPTS=1).get_json("x")


def test_a_downgrade_to_http_gets_no_token(serve, tls, client_of, authority: Path) -> None:
    plain = serve(answer(200, "[]"))
    hub = serve(answer(302, "", f"Location: {plain.url}/x"), tls=tls)
    client = client_of(hub, SSL_CERT_FILE=authority / "cert.pem")
    client.stream("GET", "x").close()
    assert hub.asked[0].headers["authorization"] == "Bearer hf_secret"
    assert "authorization" not in plain.asked[0].headers


class TunnelProxy:
    """A real HTTP proxy: CONNECT, then bytes both ways."""

    def __init__(self) -> None:
        import socketserver
        import threading

        self.asked: list[str] = []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer.tunnel(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def tunnel(self, client) -> None:
        import select
        import socket

        head = b""
        while b"\r\n\r\n" not in head:
            head += client.recv(4096)
        self.asked.append(head.decode())
        host, _, port = head.split()[1].decode().partition(":")
        with socket.create_connection((host, int(port))) as server:
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            while True:
                for source in select.select([client, server], [], [])[0]:
                    data = source.recv(65536)
                    if not data:
                        return
                    (server if source is client else client).sendall(data)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def proxy() -> Iterator[TunnelProxy]:
    proxy = TunnelProxy()
    yield proxy
    POOL.clear()
    proxy.close()


def test_https_goes_through_a_tunnel_that_sees_no_token(https, client_of, authority, proxy) -> None:
    url = proxy.url.replace("http://", "http://me:pw@")
    client = client_of(https, HTTPS_PROXY=url, SSL_CERT_FILE=authority / "cert.pem")
    assert client.get_json("x") == "safe"
    assert client.get_json("x") == "safe"
    (head,) = proxy.asked
    assert head.startswith(f"CONNECT 127.0.0.1:{https.port} HTTP/1.1\r\n")
    assert "Proxy-Authorization: Basic bWU6cHc=" in head
    assert "hf_secret" not in head
    assert https.asked[0].headers["authorization"] == "Bearer hf_secret"
    assert "proxy-authorization" not in https.asked[0].headers


def test_an_answer_in_clear_text_where_tls_is_expected_is_an_error(serve, client_of) -> None:
    def respond(_: Asked) -> bytes:
        raise AssertionError("nothing is asked in clear text")

    server = serve(respond)
    with pytest.raises(errors.HubConnectionError):
        client_of(f"https://127.0.0.1:{server.port}", HFHUB_ATTEMPTS=1).request(
            "GET", "x", timeout=0.5
        )
