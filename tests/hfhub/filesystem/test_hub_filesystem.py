"""Repositories as folders, and their files by ranges."""

from __future__ import annotations

import pickle
import random
from typing import TYPE_CHECKING

import fsspec
import pytest

from hfhub import errors
from hfhub.filesystem import HfFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hfhub.local_hub import LocalHub

BIG = random.Random(0).randbytes(1_300_000)
FILES = {
    "README.md": b"hello",
    "data/a.txt": b"a" * 10,
    "data/deep/b.txt": b"b" * 20,
    "data/deep/c.csv": b"x,y\n1,2\n",
    "big.bin": BIG,
}
ROOT = "datasets/ann/data"


@pytest.fixture
def fs(local_hub: LocalHub) -> Iterator[HfFileSystem]:
    local_hub.add("ann/data", FILES, lfs=["*.bin"])
    fs = HfFileSystem(endpoint=local_hub.endpoint, skip_instance_cache=True)
    yield fs
    HfFileSystem.clear_instance_cache()


def test_ls_gives_one_level(fs: HfFileSystem) -> None:
    assert sorted(fs.ls(f"hf://{ROOT}", detail=False)) == [
        f"{ROOT}/README.md",
        f"{ROOT}/big.bin",
        f"{ROOT}/data",
    ]
    (one,) = [row for row in fs.ls(ROOT) if row["type"] == "directory"]
    assert one["name"] == f"{ROOT}/data"


def test_ls_of_a_file_gives_the_file(fs: HfFileSystem) -> None:
    assert fs.ls(f"{ROOT}/README.md", detail=False) == [f"{ROOT}/README.md"]


def test_find_gives_every_file_by_one_listing(local_hub: LocalHub, fs: HfFileSystem) -> None:
    local_hub.clear_requests()
    assert fs.find(ROOT) == sorted(f"{ROOT}/{name}" for name in FILES)
    assert local_hub.count() == 2  # which commit, and its files
    fs.find(ROOT)
    fs.ls(f"{ROOT}/data/deep")
    fs.info(f"{ROOT}/data/a.txt")
    assert local_hub.count() == 2


def test_find_minds_depth_and_folders(fs: HfFileSystem) -> None:
    assert fs.find(f"{ROOT}/data", maxdepth=1) == [f"{ROOT}/data/a.txt"]
    assert fs.find(f"{ROOT}/data", withdirs=True) == [
        f"{ROOT}/data",
        f"{ROOT}/data/a.txt",
        f"{ROOT}/data/deep",
        f"{ROOT}/data/deep/b.txt",
        f"{ROOT}/data/deep/c.csv",
    ]
    assert fs.find(f"{ROOT}/README.md") == [f"{ROOT}/README.md"]
    assert fs.find(f"{ROOT}/none") == []
    assert fs.find(ROOT, detail=True)[f"{ROOT}/big.bin"]["size"] == len(BIG)


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("data/*.txt", ["data/a.txt"]),
        ("data/**/*.txt", ["data/a.txt", "data/deep/b.txt"]),
        ("**/*.csv", ["data/deep/c.csv"]),
        ("*.md", ["README.md"]),
        ("data/deep/[bc].*", ["data/deep/b.txt", "data/deep/c.csv"]),
        ("none/*", []),
    ],
)
def test_glob_finds_what_matches(fs: HfFileSystem, pattern: str, found: list[str]) -> None:
    assert fs.glob(f"hf://{ROOT}/{pattern}") == [f"{ROOT}/{name}" for name in found]


def test_info_knows_sizes_and_digests(fs: HfFileSystem) -> None:
    info = fs.info(f"{ROOT}/big.bin")
    assert (info["name"], info["size"], info["type"]) == (f"{ROOT}/big.bin", len(BIG), "file")
    assert info["lfs"].size == len(BIG)
    assert fs.ukey(f"{ROOT}/big.bin") == info["lfs"].sha256
    assert fs.info(ROOT)["type"] == "directory"
    assert fs.size(f"{ROOT}/README.md") == 5


def test_one_question_asks_for_one_path_and_the_next_for_the_folder(local_hub, fs) -> None:
    fs.info(f"{ROOT}/data/deep/b.txt")
    local_hub.clear_requests()
    fs.info(f"{ROOT}/data/deep/c.csv")
    fs.info(f"{ROOT}/data/deep/b.txt")
    assert not fs.exists(f"{ROOT}/data/deep/none")
    assert local_hub.count() == 1


def test_what_exists_exists(fs: HfFileSystem) -> None:
    assert fs.exists(ROOT)
    assert fs.isdir(ROOT)
    assert fs.isdir(f"{ROOT}/data")
    assert fs.isfile(f"{ROOT}/data/a.txt")
    assert not fs.isfile(f"{ROOT}/data")
    assert not fs.isdir(f"{ROOT}/none")
    assert not fs.exists(f"{ROOT}/none/none")
    assert not fs.exists("datasets/ann/none/x")
    assert not fs.exists(f"{ROOT}@none/x")


@pytest.mark.parametrize("call", ["ls", "info", "cat_file", "open"])
def test_what_is_missing_is_a_file_not_found(fs: HfFileSystem, call: str) -> None:
    for path in (f"{ROOT}/none", "datasets/ann/none/x", f"{ROOT}@none/x"):
        with pytest.raises(FileNotFoundError):
            getattr(fs, call)(path)


def test_a_hub_that_is_down_is_not_a_missing_file(fs, local_hub, monkeypatch) -> None:
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    from hfhub import settings

    settings.reload()
    local_hub.faults.status(503)
    with pytest.raises(errors.HfHubHTTPError):
        fs.exists(f"{ROOT}/README.md")


def test_a_file_is_read_and_sought(fs: HfFileSystem) -> None:
    with fs.open(f"{ROOT}/big.bin", block_size=10_000) as file:
        assert file.read(5) == BIG[:5]
        file.seek(-7, 2)
        assert file.read() == BIG[-7:]
        file.seek(100_000)
        assert file.read(50_000) == BIG[100_000:150_000]
        assert file.tell() == 150_000
        assert file.read() == BIG[150_000:]
    with fs.open(f"{ROOT}/big.bin") as file:
        assert file.read() == BIG


def test_a_file_is_streamed_forward(fs: HfFileSystem) -> None:
    with fs.open(f"{ROOT}/big.bin", block_size=0) as file:
        assert file.read(3) == BIG[:3]
        assert file.read() == BIG[3:]
        assert file.read() == b""
    with fs.open(f"{ROOT}/data/deep/c.csv", "rt", block_size=0) as text:
        assert list(text) == ["x,y\n", "1,2\n"]


@pytest.mark.parametrize(
    ("start", "end"),
    [(None, None), (5, 10), (-5, None), (None, -5), (0, 0), (1_299_990, 1_400_000)],
)
def test_cat_file_reads_as_a_slice_does(fs: HfFileSystem, start, end) -> None:
    assert fs.cat_file(f"{ROOT}/big.bin", start, end) == BIG[start:end]


@pytest.mark.parametrize("max_gap", [None, 0, 1000])
def test_ranges_come_in_the_order_they_were_asked_for(fs: HfFileSystem, max_gap) -> None:
    paths = [f"{ROOT}/big.bin", f"{ROOT}/README.md", f"{ROOT}/big.bin", f"{ROOT}/big.bin"]
    starts, ends = [1000, 1, 0, 5000], [2000, 3, 100, 5001]
    expected = [BIG[1000:2000], b"el", BIG[:100], BIG[5000:5001]]
    assert fs.cat_ranges(paths, starts, ends, max_gap=max_gap) == expected


def test_ranges_that_are_near_each_other_are_read_as_one(local_hub, fs) -> None:
    fs.info(f"{ROOT}/big.bin")
    fs.ls(ROOT)
    local_hub.clear_requests()
    fs.cat_ranges([f"{ROOT}/big.bin"] * 3, [0, 200, 400], [100, 300, 500], max_gap=100)
    assert len(local_hub.downloads) == 1


def test_a_range_that_cannot_be_had_gives_its_error_in_its_place(fs: HfFileSystem) -> None:
    good, bad = fs.cat_ranges([f"{ROOT}/README.md", f"{ROOT}/none"], 0, 2)
    assert good == b"he"
    assert isinstance(bad, FileNotFoundError)
    with pytest.raises(FileNotFoundError):
        fs.cat_ranges([f"{ROOT}/none"], 0, 2, on_error="raise")


def test_get_copies_files_and_folders(fs: HfFileSystem, tmp_path: Path) -> None:
    fs.get(f"{ROOT}/big.bin", str(tmp_path / "one.bin"))
    assert (tmp_path / "one.bin").read_bytes() == BIG
    fs.get(f"{ROOT}/data", str(tmp_path / "all"), recursive=True)
    assert (tmp_path / "all" / "deep" / "b.txt").read_bytes() == b"b" * 20
    assert not list(tmp_path.rglob("*.part"))


def test_bytes_that_are_wrong_are_not_kept(local_hub, fs, tmp_path: Path) -> None:
    local_hub.faults.corrupt(at=1000, path="*big.bin")
    with pytest.raises(errors.IntegrityError):
        fs.get_file(f"{ROOT}/big.bin", str(tmp_path / "one.bin"))
    assert list(tmp_path.glob("one*")) == []


@pytest.mark.parametrize("name", ["cut", "reset"])
def test_a_stream_that_breaks_goes_on_at_the_byte(local_hub, fs, name: str) -> None:
    fs.info(f"{ROOT}/big.bin")
    local_hub.clear_requests()
    getattr(local_hub.faults, name)(after=100_000, path="*big.bin", origin="cdn", times=1)
    with fs.open(f"{ROOT}/big.bin", block_size=0) as file:
        assert file.read() == BIG
    sent = [seen for seen in local_hub.requests if seen.origin == "cdn"]
    assert sum(seen.nbytes for seen in sent) <= len(BIG) + 1


def test_a_server_that_ignores_ranges_is_read_all_the_same(local_hub, fs) -> None:
    local_hub.faults.ignore_range(path="*big.bin")
    assert fs.cat_file(f"{ROOT}/big.bin", 1000, 1010) == BIG[1000:1010]


def test_a_link_that_expired_is_renewed(local_hub: LocalHub, fs: HfFileSystem) -> None:
    with fs.open(f"{ROOT}/big.bin", block_size=1000, cache_type="none") as file:
        assert file.read(10) == BIG[:10]
        local_hub.faults.expired_link(times=1)
        assert file.read(10) == BIG[10:20]


def test_the_link_is_followed_once_for_many_ranges(local_hub, fs) -> None:
    with fs.open(f"{ROOT}/big.bin", block_size=1000, cache_type="none") as file:
        local_hub.clear_requests()
        for _ in range(5):
            file.read(10)
    assert len([seen for seen in local_hub.requests if seen.is_redirect]) == 1


def test_all_that_is_read_belongs_to_one_commit(local_hub, fs) -> None:
    fs.ls(ROOT)
    local_hub.add("ann/data", {"README.md": b"changed", "new.txt": b"x"})
    assert fs.cat_file(f"{ROOT}/README.md") == b"hello"
    assert not fs.exists(f"{ROOT}/new.txt")
    fs.invalidate_cache()
    assert fs.cat_file(f"{ROOT}/README.md") == b"changed"
    assert fs.ls(f"{ROOT}/new.txt", refresh=True)


def test_revisions_are_kept_apart_and_in_the_names(local_hub: LocalHub, fs: HfFileSystem) -> None:
    copy = {"d/train/0000.parquet": b"PAR1"}
    local_hub.add("ann/data", copy, branch="refs/convert/parquet")
    root = f"{ROOT}@refs/convert/parquet"
    assert fs.find(root) == [f"{root}/d/train/0000.parquet"]
    assert fs.glob(f"{root}/**/*.parquet") == [f"{root}/d/train/0000.parquet"]
    assert fs.cat_file(f"{ROOT}/d/train/0000.parquet", revision="refs/convert/parquet") == b"PAR1"
    assert fs.glob(f"{ROOT}/**/*.parquet", revision="refs/convert/parquet") == [
        f"{ROOT}@refs%2Fconvert%2Fparquet/d/train/0000.parquet"
    ]


def test_urls_and_dates(local_hub: LocalHub, fs: HfFileSystem) -> None:
    assert fs.url(f"{ROOT}/README.md") == (
        f"{local_hub.endpoint}/datasets/ann/data/resolve/main/README.md"
    )
    assert "/tree/main/data" in fs.url(f"{ROOT}/data")
    assert fs.modified(f"{ROOT}/README.md").year >= 2024


def test_writing_says_that_it_is_not_there_yet(fs: HfFileSystem) -> None:
    with pytest.raises(NotImplementedError, match="hfhub only reads"):
        fs.open(f"{ROOT}/x", "wb")
    with pytest.raises(IsADirectoryError):
        fs.open(f"{ROOT}/data")


def test_it_may_be_sent_to_another_process(fs: HfFileSystem) -> None:
    copy = pickle.loads(pickle.dumps(fs))
    assert copy.cat_file(f"{ROOT}/README.md") == b"hello"


def test_a_private_repository_needs_its_token() -> None:
    from hfhub.local_hub import LocalHub

    with LocalHub(tokens={"hf_ann": "ann"}) as hub:
        hub.add("ann/private", {"a.txt": b"x"}, private=True)
        fs = HfFileSystem(endpoint=hub.endpoint, token="hf_ann")
        assert fs.cat_file("datasets/ann/private/a.txt") == b"x"
        with pytest.raises(FileNotFoundError):
            HfFileSystem(endpoint=hub.endpoint, token=False).ls("datasets/ann/private")


def test_fsspec_opens_hf_urls(local_hub: LocalHub, registered: None) -> None:
    local_hub.add("ann/data", FILES)
    with fsspec.open(f"hf://{ROOT}/data/a.txt") as file:
        assert file.read() == b"a" * 10
