from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from hfhub import settings
from hfhub.http import Client
from hfhub.local_hub import LocalHub
from hfhub.local_hub.mirror import MirrorShelf, content

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Ask = Any
BIG = bytes(range(256)) * 8000


@pytest.fixture
def upstream() -> Iterator[LocalHub]:
    with LocalHub(tokens={"hf_ann": "ann"}) as hub:
        hub.add("ann/data", {"README.md": "---\nlicense: mit\n---\n", "in/b.parquet": BIG})
        hub.add("ann/data", {"c/train/0000.parquet": b"copy"}, branch="refs/convert/parquet")
        yield hub


@pytest.fixture
def here(upstream: LocalHub, tmp_path: Path) -> Iterator[LocalHub]:
    with LocalHub(tmp_path / "kept", mirror=upstream.endpoint) as hub:
        yield hub


def read(ask: Ask, hub: LocalHub, path: str, revision: str = "main", **headers: str) -> bytes:
    got = ask(f"{hub.endpoint}/datasets/ann/data/resolve/{revision}/{path}", **headers)
    while got.status in (302, 307):
        url = got.location if "://" in got.location else hub.endpoint + got.location
        got = ask(url, **headers)
    assert got.status in (200, 206), got.body
    return bytes(got.body)


def test_commits_listings_and_bytes_are_those_of_the_other_hub(
    upstream: LocalHub, here: LocalHub, ask: Ask
) -> None:
    path = "/api/datasets/ann/data"
    ours, theirs = ask(here.endpoint + path).json, ask(upstream.endpoint + path).json
    for field in ("id", "sha", "siblings", "tags", "cardData"):
        assert ours[field] == theirs[field]
    tree = f"{path}/tree/main?recursive=True"
    assert ask(here.endpoint + tree).json == ask(upstream.endpoint + tree).json
    refs = f"{path}/refs"
    assert ask(here.endpoint + refs).json == ask(upstream.endpoint + refs).json
    assert read(ask, here, "in/b.parquet") == BIG
    assert read(ask, here, "c/train/0000.parquet", "refs%2Fconvert%2Fparquet") == b"copy"


def test_what_was_fetched_is_served_when_the_other_hub_is_gone(
    upstream: LocalHub, tmp_path: Path, ask: Ask
) -> None:
    with LocalHub(tmp_path, mirror=upstream.endpoint) as hub:
        read(ask, hub, "in/b.parquet")
        read(ask, hub, "README.md")
        ask(f"{hub.endpoint}/api/datasets/ann/data/refs")
    upstream.close()
    with LocalHub(tmp_path, mirror=upstream.endpoint) as hub:
        sha = ask(f"{hub.endpoint}/api/datasets/ann/data").json["sha"]
        assert read(ask, hub, "in/b.parquet") == BIG
        assert read(ask, hub, "README.md", sha).startswith(b"---")
        branches = ask(f"{hub.endpoint}/api/datasets/ann/data/refs").json["branches"]
        assert branches[0]["targetCommit"] == sha
        assert [facts["id"] for facts in ask(f"{hub.endpoint}/api/datasets").json] == ["ann/data"]


def test_a_file_is_fetched_once(upstream: LocalHub, here: LocalHub, ask: Ask) -> None:
    for _ in range(3):
        read(ask, here, "in/b.parquet")
    assert upstream.downloads.count("in/b.parquet") == 1


def test_wrong_bytes_are_neither_kept_nor_passed_on(
    upstream: LocalHub, here: LocalHub, ask: Ask, tmp_path: Path
) -> None:
    with upstream.faults.corrupt(path="b.parquet", origin="cdn"):
        link = ask(f"{here.endpoint}/datasets/ann/data/resolve/main/in/b.parquet").location
        assert ask(link).status == 502
    assert read(ask, here, "in/b.parquet") == BIG


def test_a_large_file_is_passed_on_while_it_is_fetched(
    upstream: LocalHub, here: LocalHub, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content, "_PATIENCE", 0.0)
    upstream.faults.latency(0.3, origin="cdn", times=1)
    assert read(ask, here, "in/b.parquet", Range="bytes=1000000-1000999") == BIG[1000000:1001000]
    deadline = time.monotonic() + 20
    while upstream.downloads.count("in/b.parquet") < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert read(ask, here, "in/b.parquet") == BIG


@pytest.mark.parametrize("fresh", [0.0, 60.0])
def test_a_branch_is_looked_up_again_after_a_while(
    fresh: float, upstream: LocalHub, tmp_path: Path, ask: Ask
) -> None:
    here = settings.current().override(endpoint=upstream.endpoint, cache_dir=tmp_path)
    shelf = MirrorShelf(Client(here), fresh_seconds=fresh)
    with LocalHub(shelves=[shelf]) as hub:
        old = hub.sha("ann/data")
        new = upstream.add("ann/data", {"new.txt": "new"})
        assert hub.sha("ann/data") == (new if fresh == 0 else old)
        assert read(ask, hub, "new.txt", new) == b"new"


def test_what_the_other_hub_lacks_this_one_lacks(here: LocalHub, ask: Ask) -> None:
    assert ask(f"{here.endpoint}/api/datasets/ann/nope").status == 401
    base = f"{here.endpoint}/datasets/ann/data/resolve"
    assert ask(f"{base}/main/nope").headers["X-Error-Code"] == "EntryNotFound"
    assert ask(f"{base}/nope/README.md").headers["X-Error-Code"] == "RevisionNotFound"
    assert ask(f"{base}/{'0' * 40}/README.md").headers["X-Error-Code"] == "RevisionNotFound"


def test_gated_files_stay_closed_without_a_token(
    upstream: LocalHub, here: LocalHub, ask: Ask
) -> None:
    upstream.add("ann/gated", {"g.txt": "g"}, gated=True)
    assert ask(f"{here.endpoint}/api/datasets/ann/gated/tree/main").status == 200
    path = f"{here.endpoint}/datasets/ann/gated/resolve/main/g.txt"
    got = ask(here.endpoint + ask(path).location)
    assert (got.status, got.headers["X-Error-Code"]) == (403, "GatedRepo")


def test_the_mirror_s_token_opens_them(upstream: LocalHub, tmp_path: Path, ask: Ask) -> None:
    upstream.add("ann/gated", {"g.txt": "g"}, gated=True)
    with LocalHub(tmp_path, mirror=upstream.endpoint, mirror_token="hf_ann") as hub:
        path = f"{hub.endpoint}/datasets/ann/gated/resolve/main/g.txt"
        assert ask(hub.endpoint + ask(path).location).body == b"g"


def test_callers_tokens_are_not_passed_on(upstream: LocalHub, tmp_path: Path, ask: Ask) -> None:
    with LocalHub(tmp_path, mirror=upstream.endpoint, strict_tokens=False) as hub:
        read(ask, hub, "README.md", Authorization="Bearer hf_ann")
    assert upstream.requests
    assert not any(seen.authorized for seen in upstream.requests)


def test_without_the_other_hub_what_is_new_cannot_be_had(
    upstream: LocalHub, here: LocalHub, ask: Ask
) -> None:
    upstream.close()
    got = ask(f"{here.endpoint}/api/datasets/ann/data")
    assert got.status == 504
    assert "cannot reach its Hub" in got.headers["X-Error-Message"]


def test_a_mirror_needs_a_folder() -> None:
    with pytest.raises(ValueError, match="needs a root"):
        LocalHub(mirror="http://127.0.0.1:9")


def test_repositories_of_the_folder_stand_before_the_mirror(
    upstream: LocalHub, tmp_path: Path, ask: Ask
) -> None:
    folder = tmp_path / "datasets" / "ann" / "data"
    folder.mkdir(parents=True)
    (folder / "own.txt").write_text("own")
    with LocalHub(tmp_path, mirror=upstream.endpoint) as hub:
        assert read(ask, hub, "own.txt") == b"own"
    assert upstream.requests == []
