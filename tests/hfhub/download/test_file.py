from __future__ import annotations

import hashlib
import pickle
from pathlib import Path

import pytest

from hfhub import settings
from hfhub.download.file import (
    _CACHED_NO_EXIST,
    DryRunFileInfo,
    hf_hub_download,
    try_to_load_from_cache,
)
from hfhub.errors import (
    CacheFullError,
    GatedRepoError,
    HFValidationError,
    IntegrityError,
    LocalEntryNotFoundError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    UnsafePathError,
)
from hfhub.local_hub import LocalHub

REPO = "owner/name"
LARGE = bytes(range(256)) * (20_000)  # 5 MB: over the size that is fetched in one piece


def download(name: str, **options: object) -> str:
    path = hf_hub_download(REPO, name, repo_type="dataset", **options)
    assert isinstance(path, str)
    return path


def unfinished() -> list[Path]:
    return [
        path
        for path in (settings.current().cache_dir / ".hfhub" / "partial").rglob("*")
        if path.is_file()
    ]


@pytest.mark.parametrize("lfs", [[], ["*"]], ids=["regular", "lfs"])
@pytest.mark.parametrize("data", [b"", b"hello", LARGE], ids=["empty", "small", "large"])
def test_a_file_comes_with_one_request(local_hub, lfs, data):
    local_hub.add(REPO, {"a/b.bin": data}, lfs=lfs)
    assert Path(download("a/b.bin")).read_bytes() == data
    hub_side = local_hub.count(origin="hub")
    cdn_side = local_hub.count(origin="cdn")
    assert (hub_side, cdn_side) in {(1, 0), (0, 1), (0, 0)}
    assert unfinished() == []


def test_a_cached_file_costs_no_request_at_a_commit(local_hub):
    sha = local_hub.add(REPO, {"a.txt": b"hello"})
    first = download("a.txt", revision=sha)
    local_hub.clear_requests()
    assert download("a.txt", revision=sha) == first
    assert local_hub.requests == []


def test_a_cached_file_costs_one_head_at_a_branch(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello", "b.bin": b"x"}, lfs=["*.bin"])
    for name in ("a.txt", "b.bin"):
        first = download(name)
        local_hub.clear_requests()
        assert download(name) == first
        assert {seen.method for seen in local_hub.requests} == {"HEAD"}
        assert local_hub.count(redirects=True) - local_hub.count(redirects=False) == 1


def test_a_branch_that_moved_brings_the_new_file_and_keeps_the_old(local_hub):
    local_hub.add(REPO, {"a.txt": b"old"})
    old = download("a.txt")
    local_hub.add(REPO, {"a.txt": b"new"})
    assert Path(download("a.txt")).read_bytes() == b"new"
    assert Path(old).read_bytes() == b"old"


def test_content_that_is_cached_at_another_commit_is_linked_not_fetched(local_hub):
    local_hub.add(REPO, {"a.txt": b"same", "b.txt": b"1"})
    download("a.txt")
    local_hub.add(REPO, {"b.txt": b"2"})
    local_hub.clear_requests()
    assert Path(download("a.txt")).read_bytes() == b"same"
    assert sum(seen.nbytes for seen in local_hub.requests if seen.file) == 0


@pytest.mark.parametrize("size", [5, len(LARGE)], ids=["small", "large"])
def test_wrong_bytes_are_fetched_once_more(local_hub, size):
    data = LARGE[:size]
    local_hub.add(REPO, {"a.bin": data}, lfs=["*"])
    with local_hub.faults.corrupt(at=3, path="a.bin", origin="cdn", times=1) as fault:
        assert Path(download("a.bin")).read_bytes() == data
    assert fault.hits == 1


@pytest.mark.parametrize("size", [5, len(LARGE)], ids=["small", "large"])
@pytest.mark.parametrize("lfs", [[], ["*"]], ids=["regular", "lfs"])
def test_bytes_that_stay_wrong_are_an_error_and_nothing_is_kept(local_hub, size, lfs):
    sha = local_hub.add(REPO, {"a.bin": LARGE[:size]}, lfs=lfs)
    with (
        local_hub.faults.corrupt(at=3, method="GET", path="*a.bin"),
        pytest.raises(IntegrityError) as caught,
    ):
        download("a.bin")
    assert f"datasets/{REPO}@{sha}/a.bin" in str(caught.value)
    assert unfinished() == []
    assert try_to_load_from_cache(REPO, "a.bin", repo_type="dataset") is None
    assert not list(settings.current().cache_dir.glob("datasets--*/blobs/*"))


def test_a_file_cut_short_by_the_server_is_an_error(local_hub):
    local_hub.add(REPO, {"a.bin": b"x" * 1000}, lfs=["*"])
    with (
        local_hub.faults.truncate(after=400, origin="cdn"),
        pytest.raises(IntegrityError, match="400 bytes"),
    ):
        download("a.bin")


def test_a_cached_file_is_used_when_the_hub_is_gone(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    first = download("a.txt")
    local_hub.close()
    assert download("a.txt") == first


def test_a_missing_file_is_an_error_that_is_remembered(local_hub):
    sha = local_hub.add(REPO, {"a.txt": b"hello"})
    with pytest.raises(RemoteEntryNotFoundError):
        download("b.txt")
    known = try_to_load_from_cache(REPO, "b.txt", repo_type="dataset", revision=sha)
    assert known is _CACHED_NO_EXIST
    assert repr(known) == "_CACHED_NO_EXIST"


def test_a_missing_repository_and_a_missing_revision_are_told_apart(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    with pytest.raises(RevisionNotFoundError):
        download("a.txt", revision="nope")
    with pytest.raises(RepositoryNotFoundError):
        hf_hub_download("owner/other", "a.txt")


def test_a_gated_file_is_refused_without_a_grant(local_hub):
    local_hub.add_token("hf_a", "ann")
    local_hub.add(REPO, {"a.txt": b"hello"}, gated=True)
    with pytest.raises(GatedRepoError):
        download("a.txt", token="hf_a")
    local_hub.grant(REPO, "ann")
    assert Path(download("a.txt", token="hf_a")).read_bytes() == b"hello"


def test_the_token_goes_to_the_hub_and_not_to_the_cdn(local_hub):
    local_hub.add_token("hf_a", "ann")
    local_hub.add(REPO, {"a.bin": b"x", "b.txt": b"y"}, lfs=["*.bin"])
    for name in ("a.bin", "b.txt"):
        download(name, token="hf_a", headers={"X-Mine": "1"})
    for seen in local_hub.requests:
        assert seen.authorized == (seen.origin == "hub")
        assert ("x-mine" in seen.headers) == (seen.origin == "hub")


def test_offline_a_cached_file_is_found_and_another_is_a_typed_error(local_hub, monkeypatch):
    local_hub.add(REPO, {"a.txt": b"hello", "b.txt": b"x"})
    first = download("a.txt")
    local_hub.clear_requests()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.reload()
    assert download("a.txt") == first
    with pytest.raises(LocalEntryNotFoundError, match="HF_HUB_OFFLINE"):
        download("b.txt")
    assert local_hub.requests == []


def test_local_files_only_makes_no_request(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    with pytest.raises(LocalEntryNotFoundError, match="local_files_only"):
        download("a.txt", local_files_only=True)
    assert local_hub.requests == []


def test_by_force_a_cached_file_is_fetched_again(local_hub):
    sha = local_hub.add(REPO, {"a.txt": b"hello"})
    first = download("a.txt", revision=sha)
    local_hub.clear_requests()
    assert download("a.txt", revision=sha, force_download=True) == first
    assert local_hub.downloads == ["a.txt"]


def test_by_force_without_the_hub_is_a_value_error(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    download("a.txt")
    with pytest.raises(ValueError, match="force_download"):
        download("a.txt", force_download=True, local_files_only=True)


def test_a_dry_run_fetches_nothing_and_says_what_would_be(local_hub):
    sha = local_hub.add(REPO, {"a/b.bin": b"hello"}, lfs=["*"])
    before = hf_hub_download(REPO, "a/b.bin", repo_type="dataset", dry_run=True)
    assert isinstance(before, DryRunFileInfo)
    assert (before.commit_hash, before.file_size, before.filename) == (sha, 5, "a/b.bin")
    assert (before.is_cached, before.will_download) == (False, True)
    assert not Path(before.local_path).exists()
    path = download("a/b.bin")
    assert path == before.local_path
    after = hf_hub_download(REPO, "a/b.bin", repo_type="dataset", revision=sha, dry_run=True)
    assert isinstance(after, DryRunFileInfo)
    assert (after.is_cached, after.will_download, after.file_size) == (True, False, 5)


def test_subfolder_is_put_in_front(local_hub):
    local_hub.add(REPO, {"a/b.txt": b"hello"})
    assert download("b.txt", subfolder="a").endswith("/a/b.txt")
    assert download("a/b.txt", subfolder="").endswith("/a/b.txt")


@pytest.mark.parametrize("name", ["../x", "/etc/passwd", "a//b", "C:x", "a\\..\\b", "a/\0"])
def test_a_name_that_leaves_the_folder_is_refused_before_any_request(local_hub, name):
    local_hub.add(REPO, {"a.txt": b"hello"})
    with pytest.raises(UnsafePathError):
        download(name)
    assert local_hub.requests == []


def test_malformed_arguments_are_validation_errors(local_hub):
    with pytest.raises(HFValidationError):
        hf_hub_download("a/b/c", "x")
    with pytest.raises(HFValidationError):
        hf_hub_download(REPO, "x", repo_type="nope")


def test_an_etag_that_is_no_digest_never_becomes_a_file_name(local_hub):
    local_hub.add(REPO, {"a.bin": b"hello"}, lfs=["*"])
    with (
        local_hub.faults.change_etag("../../../../x", origin="hub"),
        pytest.raises(LocalEntryNotFoundError, match="neither a sha256 nor a git sha1"),
    ):
        download("a.bin")


def test_a_zero_byte_leftover_is_no_hit(local_hub):
    sha = local_hub.add(REPO, {"a.txt": b"hello"})
    path = Path(download("a.txt", revision=sha))
    path.resolve().write_bytes(b"")
    assert Path(download("a.txt", revision=sha)).read_bytes() == b"hello"


def test_the_callers_progress_class_sees_every_byte(local_hub):
    local_hub.add(REPO, {"a.bin": LARGE}, lfs=["*"])
    seen = []

    class Bar:
        def __init__(self, **options):
            self.total = options["total"]

        def update(self, n):
            seen.append(n)

        def close(self):
            seen.append("closed")

    download("a.bin", tqdm_class=Bar)
    assert seen.pop() == "closed"
    assert sum(seen) == len(LARGE)


def test_the_cache_argument_wins_over_the_environment(local_hub, tmp_path):
    local_hub.add(REPO, {"a.txt": b"hello"})
    assert download("a.txt", cache_dir=tmp_path / "other").startswith(str(tmp_path / "other"))


def test_errors_survive_pickling(local_hub):
    with pytest.raises(RepositoryNotFoundError) as caught:
        hf_hub_download("owner/none", "x")
    again = pickle.loads(pickle.dumps(caught.value))
    assert (type(again), str(again)) == (type(caught.value), str(caught.value))


def test_a_blob_is_named_by_what_its_bytes_come_to(local_hub):
    local_hub.add(REPO, {"a.bin": b"hello"}, lfs=["*"])
    assert Path(download("a.bin")).resolve().name == hashlib.sha256(b"hello").hexdigest()


@pytest.mark.parametrize("size", [10**14, 10**17])
def test_a_size_beyond_the_disk_is_refused_by_name_and_evicts_nothing(
    size: int, local_hub: LocalHub
) -> None:
    local_hub.add(REPO, {"small.txt": b"kept", "large.bin": LARGE})
    kept = download("small.txt")
    local_hub.faults.headers({"X-Linked-Size": str(size)}, path="large.bin")
    with pytest.raises(CacheFullError, match=f"{size} bytes are needed for .*large.bin"):
        download("large.bin")
    assert Path(kept).read_bytes() == b"kept"
    assert unfinished() == []
