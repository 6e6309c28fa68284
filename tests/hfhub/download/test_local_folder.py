from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path

import pytest

from hfhub import settings
from hfhub.download.file import hf_hub_download
from hfhub.download.snapshot import snapshot_download
from hfhub.errors import IntegrityError, LocalEntryNotFoundError

REPO = "owner/name"
LARGE = bytes(range(256)) * 10_000


@pytest.fixture
def here(tmp_path: Path) -> Path:
    return tmp_path / "here"


def download(here: Path, name: str = "d/a.bin", **options: object) -> Path:
    path = hf_hub_download(REPO, name, repo_type="dataset", local_dir=here, **options)
    assert isinstance(path, str)
    return Path(path)


def fetched(hub) -> list[str | None]:
    return [seen.file for seen in hub.requests if seen.file and seen.method == "GET"]


@pytest.mark.parametrize("data", [b"", b"hello", LARGE], ids=["empty", "small", "large"])
def test_a_file_lies_under_its_own_name_with_a_note_beside_it(local_hub, here, data):
    sha = local_hub.add(REPO, {"d/a.bin": data}, lfs=["*"])
    path = download(here)
    assert path == here / "d/a.bin"
    assert path.read_bytes() == data
    assert not path.is_symlink()
    note = here / ".cache/huggingface/download/d/a.bin.metadata"
    commit, etag, written = note.read_text().splitlines()
    # An empty file is never LFS, so its etag is git's.
    expected = hashlib.sha256(data) if data else hashlib.sha1(b"blob 0\0")
    assert (commit, etag) == (sha, expected.hexdigest())
    assert abs(float(written) - time.time()) < 60
    assert (here / ".cache/huggingface/.gitignore").read_text() == "*"
    assert not list(settings.current().cache_dir.glob("datasets--*/blobs/*"))


def test_the_same_file_is_not_fetched_again(local_hub, here):
    sha = local_hub.add(REPO, {"d/a.bin": LARGE}, lfs=["*"])
    download(here)
    local_hub.clear_requests()
    download(here)
    assert fetched(local_hub) == []
    local_hub.clear_requests()
    download(here, revision=sha)
    assert local_hub.requests == []


def test_a_new_commit_with_the_same_content_only_renews_the_note(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": LARGE}, lfs=["*"])
    download(here)
    sha = local_hub.add(REPO, {"b": b"x"})
    local_hub.clear_requests()
    download(here)
    assert fetched(local_hub) == []
    note = here / ".cache/huggingface/download/d/a.bin.metadata"
    assert note.read_text().startswith(sha)


def test_a_new_content_replaces_the_file(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": b"old"})
    download(here)
    local_hub.add(REPO, {"d/a.bin": b"new"})
    assert download(here).read_bytes() == b"new"


def test_a_file_that_the_user_changed_is_fetched_again(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": b"hello"})
    path = download(here)
    path.write_bytes(b"jello")
    later = time.time() + 10
    os.utime(path, (later, later))
    assert download(here).read_bytes() == b"hello"


@pytest.mark.parametrize("lfs", [[], ["*"]], ids=["regular", "lfs"])
def test_a_file_without_a_note_is_known_by_its_bytes(local_hub, here, lfs):
    local_hub.add(REPO, {"d/a.bin": LARGE}, lfs=lfs)
    (here / "d").mkdir(parents=True)
    (here / "d/a.bin").write_bytes(LARGE)
    snapshot_download(REPO, repo_type="dataset", local_dir=here)
    assert fetched(local_hub) == []


def test_what_the_cache_has_is_copied(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": LARGE}, lfs=["*"])
    hf_hub_download(REPO, "d/a.bin", repo_type="dataset")
    local_hub.clear_requests()
    assert download(here).read_bytes() == LARGE
    assert sum(seen.nbytes for seen in local_hub.requests if seen.file) == 0


def test_what_the_cache_has_wrong_is_fetched(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": LARGE}, lfs=["*"])
    cached = Path(hf_hub_download(REPO, "d/a.bin", repo_type="dataset")).resolve()
    cached.write_bytes(LARGE[:-1] + b"?")
    assert download(here).read_bytes() == LARGE


def test_wrong_bytes_leave_the_old_file_alone(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": b"old"})
    download(here)
    local_hub.add(REPO, {"d/a.bin": b"new"})
    with local_hub.faults.corrupt(at=0, method="GET"), pytest.raises(IntegrityError):
        download(here)
    assert (here / "d/a.bin").read_bytes() == b"old"


def test_a_snapshot_mirrors_the_repository(local_hub, here):
    files = {"a.txt": b"1", "d/b.txt": b"2", "d/e/c.bin": LARGE}
    local_hub.add(REPO, files)
    assert snapshot_download(REPO, repo_type="dataset", local_dir=here) == str(here)
    got = {
        path.relative_to(here).as_posix(): path.read_bytes()
        for path in here.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }
    assert got == files
    local_hub.clear_requests()
    snapshot_download(REPO, repo_type="dataset", local_dir=here)
    assert len(local_hub.requests) == 1


def test_without_the_hub_the_file_that_is_there_is_used(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": b"hello"})
    path = download(here)
    local_hub.close()
    assert download(here) == path
    with pytest.raises(LocalEntryNotFoundError):
        download(here, "other.bin", local_files_only=True)


def test_a_broken_download_is_resumed_by_a_later_call(local_hub, here, monkeypatch):
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    settings.reload()
    local_hub.add(REPO, {"d/a.bin": LARGE}, lfs=["*"])
    local_hub.faults.cut(after=1_500_000, origin="cdn", times=1)
    local_hub.faults.cut(after=0, origin="cdn", skip=1)
    with pytest.raises(ConnectionError):
        download(here)
    local_hub.faults.clear()
    local_hub.clear_requests()
    assert download(here).read_bytes() == LARGE
    assert [seen.range for seen in local_hub.requests if seen.file] == ["bytes=1500000-"]
    assert not list((here / ".cache").rglob("*.incomplete*"))


def test_a_dry_run_writes_nothing(local_hub, here):
    local_hub.add(REPO, {"d/a.bin": b"hello"})
    info = hf_hub_download(REPO, "d/a.bin", repo_type="dataset", local_dir=here, dry_run=True)
    assert info.will_download
    assert info.local_path == str(here / "d/a.bin")
    assert not here.exists()
