"""What released clients got wrong while downloading; one test each (HUB_PROTOCOL.md lists them)."""

from __future__ import annotations

import errno
import hashlib
import os
from pathlib import Path

import pytest

from hfhub import settings
from hfhub.cache.maintain import pin
from hfhub.download.file import hf_hub_download
from hfhub.download.snapshot import snapshot_download
from hfhub.errors import CacheFullError, HubError, IntegrityError, LocalEntryNotFoundError

REPO = "owner/name"
MIB = 1 << 20
DATA = os.urandom(3 * MIB + 5)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    settings.reload()


def download(name: str = "a.bin", **options: object) -> bytes:
    path = hf_hub_download(REPO, name, repo_type="dataset", **options)
    assert isinstance(path, str)
    return Path(path).read_bytes()


def everything(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


def blobs() -> list[Path]:
    return list(settings.current().cache_dir.glob("datasets--*/blobs/*"))


def test_one_wrong_byte_of_the_right_length_is_never_cached(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    with local_hub.faults.corrupt(at=MIB, origin="cdn"), pytest.raises(IntegrityError):
        download()
    assert blobs() == []
    assert download() == DATA


@pytest.mark.parametrize(
    "etag",
    ["../../../../x", "/etc/passwd", "..", "a/b", "C:\\x", "\0", "é", "a" * 5000, "", "A" * 64],
)
def test_an_etag_is_a_digest_or_nothing(local_hub, tmp_path, etag):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    before = set(everything(tmp_path))
    try:
        fault = local_hub.faults.change_etag(f'"{etag}"', origin="hub")
        with pytest.raises((LocalEntryNotFoundError, HubError)):
            download()
    finally:
        fault.off()
    cache = settings.current().cache_dir
    assert all(cache in path.parents for path in set(everything(tmp_path)) - before)
    assert blobs() == []


@pytest.mark.parametrize("lfs", [[], ["*"]], ids=["regular", "lfs"])
def test_a_redirects_own_text_is_never_in_the_file(local_hub, impatient, lfs):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=lfs)
    local_hub.faults.cut(after=2 * MIB, path="*a.bin", times=1, skip=1)
    assert download() == DATA


def test_a_redirect_page_from_a_portal_is_not_taken_for_the_file(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    page = b"<html>please log in</html>"
    local_hub.faults.status(200, body=page, origin="cdn")
    with pytest.raises(IntegrityError):
        download()
    assert blobs() == []


def test_an_error_body_is_never_written_over_what_had_come(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=MIB, origin="cdn", times=1)
    error = local_hub.faults.status(500, body=b"E" * MIB, origin="cdn", skip=1)
    with pytest.raises(HubError):
        download()
    error.off()
    local_hub.faults.clear()
    local_hub.clear_requests()
    assert download() == DATA
    assert [seen.range for seen in local_hub.requests if seen.file] == [f"bytes={MIB}-"]


def test_a_200_to_a_range_request_is_never_appended(local_hub, impatient):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=MIB, origin="cdn", times=1)
    local_hub.faults.ignore_range(origin="cdn")
    assert download() == DATA


@pytest.mark.parametrize("after", [1, 1000, MIB - 1, MIB + 1, 3 * MIB])
def test_a_resume_goes_on_at_the_byte(local_hub, impatient, after):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.cut(after=after, origin="cdn", times=1)
    assert download() == DATA
    assert [seen.range for seen in local_hub.requests if seen.file] == [None, f"bytes={after}-"]


def test_a_server_error_on_the_body_is_tried_again(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.status(503, origin="cdn", times=1)
    assert download() == DATA


def test_an_expired_signature_is_renewed(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    local_hub.faults.expired_link(origin="cdn", times=2)
    assert download() == DATA


def test_a_zero_byte_leftover_is_no_hit(local_hub):
    sha = local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    blob = (
        settings.current().cache_dir
        / "datasets--owner--name/blobs"
        / hashlib.sha256(DATA).hexdigest()
    )
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"")
    pointer = blob.parents[1] / "snapshots" / sha / "a.bin"
    pointer.parent.mkdir(parents=True)
    pointer.symlink_to(os.path.relpath(blob, pointer.parent))
    assert download(revision=sha) == DATA


def test_a_blob_cut_short_is_no_hit(local_hub):
    local_hub.add(REPO, {"a.bin": DATA}, lfs=["*"])
    snapshot_download(REPO, repo_type="dataset")
    (blob,) = blobs()
    os.truncate(blob, MIB)
    folder = snapshot_download(REPO, repo_type="dataset")
    assert Path(folder, "a.bin").read_bytes() == DATA


def test_a_failed_download_leaves_no_lock(local_hub, tmp_path, impatient):
    local_hub.add(REPO, {"a.bin": DATA, "b.bin": b"x"}, lfs=["*"])
    local_hub.faults.status(404, origin="cdn")
    for name in ("a.bin", "b.bin"):
        with pytest.raises(HubError):
            download(name)
    assert not [path for path in everything(tmp_path) if path.suffix == ".lock"]
    local_hub.faults.clear()
    assert download() == DATA


@pytest.mark.parametrize("size", [1000, len(DATA)], ids=["small", "large"])
def test_a_full_disk_is_a_typed_error_and_nothing_is_half_written(
    local_hub, monkeypatch, tmp_path, size
):
    local_hub.add(REPO, {"a.bin": DATA[:size], "b.bin": b"other"}, lfs=["*"])
    kept = download("b.bin")
    pin(REPO, repo_type="dataset")  # else it would be evicted to make room

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "posix_fallocate", full)
        patch.setattr(os, "pwrite", full)
        with pytest.raises(CacheFullError):
            download()
    assert len(blobs()) == 1
    assert download("b.bin", local_files_only=True) == kept
    assert download() == DATA[:size]


def test_a_repository_id_stays_two_segments_of_the_path(local_hub):
    local_hub.add(REPO, {"a b/ä.bin": b"x"})
    snapshot_download(REPO, repo_type="dataset")
    assert all("owner/name" in seen.target for seen in local_hub.requests)
    assert not any("owner%2F" in seen.target for seen in local_hub.requests)


def test_folders_of_a_listing_are_no_files(local_hub):
    local_hub.add(REPO, {"a/b/c.txt": b"1", "a/d.txt": b"2"})
    snapshot_download(REPO, repo_type="dataset")
    assert {seen.file for seen in local_hub.requests if seen.file} == {"a/b/c.txt", "a/d.txt"}
