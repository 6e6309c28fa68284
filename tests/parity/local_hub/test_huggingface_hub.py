"""The official client against our server: one process does it all, each test looks at one fact."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.local_hub import LocalHub

README = b"---\nlicense: mit\nlanguage: [en]\ntags: [math]\n---\n# Title\n"
WEIGHTS = bytes(range(256)) * 5000


@pytest.fixture(scope="module")
def shas(hub: LocalHub) -> dict[str, str]:
    first = hub.add("ann/data", {"a.txt": "old", "deep/er/b.txt": "b"}, message="First")
    hub.tag("ann/data", "v1")
    last = hub.add("ann/data", {"a.txt": "new", "README.md": README}, message="Second\n\nMore")
    hub.add("ann/data", {"default/train/0000.parquet": b"PAR1"}, branch="refs/convert/parquet")
    net = hub.add("ann/net", {"model.safetensors": WEIGHTS, "config.json": "{}"}, repo_type="model")
    hub.add("ann/app", {"app.py": "print()"}, repo_type="space")
    hub.add("ann/many", {f"f/{i:04}.txt": str(i) for i in range(2345)})
    hub.add("ann/secret", {"s.parquet": b"secret"}, private=True)
    hub.add("ann/gated", {"g.txt": "gated"}, gated=True)
    hub.add("ann/closed", {"c.txt": "closed"})
    hub.disable("ann/closed")
    hub.add("ann/old", {"a.txt": "renamed"})
    hub.rename("ann/old", "ann/renamed")
    return {"first": first, "last": last, "net": net}


@pytest.fixture(scope="module")
def result(shas: dict[str, str], run_peer: Callable[[str], Any]) -> dict[str, Any]:
    found: dict[str, Any] = run_peer("official_client.py")
    return found


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


EXPECTED = {
    "regular": sha256(README),
    "lfs": sha256(WEIGHTS),
    "space": sha256(b"print()"),
    "old commit": sha256(b"old"),
    "tag": sha256(b"old"),
    "convert": sha256(b"PAR1"),
    "snapshot": ["README.md", "a.txt", "deep/er/b.txt"],
    "license": "mit",
    "expand": ["math", "language:en", "license:mit", "region:us"],
    "tree": [
        ["RepoFile", "README.md"],
        ["RepoFile", "a.txt"],
        ["RepoFolder", "deep"],
        ["RepoFolder", "deep/er"],
        ["RepoFile", "deep/er/b.txt"],
    ],
    "folder": ["deep/er/b.txt"],
    "expanded": [["README.md", "Second"], ["a.txt", "Second"], ["deep", "First"]],
    "many": 2346,
    "many expanded": 2345,
    "paths": [["RepoFile", "a.txt"], ["RepoFolder", "deep"]],
    "refs": [["refs/heads/main"], ["refs/tags/v1"], ["refs/convert/parquet"]],
    "commits": ["Second", "First"],
    "whoami": "ann",
    "list": ["ann/closed", "ann/data", "ann/gated", "ann/many", "ann/renamed"],
    "search": ["ann/many"],
    "limit": 2,
    "filter": ["ann/data"],
    "models": ["ann/net"],
    "spaces": ["ann/app"],
    "exists": [True, False, False, True, False],
    "no file": "RemoteEntryNotFoundError",
    "no revision": "RevisionNotFoundError",
    "no repository": "RepositoryNotFoundError",
    "no repository, signed in": "RepositoryNotFoundError",
    "bad token": "HfHubHTTPError",
    "private, stranger": "RepositoryNotFoundError",
    "private, other": "RepositoryNotFoundError",
    "private, owner": "ann/secret",
    "private file, owner": sha256(b"secret"),
    "gated listing": ["g.txt"],
    "gated, stranger": "GatedRepoError",
    "gated, other": "GatedRepoError",
    "gated, owner": sha256(b"gated"),
    "gated check": "GatedRepoError",
    "disabled": "DisabledRepoError",
    "renamed": sha256(b"renamed"),
    "letter case": "ann/net",
    "fs ls": ["README.md", "a.txt", "deep"],
    "fs glob": ["datasets/ann/data/a.txt", "datasets/ann/data/deep/er/b.txt"],
    "fs part": WEIGHTS[123_456:123_466].hex(),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_the_official_client_gets(name: str, result: dict[str, Any]) -> None:
    assert result[name] == EXPECTED[name]


def test_the_commit_is_the_one_that_add_gave(shas: dict[str, str], result: dict[str, Any]) -> None:
    assert result["sha"] == shas["last"]


def test_file_metadata_stands_on_the_redirect(
    hub: LocalHub, shas: dict[str, str], result: dict[str, Any]
) -> None:
    cdn = hub.cdn.removeprefix("http://")
    assert result["metadata"] == [sha256(WEIGHTS), len(WEIGHTS), shas["net"], cdn]


def test_siblings_carry_sizes_and_digests(result: dict[str, Any]) -> None:
    config, weights = result["siblings"]
    assert config == ["config.json", 2, "9e26dfeeb6e641a33dae4961196235bdb965b21b", None]
    assert (weights[1], weights[3]) == (len(WEIGHTS), sha256(WEIGHTS))


def test_the_second_origin_never_saw_a_token(hub: LocalHub, result: dict[str, Any]) -> None:
    at_cdn = [seen for seen in hub.requests if seen.origin == "cdn"]
    assert at_cdn
    assert not any(seen.authorized for seen in at_cdn)
