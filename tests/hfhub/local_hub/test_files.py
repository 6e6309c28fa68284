from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from hfhub.digest import Digest
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from pathlib import Path


Ask = Any
DATA = bytes(range(256)) * 4
TEXT = "/datasets/owner/name/resolve/main/a.txt"
BIG = "/datasets/owner/name/resolve/main/b.parquet"


@pytest.fixture(autouse=True)
def sha(local_hub: LocalHub) -> str:
    return local_hub.add("owner/name", {"a.txt": DATA, "b.parquet": DATA})


@pytest.fixture
def regular(ask: Ask) -> str:
    return str(ask(TEXT).location)


@pytest.fixture
def signed(ask: Ask) -> str:
    return str(ask(BIG).location)


def test_a_regular_file_is_redirected_on_the_same_origin(ask: Ask, sha: str) -> None:
    got = ask(TEXT, "HEAD")
    assert got.status == 307
    assert got.location.startswith(f"/api/resolve-cache/datasets/owner/name/{sha}/a.txt?")
    assert got.headers["X-Repo-Commit"] == sha
    assert got.body == b""


def test_its_etag_is_git_s_name_for_the_bytes(ask: Ask, regular: str) -> None:
    got = ask(regular)
    assert (got.status, got.body) == (200, DATA)
    digest = Digest.from_etag(got.headers["ETag"])
    assert digest is not None
    assert digest.kind == "git-sha1"
    assert digest.matches(DATA)


def test_an_lfs_file_is_redirected_to_the_second_origin(
    ask: Ask, local_hub: LocalHub, sha: str
) -> None:
    got = ask(BIG, "HEAD")
    assert got.status == 302
    assert got.location.startswith(local_hub.cdn)
    assert got.headers["X-Linked-Etag"] == f'"{hashlib.sha256(DATA).hexdigest()}"'
    assert got.headers["X-Linked-Size"] == str(len(DATA))
    assert got.headers["X-Repo-Commit"] == sha
    assert int(got.headers["Content-Length"]) != len(DATA)


def test_the_second_origin_has_etags_that_are_no_digests(ask: Ask, signed: str) -> None:
    got = ask(signed)
    assert (got.status, got.body) == (200, DATA)
    assert Digest.from_etag(got.headers["ETag"]) is None


def test_a_link_works_without_a_token_only(ask: Ask, signed: str) -> None:
    assert ask(signed, Authorization="Bearer hf_any").status == 400


def test_a_link_for_one_file_opens_no_other(ask: Ask, signed: str) -> None:
    assert ask(signed.replace("b.parquet", "a.txt")).status == 403
    assert ask(signed[:-1] + ("0" if signed[-1] != "0" else "1")).status == 403


def test_an_old_link_is_refused(ask: Ask, local_hub: LocalHub) -> None:
    with local_hub.faults.expired_link(path="b.parquet", times=1):
        link = ask(BIG).location
        assert ask(link).status == 403
        assert ask(ask(BIG).location).status == 200


@pytest.mark.parametrize("where", ["regular", "signed"])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-19", (10, 20)),
        ("bytes=1000-", (1000, 1024)),
        ("bytes=1000-9999", (1000, 1024)),
        ("bytes=-24", (1000, 1024)),
        ("bytes=-9999", (0, 1024)),
    ],
)
def test_ranges(
    where: str, header: str, expected: tuple[int, int], ask: Ask, request: pytest.FixtureRequest
) -> None:
    start, end = expected
    got = ask(request.getfixturevalue(where), Range=header)
    assert (got.status, got.body) == (206, DATA[start:end])
    assert got.headers["Content-Range"] == f"bytes {start}-{end - 1}/1024"


@pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0", "bytes=9-5"])
def test_a_range_past_the_end(header: str, ask: Ask, signed: str) -> None:
    got = ask(signed, Range=header)
    assert (got.status, got.headers["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize(
    "header",
    ["bytes=0-1,5-6", "lines=0-1", "bytes=-", "nonsense", "bytes=" + "9" * 5000 + "-"],
)
def test_what_is_no_single_byte_range_gets_all(header: str, ask: Ask, signed: str) -> None:
    assert ask(signed, Range=header).status == 200


def test_if_range_holds_only_for_the_same_etag(ask: Ask, signed: str) -> None:
    etag = ask(signed).headers["ETag"]
    assert ask(signed, Range="bytes=5-", If_Range=etag).status == 206
    assert ask(signed, Range="bytes=5-", If_Range='"other"').status == 200


def test_a_missing_file_still_names_the_commit(ask: Ask, sha: str) -> None:
    got = ask("/datasets/owner/name/resolve/main/nope", "HEAD")
    assert (got.status, got.headers["X-Error-Code"]) == (404, "EntryNotFound")
    assert got.headers["X-Repo-Commit"] == sha


def test_a_missing_revision(ask: Ask) -> None:
    got = ask("/datasets/owner/name/resolve/nope/a.txt")
    assert (got.status, got.headers["X-Error-Code"]) == (404, "RevisionNotFound")


@pytest.mark.parametrize("revision", ["refs%2Fconvert%2Fparquet", "refs/convert/parquet"])
def test_a_reference_may_be_quoted_or_not(revision: str, ask: Ask, local_hub: LocalHub) -> None:
    files = {"default/train/0000.parquet": b"copy"}
    local_hub.add("owner/name", files, branch="refs/convert/parquet")
    path = f"/datasets/owner/name/resolve/{revision}/default/train/0000.parquet"
    assert ask(ask(path).location).body == b"copy"


def test_an_old_commit_is_still_served(ask: Ask, local_hub: LocalHub, sha: str) -> None:
    new = local_hub.add("owner/name", {"a.txt": "new"})
    old = ask(f"/datasets/owner/name/resolve/{sha}/a.txt").location
    assert ask(old).body == DATA
    assert ask(ask(TEXT).location).body == b"new"
    assert ask(f"/datasets/owner/name/resolve/{new[:8]}/a.txt").headers["X-Repo-Commit"] == new


def test_names_with_odd_characters(ask: Ask, local_hub: LocalHub) -> None:
    name = "100% new/a#b?c é.txt"
    local_hub.add("owner/name", {name: "odd"})
    quoted = "100%25%20new/a%23b%3Fc%20%C3%A9.txt"
    got = ask(f"/datasets/owner/name/resolve/main/{quoted}")
    assert ask(urljoin(local_hub.endpoint, got.location)).body == b"odd"
    assert local_hub.downloads == [name]


def test_files_of_a_folder_come_from_the_disk(
    ask: Ask, local_hub: LocalHub, tmp_path: Path
) -> None:
    folder = tmp_path / "files"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "c.bin").write_bytes(DATA * 1000)
    local_hub.add("owner/disk", {"top": folder})
    link = ask("/datasets/owner/disk/resolve/main/top/in/c.bin").location
    assert ask(link).body == DATA * 1000
    assert ask(link, Range="bytes=500000-").body == (DATA * 1000)[500_000:]


def test_direct_answers_for_regular_files_can_be_had(ask: Ask) -> None:
    with LocalHub(redirect_regular=False) as hub:
        sha = hub.add("owner/name", {"a.txt": "one"}, repo_type="model")
        got = ask(f"{hub.endpoint}/owner/name/resolve/main/a.txt")
    assert (got.status, got.body, got.headers["X-Repo-Commit"]) == (200, b"one", sha)
