from __future__ import annotations

import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from hfhub.errors import HFValidationError, UnsafePathError
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from collections.abc import Iterator

Ask = Any
EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_the_same_calls_give_the_same_commits() -> None:
    shas = []
    for _ in range(2):
        with LocalHub() as hub:
            hub.add("owner/name", {"a.txt": "a"})
            shas.append(hub.add("owner/name", {"b.txt": "b"}))
    assert shas[0] == shas[1]


def test_a_commit_lies_on_top_of_the_branch(local_hub: LocalHub) -> None:
    first = local_hub.add("owner/name", {"a.txt": "a", "b.txt": "b"})
    second = local_hub.add("owner/name", {"b.txt": None, "c.txt": "c"})
    repository = local_hub.repository("owner/name")
    assert list(repository.commits[first].files) == ["a.txt", "b.txt"]
    assert list(repository.commits[second].files) == ["a.txt", "c.txt"]
    assert repository.commits[second].parent is repository.commits[first]


def test_adding_what_is_there_makes_no_commit(local_hub: LocalHub) -> None:
    sha = local_hub.add("owner/name", {"a.txt": "a"})
    assert local_hub.add("owner/name", {"a.txt": "a"}) == sha


def test_trees_have_the_ids_that_git_gives_them(local_hub: LocalHub) -> None:
    local_hub.add("owner/name", {})
    assert local_hub.repository("owner/name").refs["refs/heads/main"].folders[""] == EMPTY_TREE
    sha = local_hub.add("owner/name", {"a/b": "{}", "a.b": "{}"})
    # `git write-tree` of the same two files
    assert local_hub.repository("owner/name").commits[sha].folders == {
        "": "0fe40882b2edf089a1228b80bbce3611c94f2de6",
        "a": "f478418e672c5e230f0417cf71b400b9b5c7aea8",
    }


def test_lfs_goes_by_name_and_size(ask: Ask) -> None:
    with LocalHub(lfs=["*.big"], lfs_threshold=10) as hub:
        files = {"a.big": b"1", "b.txt": b"0123456789", "c.txt": b"0123456789A", "empty.big": b""}
        hub.add("owner/name", files)
        hub.add("owner/name", {"b.txt": b"other"}, branch="all", lfs=["*"])
        rows = ask(f"{hub.endpoint}/api/datasets/owner/name/tree/main").json
        (other,) = ask(f"{hub.endpoint}/api/datasets/owner/name/tree/all").json
    assert [row["path"] for row in rows if "lfs" in row] == ["a.big", "c.txt"]
    assert "lfs" in other


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a/../b", ""])
def test_paths_that_leave_the_repository_are_refused(path: str, local_hub: LocalHub) -> None:
    with pytest.raises(UnsafePathError):
        local_hub.add("owner/name", {path: "x"})


def test_names_that_are_no_repository_ids_are_refused(local_hub: LocalHub) -> None:
    with pytest.raises(HFValidationError):
        local_hub.add("a/b/c", {})


def test_requests_are_counted_without_redirects(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.parquet": b"12345"})
    ask(ask("/datasets/owner/name/resolve/main/a.parquet").location)
    assert (local_hub.count(), local_hub.count(redirects=True)) == (1, 2)
    assert local_hub.count(origin="hub") == 0
    assert local_hub.downloads == ["a.parquet"]
    assert [seen.nbytes for seen in local_hub.requests][1] == 5
    local_hub.clear_requests()
    assert local_hub.requests == []


def test_links_use_the_name_that_the_caller_knows(local_hub: LocalHub, ask: Ask) -> None:
    local_hub.add("owner/name", {"a.parquet": b"1"})
    port = urlsplit(local_hub.cdn).port
    got = ask("/datasets/owner/name/resolve/main/a.parquet", Host="hub.test:80")
    assert got.location.startswith(f"http://hub.test:{port}/")


def test_a_closed_hub_listens_no_more() -> None:
    with LocalHub() as hub:
        address = (urlsplit(hub.endpoint).hostname, urlsplit(hub.endpoint).port)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address)  # type: ignore[arg-type]


@pytest.fixture
def line(local_hub: LocalHub) -> Iterator[socket.socket]:
    parts = urlsplit(local_hub.endpoint)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as sock:
        yield sock


def received(sock: socket.socket) -> bytes:
    return b"".join(iter(lambda: sock.recv(65536), b""))


def test_two_requests_may_come_at_once(line: socket.socket) -> None:
    line.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received(line).count(b"HTTP/1.1 200 OK") == 2


def test_a_body_may_come_in_chunks(local_hub: LocalHub, line: socket.socket) -> None:
    local_hub.add("owner/name", {"a.txt": "a"})
    line.sendall(
        b"POST /api/datasets/owner/name/paths-info/main HTTP/1.1\r\nConnection: close\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n6\r\npaths=\r\n5;x=y\r\na.txt\r\n0\r\n\r\n"
    )
    assert b'"path":"a.txt"' in received(line)


@pytest.mark.parametrize(
    "sent",
    [
        b"nonsense\r\n\r\n",
        b"GET / SPDY/1\r\n\r\n",
        b"GET nowhere HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n",
        b"POST / HTTP/1.1\r\nContent-Length: 999999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: " + b"a" * 70_000,
    ],
    ids=["words", "protocol", "target", "header", "length", "huge", "long"],
)
def test_what_is_no_request_gets_400_and_a_closed_line(sent: bytes, line: socket.socket) -> None:
    line.sendall(sent)
    assert received(line).startswith(b"HTTP/1.1 400 ")


def test_a_proxy_s_form_of_the_target_is_understood(line: socket.socket) -> None:
    line.sendall(b"GET http://hub.test/ HTTP/1.1\r\nConnection: close\r\n\r\n")
    assert received(line).startswith(b"HTTP/1.1 200 ")


def test_the_environment_for_programs(
    local_hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_mine")
    monkeypatch.setenv("http_proxy", "http://proxy.test")
    env = local_hub.env(tmp_path)
    assert env["HF_ENDPOINT"] == local_hub.endpoint
    assert env["HF_HOME"] == str(tmp_path)
    assert not {"HF_TOKEN", "http_proxy"} & env.keys()
    assert Path(env["PATH"].split(":")[0]).is_absolute()
