from __future__ import annotations

import os
from pathlib import Path

import huggingface_hub
import pytest
from shelf import Shelf, digest_of, repo

from hfhub.cache.inspect import scan_cache_dir
from hfhub.errors import CacheNotFound, CorruptedCacheException

A = repo("o/a")


def theirs(shelf: Shelf) -> huggingface_hub.HFCacheInfo:
    return huggingface_hub.scan_cache_dir(shelf.root)


def test_an_empty_cache_holds_nothing(shelf: Shelf) -> None:
    shelf.root.mkdir()

    info = scan_cache_dir(shelf.root)

    assert (info.repos, info.size_on_disk, info.warnings) == (frozenset(), 0, [])
    assert info.cache_dir == shelf.root


def test_a_cache_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CacheNotFound):
        scan_cache_dir(tmp_path / "not there")
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="file"):
        scan_cache_dir(tmp_path / "file")


def test_it_shows_repositories_revisions_and_files(shelf: Shelf) -> None:
    shelf.put(b"hello", "d/f")
    shelf.put(b"world!", "g")
    shelf.store.link(A.at("b" * 40), "f", digest_of(b"hello"), 5)
    shelf.store.write_ref(A.at("main"), "a" * 40)

    (found,) = scan_cache_dir(shelf.root).repos

    assert (found.repo_id, found.repo_type, found.cache_id) == ("o/a", "dataset", "dataset/o/a")
    assert (found.size_on_disk, found.nb_files) == (11, 2)
    sizes = {rev.commit_hash[0]: (rev.size_on_disk, rev.nb_files) for rev in found.revisions}
    assert sizes == {"a": (11, 2), "b": (5, 1)}
    assert found.refs["main"].commit_hash == "a" * 40
    (file,) = found.refs["main"].files - {f for f in found.refs["main"].files if f.file_name == "g"}
    assert file.blob_path == Path(shelf.store.cache.blob(A, digest_of(b"hello")))


def test_content_linked_across_repositories_counts_once(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.link(repo("o/b"), "f", digest_of(b"hello"), 5)

    info = scan_cache_dir(shelf.root)

    assert info.size_on_disk == 5
    assert [found.size_on_disk for found in info.repos] == [5, 5]


@pytest.mark.parametrize("verbosity", [0, 1])
def test_the_table_is_that_of_the_official_client(shelf: Shelf, verbosity: int) -> None:
    for name in ("o/a", "o/longer-name", "z"):
        for commit in "ab":
            ref = repo(name, commit, "model" if name == "z" else "dataset")
            path = shelf.put(f"{name}{commit}".encode() * 999, "f", ref)
            old = {"o/a": 1510, "o/longer-name": 100_000, "z": 90_000_000}[name]
            then = os.stat(path).st_mtime - old
            os.utime(path, (then, then))
        shelf.store.write_ref(ref.at("main"), "a" * 40)
        shelf.store.write_ref(ref.at("v1"), "a" * 40)

    mine = scan_cache_dir(shelf.root).export_as_table(verbosity=verbosity)

    assert mine == theirs(shelf).export_as_table(verbosity=verbosity)


def _no_snapshots(shelf: Shelf) -> None:
    (shelf.root / "models--x").mkdir()


def _bad_type(shelf: Shelf) -> None:
    (shelf.root / "gists--x" / "snapshots").mkdir(parents=True)


def _no_mark(shelf: Shelf) -> None:
    (shelf.root / "something").mkdir()


def _file(shelf: Shelf) -> None:
    (shelf.root / "stray.txt").touch()


def _broken_link(shelf: Shelf) -> None:
    Path(os.path.realpath(shelf.put(b"x", "g", repo("o/broken")))).unlink()


def _file_in_snapshots(shelf: Shelf) -> None:
    shelf.put(b"x", "g", repo("o/broken"))
    (shelf.root / "datasets--o--broken" / "snapshots" / "file").touch()


def _ref_without_commit(shelf: Shelf) -> None:
    shelf.put(b"x", "g", repo("o/broken"))
    shelf.store.write_ref(repo("o/broken").at("old"), "f" * 40)


def _refs_is_a_file(shelf: Shelf) -> None:
    shelf.put(b"x", "g", repo("o/broken"))
    (shelf.root / "datasets--o--broken" / "refs").touch()


@pytest.mark.parametrize(
    "harm",
    [
        _no_snapshots,
        _bad_type,
        _no_mark,
        _file,
        _broken_link,
        _file_in_snapshots,
        _ref_without_commit,
        _refs_is_a_file,
    ],
)
def test_what_is_no_sound_repository_is_warned_about_as_the_official_client_does(
    shelf: Shelf, harm: object
) -> None:
    shelf.put(b"hello", "f")
    harm(shelf)  # type: ignore[operator]

    info = scan_cache_dir(shelf.root)

    assert [found.repo_id for found in info.repos] == ["o/a"]
    assert all(isinstance(warning, CorruptedCacheException) for warning in info.warnings)
    others = [str(w) for w in theirs(shelf).warnings if ".hfhub" not in str(w)]
    assert list(map(str, info.warnings)) == others


def test_litter_of_file_managers_is_passed_over(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    for folder in (shelf.root, shelf.root / "datasets--o--a" / "snapshots"):
        (folder / ".DS_Store").touch()
    (shelf.root / "CACHEDIR.TAG").touch()

    assert scan_cache_dir(shelf.root).warnings == []


def test_unfinished_downloads_of_both_clients_are_shown(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    (shelf.root / "datasets--o--a" / "blobs" / "x.incomplete").write_bytes(b"123")
    partial = Path(shelf.store.cache.partial(A, "0" * 64))
    partial.parent.mkdir(parents=True, exist_ok=True)
    partial.write_bytes(b"1234")

    info = scan_cache_dir(shelf.root)

    assert sorted(file.size_on_disk for file in info.incomplete_files) == [3, 4]
    assert info.incomplete_size_on_disk == 7
