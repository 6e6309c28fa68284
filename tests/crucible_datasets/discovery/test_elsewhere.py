from __future__ import annotations

import io
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets.discovery.elsewhere import Elsewhere
from crucible_datasets.discovery.hub import open_repo
from crucible_datasets.discovery.tree import LocalTree
from crucible_datasets.errors import DataFilesNotFoundError
from hfhub import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hfhub.local_hub import LocalHub


def found(pattern: str, root: Path | None = None) -> list[Any]:
    return Elsewhere(LocalTree(root or "."), None, settings.current()).files(pattern)


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("_", "/"), text)
    return out.getvalue()


def test_a_hop_leads_into_an_archive(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped(x="1", d_y="2"))
    assert [f.open().read() for f in found("zip://*::a.zip", tmp_path)] == [b"1"]
    assert [f.open().read() for f in found("zip://**::*.zip", tmp_path)] == [b"2", b"1"]
    assert [f.open().read() for f in found("zip://d/y::a.zip", tmp_path)] == [b"2"]


def test_a_hop_into_a_compressed_file_is_the_file(tmp_path: Path) -> None:
    (tmp_path / "a.gz").touch()
    [file] = found("gzip://a::a.gz", tmp_path)
    assert file.path == str(tmp_path / "a.gz")


@pytest.mark.parametrize("revision", ["", "@main", "@refs/pr/1", "@refs%2Fpr%2F1", "@{sha}"])
def test_an_hf_path_leads_into_a_repository(local_hub: LocalHub, revision: str) -> None:
    sha = local_hub.add("me/x", {"d/a.csv": b"1"})
    local_hub.branch("me/x", "refs/pr/1", at=sha)
    revision = revision.format(sha=sha)
    [file] = found(f"hf://datasets/me/x{revision}/d/*.csv")
    assert file.name == f"hf://datasets/me/x@{sha}/d/a.csv"


def test_an_address_on_the_hub_is_read_through_its_cache(local_hub: LocalHub) -> None:
    sha = local_hub.add("me/x", {"d/a.csv": b"1"})
    [file] = found(f"{local_hub.endpoint}/datasets/me/x/resolve/main/d/a.csv")
    assert file.name == f"hf://datasets/me/x@{sha}/d/a.csv"


def test_files_of_one_repository_take_one_look_at_the_hub(local_hub: LocalHub) -> None:
    local_hub.add("me/x", {"a.csv": "x\n", "b.csv": "x\n", "c.csv": "x\n"})
    files = Elsewhere(LocalTree("."), None, settings.current())
    local_hub.clear_requests()
    for name in "abc":
        assert len(files.files(f"hf://datasets/me/x/{name}.csv")) == 1
    assert local_hub.count() == 2  # the commit, and its files


def test_a_repository_can_not_lead_elsewhere(local_hub: LocalHub) -> None:
    local_hub.add("me/x", {"a.csv": b"1", "a.zip": zipped(x="1")})
    tree = open_repo("me/x", revision=None, token=None, settings=settings.current())
    for pattern in ("https://example.org/a.csv", "file:///etc/passwd", "hf://datasets/you/y/a.csv"):
        with pytest.raises(ValueError, match="don't belong"):
            Elsewhere(tree, None, settings.current()).files(pattern)
    inside = Elsewhere(tree, None, settings.current()).files("zip://*::a.zip")
    assert [file.open().read() for file in inside] == [b"1"]


@pytest.mark.parametrize("pattern", ["s3://a/b.csv", "zip://x", "hf://models/x"])
def test_other_addresses_are_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=pattern.split("://")[0]):
        found(pattern)


@pytest.fixture
def web() -> Iterator[Any]:
    """A web server with one file; ``web.seen`` are the statuses it answered."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/a.csv":
                status = 404
            elif self.headers.get("If-None-Match") == f'"{len(server.body)}"':
                status = 304
            else:
                status = 200
            server.seen.append((status, self.headers.get("Authorization")))
            self.send_response(status)
            if status == 200:
                self.send_header("ETag", f'"{len(server.body)}"')
            self.send_header("Content-Length", str(len(server.body) if status == 200 else 0))
            self.end_headers()
            if status == 200:
                self.wfile.write(server.body)

        def log_message(self, *args: Any) -> None:
            pass

    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.body, server.seen = b"a\n1\n", []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_web_file_is_kept_and_asked_after(web: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    settings.reload()
    for body in (b"a\n1\n", b"a\n1\n", b"a\n12\n"):
        web.body = body
        [file] = found(f"{web.url}/a.csv")
        with file.open() as stream:
            assert stream.read() == body
    assert web.seen == [(200, None), (304, None), (200, None)]


def test_a_web_file_that_is_not_there_is_named(web: Any) -> None:
    with pytest.raises(DataFilesNotFoundError, match=r"b\.csv"):
        found(f"{web.url}/b.csv")
