from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest
from shelf import Shelf, digest_of, git_digest_of, repo

from hfhub.errors import IntegrityError, UnsafePathError
from hfhub.models import BlobLfsInfo, RepoFile

A, B = repo("o/a"), repo("o/b", "b")


def test_what_was_taken_in_is_found(shelf: Shelf) -> None:
    path = shelf.put(b"hello", "data/train.csv")

    assert shelf.store.find(A, "data/train.csv") == path
    assert Path(path).read_bytes() == b"hello"
    assert os.readlink(path) == f"../../../blobs/{digest_of(b'hello').hex}"


def test_nothing_is_found_under_another_path_commit_or_repository(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")

    assert shelf.store.find(A, "g") is None
    assert shelf.store.find(A.at("b" * 40), "f") is None
    assert shelf.store.find(B, "f") is None
    assert shelf.store.find(repo(kind="model"), "f") is None


def test_a_folder_is_no_file(shelf: Shelf) -> None:
    shelf.put(b"hello", "data/train.csv")

    assert shelf.store.find(A, "data") is None


def test_a_finished_download_is_moved_not_copied(shelf: Shelf, tmp_path: Path) -> None:
    partial = tmp_path / "partial"
    partial.write_bytes(b"hello")
    inode = partial.stat().st_ino

    path = shelf.store.adopt(partial, A, "f", digest_of(b"hello"), 5)

    assert not partial.exists()
    assert os.stat(path).st_ino == inode


def test_a_download_of_the_wrong_size_is_refused_and_left_to_the_caller(
    shelf: Shelf, tmp_path: Path
) -> None:
    partial = tmp_path / "partial"
    partial.write_bytes(b"hell")

    with pytest.raises(IntegrityError):
        shelf.store.adopt(partial, A, "f", digest_of(b"hello"), 5)

    assert shelf.names() == set()
    assert partial.exists()


def test_a_newer_file_under_the_same_path_takes_its_place(shelf: Shelf) -> None:
    shelf.put(b"old", "f")
    path = shelf.put(b"new", "f")

    assert Path(path).read_bytes() == b"new"
    assert Path(path).is_symlink()


def test_an_empty_file_is_found(shelf: Shelf) -> None:
    path = shelf.store.put(b"", A, "__init__.py", git_digest_of(b""))

    assert shelf.store.find(A, "__init__.py") == path


def test_an_empty_leftover_is_no_hit(shelf: Shelf) -> None:
    path = shelf.put(b"hello", "f")
    Path(path).resolve().write_bytes(b"")

    assert shelf.store.find(A, "f") is None


def test_an_empty_copy_is_a_hit_only_if_the_listing_says_so(shelf: Shelf) -> None:
    entry = Path(shelf.store.cache.pointer(A, "empty.txt"))
    entry.parent.mkdir(parents=True)
    entry.touch()

    assert shelf.store.find(A, "empty.txt") is None
    shelf.store.write_tree(A, [RepoFile("empty.txt", 0, git_digest_of(b"").hex)])
    assert shelf.store.find(A, "empty.txt") == str(entry)


def test_a_link_to_nothing_is_no_hit(shelf: Shelf) -> None:
    path = shelf.put(b"hello", "f")
    Path(path).resolve().unlink()

    assert shelf.store.find(A, "f") is None


@pytest.mark.parametrize("first", ["a", "a/b"])
def test_names_that_clash_with_one_another_are_refused(shelf: Shelf, first: str) -> None:
    second = "a/b" if first == "a" else "a"
    shelf.put(b"hello", first)

    with pytest.raises(UnsafePathError, match="clashes"):
        shelf.put(b"world", second)

    assert shelf.store.find(A, first)


def test_a_name_that_no_file_system_takes_is_refused(shelf: Shelf) -> None:
    with pytest.raises(UnsafePathError):
        shelf.put(b"hello", "x" * 300)


def test_content_of_the_same_repository_is_linked(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")

    path = shelf.store.link(A.at("b" * 40), "g", digest_of(b"hello"), 5)

    assert path == shelf.store.find(A.at("b" * 40), "g")
    assert shelf.blob_bytes() == 5


def test_content_of_another_repository_is_linked(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")

    path = shelf.again().store.link(B, "g", digest_of(b"hello"), 5)

    assert path is not None
    assert Path(path).read_bytes() == b"hello"
    assert os.stat(path).st_nlink == 2
    assert shelf.blob_bytes() == 5


def test_what_this_process_has_just_taken_in_is_linked_at_once(shelf: Shelf) -> None:
    assert shelf.store.link(B, "g", digest_of(b"hello"), 5) is None
    shelf.put(b"hello", "f")

    assert shelf.store.link(B, "g", digest_of(b"hello"), 5)


def test_a_lease_looks_all_its_content_up_at_once(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    other = shelf.again()
    wanted = [digest_of(b"hello"), digest_of(b"world")]

    with other.store.lease(wanted):
        assert other.store.link(B, "f", wanted[0], 5)
        assert other.store.link(B, "g", wanted[1], 5) is None


def test_content_of_another_size_is_not_linked(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")

    assert shelf.again().store.link(B, "g", digest_of(b"hello"), 6) is None


def test_damaged_content_that_others_brought_in_is_not_linked(shelf: Shelf) -> None:
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"hellO")

    assert shelf.store.link(B, "g", digest_of(b"hello"), 5) is None
    blob.write_bytes(b"hello")
    assert shelf.again().store.link(B, "g", digest_of(b"hello"), 5)


def test_without_symbolic_links_the_entry_is_a_hard_link(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HF_HUB_DISABLE_SYMLINKS="1")

    path = shelf.put(b"hello", "d/f")

    assert not Path(path).is_symlink()
    assert Path(path).read_bytes() == b"hello"
    assert shelf.store.find(A, "d/f") == path
    assert os.path.samefile(path, shelf.store.cache.blob(A, digest_of(b"hello")))


def test_a_ref_is_read_back(shelf: Shelf) -> None:
    main = A.at("main")
    assert shelf.store.resolve_ref(main) is None

    shelf.store.write_ref(main, "a" * 40)

    assert shelf.store.resolve_ref(main) == "a" * 40
    assert Path(shelf.store.cache.ref_file(main)).read_text() == "a" * 40
    assert shelf.store.resolve_ref(A) == "a" * 40


def test_a_ref_with_slashes_has_folders(shelf: Shelf) -> None:
    shelf.store.write_ref(A.at("refs/pr/1"), "a" * 40)

    assert shelf.store.resolve_ref(A.at("refs/pr/1")) == "a" * 40


@pytest.mark.parametrize("content", [b"", b"main", b"a" * 39, b"A" * 40, b"\xff" * 40])
def test_a_ref_that_holds_no_commit_is_none(shelf: Shelf, content: bytes) -> None:
    file = Path(shelf.store.cache.ref_file(A.at("main")))
    file.parent.mkdir(parents=True)
    file.write_bytes(content)

    assert shelf.store.resolve_ref(A.at("main")) is None


def test_a_ref_takes_nothing_but_a_commit(shelf: Shelf) -> None:
    with pytest.raises(UnsafePathError):
        shelf.store.write_ref(A.at("main"), "../../x")


def test_an_absent_file_is_remembered(shelf: Shelf) -> None:
    assert not shelf.store.is_absent(A, "d/f")

    shelf.store.note_absent(A, "d/f")

    assert shelf.store.is_absent(A, "d/f")
    assert f"datasets--o--a/.no_exist/{'a' * 40}/d/f" in shelf.names()


def test_a_listing_is_read_back(shelf: Shelf) -> None:
    lfs = BlobLfsInfo(size=9, sha256="0" * 64, pointer_size=130)
    files = [RepoFile("a.txt", 1, "1" * 40), RepoFile("b/c.bin", 9, "2" * 40, lfs=lfs)]

    shelf.store.write_tree(A, files)

    assert shelf.store.read_tree(A) == files
    assert shelf.store.read_tree(B) is None


@pytest.fixture
def read_only(shelf: Shelf) -> Shelf:
    """A cache with one file that nobody may write to; root may, so root's tests are skipped."""
    shelf.put(b"hello", "f")
    shelf.store.write_ref(A.at("main"), "a" * 40)
    for folder, _, _ in os.walk(shelf.root):
        os.chmod(folder, stat.S_IRUSR | stat.S_IXUSR)
    if os.access(shelf.root, os.W_OK):
        pytest.skip("this user may write everywhere; tests/faults has a read-only mount")
    return shelf.again()


def test_a_read_only_cache_serves_what_it_has(read_only: Shelf) -> None:
    before = read_only.names(ours=True)

    assert read_only.store.find(A, "f")
    assert read_only.store.resolve_ref(A.at("main")) == "a" * 40
    read_only.store.write_ref(A.at("main"), "b" * 40)
    read_only.store.note_absent(A, "g")
    read_only.store.notes.flush()

    assert read_only.names(ours=True) == before


def test_finding_writes_nothing(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    other = shelf.again()
    before = {path: path.lstat().st_mtime_ns for path in shelf.root.rglob("*")}

    assert other.store.find(A, "f")
    assert other.store.find(A, "g") is None

    assert {path: path.lstat().st_mtime_ns for path in shelf.root.rglob("*")} == before


def test_a_full_disk_without_anything_to_evict_says_so(shelf: Shelf) -> None:
    from hfhub.errors import CacheFullError

    def write() -> None:
        raise OSError(errno.ENOSPC, "full")

    shelf.root.mkdir()
    with pytest.raises(CacheFullError):
        shelf.store._room.while_full(10, write)


def test_a_full_disk_makes_room_and_tries_again(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    tries = []

    def write() -> str:
        tries.append(1)
        if len(tries) == 1:
            raise OSError(errno.ENOSPC, "full")
        return "done"

    assert shelf.store._room.while_full(3, write) == "done"
    assert shelf.store.find(A, "f") is None


def test_the_official_clients_shared_blob_is_not_replaced(shelf: Shelf, tmp_path: Path) -> None:
    payload = shelf.root / "blobs" / "ab" / ("ab" * 32)
    payload.parent.mkdir(parents=True)
    payload.write_bytes(b"hello")
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.symlink_to(os.path.relpath(payload, blob.parent))

    path = shelf.put(b"hello", "f")

    assert blob.is_symlink()
    assert os.path.samefile(path, payload)


def test_a_shared_blob_with_wrong_bytes_is_replaced_and_its_payload_left_alone(
    shelf: Shelf,
) -> None:
    payload = shelf.root / "blobs" / "ab" / ("ab" * 32)
    payload.parent.mkdir(parents=True)
    payload.write_bytes(b"hellO")
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.symlink_to(os.path.relpath(payload, blob.parent))

    path = shelf.put(b"hello", "f")

    assert Path(path).read_bytes() == b"hello"
    assert payload.read_bytes() == b"hellO"


def test_a_shared_blob_that_leads_nowhere_is_replaced(shelf: Shelf) -> None:
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.symlink_to("../../blobs/ab/gone")

    path = shelf.put(b"hello", "f")

    assert not blob.is_symlink()
    assert Path(path).read_bytes() == b"hello"
