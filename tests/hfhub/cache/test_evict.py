from __future__ import annotations

import contextlib
import errno
import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shelf import Shelf, digest_of, repo

from hfhub.cache import evict
from hfhub.cache.maintain import pin
from hfhub.cache.pins import Pins
from hfhub.errors import CacheFullError

A, B = repo("o/a"), repo("o/b", "b")


def fill(shelf: Shelf, count: int, size: int = 1000) -> list[bytes]:
    """Files f0, f1, ... of repository A, used in this order."""
    contents = [bytes([i]) * size for i in range(count)]
    for i, data in enumerate(contents):
        shelf.put(data, f"f{i}")
        use(shelf, f"f{i}", i)
    return contents


def use(shelf: Shelf, path: str, when: float, ref: object = A) -> None:
    """Let the file have been used at that time; clocks are too coarse for tests."""
    shelf.store.index.refresh()
    entry = shelf.store.cache.pointer(ref, path)
    place = os.path.relpath(os.path.realpath(entry), os.path.realpath(shelf.root))
    shelf.store.index.database.write(
        lambda db: db.execute("UPDATE place SET used = ? WHERE path = ?", (when, place))
    )


def there(shelf: Shelf, count: int) -> str:
    store = shelf.again().store
    return "".join("x" if store.find(A, f"f{i}") else "." for i in range(count))


def test_the_least_recently_used_goes_first(shelf: Shelf) -> None:
    fill(shelf, 4)
    use(shelf, "f0", 10)

    assert evict.evict(shelf.store.index, lambda _: 1500) == 2000
    assert there(shelf, 4) == "x..x"


def test_nothing_goes_if_nothing_is_wanted(shelf: Shelf) -> None:
    fill(shelf, 2)

    assert evict.evict(shelf.store.index, lambda staying: staying - 2000) == 0
    assert there(shelf, 2) == "xx"


def test_a_blob_goes_with_all_its_entries_and_the_folders_left_empty(shelf: Shelf) -> None:
    shelf.put(b"hello", "d/e/f")
    shelf.put(b"hello", "g")
    shelf.store.link(A.at("b" * 40), "h", digest_of(b"hello"), 5)
    shelf.put(b"stays", "d/k")
    shelf.store.index.refresh()
    use(shelf, "g", 1)

    evict.evict(shelf.store.index, lambda _: 5)

    assert shelf.names() == {
        f"datasets--o--a/blobs/{digest_of(b'stays').hex}",
        f"datasets--o--a/snapshots/{'a' * 40}/d/k",
    }
    assert not (shelf.root / "datasets--o--a" / "snapshots" / ("a" * 40) / "d" / "e").exists()
    # The official client calls a ref to a commit without a folder corrupt.
    assert (shelf.root / "datasets--o--a" / "snapshots" / ("b" * 40)).is_dir()


def test_what_others_brought_in_stays_unless_told_so(shelf: Shelf) -> None:
    fill(shelf, 1)
    blob = Path(shelf.store.cache.blob(B, digest_of(b"theirs")))
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"theirs")
    os.utime(blob, (0, 0))
    shelf.store.index.refresh()

    assert evict.evict(shelf.store.index, lambda _: 10_000) == 1000
    assert blob.exists()
    assert evict.evict(shelf.store.index, lambda _: 10_000, others=True) == 6
    assert not blob.exists()


def test_a_leased_blob_stays(shelf: Shelf) -> None:
    contents = fill(shelf, 3)

    with shelf.again().store.lease([digest_of(contents[0])]):
        evict.evict(shelf.store.index, lambda _: 1)
        assert there(shelf, 3) == "x.x"
    evict.evict(shelf.store.index, lambda _: 1)
    assert there(shelf, 3) == "..x"


def test_a_pinned_repository_stays(shelf: Shelf) -> None:
    fill(shelf, 2)
    shelf.put(b"b" * 10, "f", B)
    pin("o/a", repo_type="dataset", cache_dir=shelf.root)

    assert evict.evict(shelf.store.index, lambda _: 10_000) == 10
    assert there(shelf, 2) == "xx"


@pytest.mark.parametrize("revision", ["a" * 40, "main"])
def test_a_pinned_revision_stays_and_the_others_go(shelf: Shelf, revision: str) -> None:
    fill(shelf, 2)
    shelf.put(b"older", "f0", A.at("b" * 40))
    shelf.store.write_ref(A.at("main"), "a" * 40)
    pin("o/a", repo_type="dataset", revision=revision, cache_dir=shelf.root)

    assert evict.evict(shelf.store.index, lambda _: 10_000) == 5
    assert there(shelf, 2) == "xx"


def test_content_that_another_repository_has_pinned_stays_in_both(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.link(B, "f", digest_of(b"hello"), 5)
    pin("o/b", repo_type="dataset", cache_dir=shelf.root)
    shelf.store.index.refresh()

    assert evict.evict(shelf.store.index, lambda _: 5) == 0
    assert shelf.store.find(A, "f")


def test_linked_content_goes_from_all_its_places_at_once(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.link(B, "f", digest_of(b"hello"), 5)
    shelf.store.index.refresh()

    assert evict.evict(shelf.store.index, lambda _: 5) == 5
    assert shelf.names() == set()


def test_content_is_as_recent_as_its_last_use_under_any_name(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.link(B, "f", digest_of(b"hello"), 5)
    shelf.put(b"other", "g")
    use(shelf, "f", 1)
    use(shelf, "f", 9, B)
    use(shelf, "g", 5)

    evict.evict(shelf.store.index, lambda _: 1)

    assert shelf.store.find(A, "f")
    assert shelf.store.find(A, "g") is None


def test_an_entry_that_is_a_hard_link_goes_with_its_blob(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "hub", HF_HUB_DISABLE_SYMLINKS="1")
    shelf.put(b"hello", "d/f")
    shelf.put(b"stays", "g")
    shelf.store.link(A.at("b" * 40), "h", digest_of(b"hello"), 5)
    shelf.store.index.refresh()
    shelf.store.find(A, "g")

    assert evict.evict(shelf.store.index, lambda _: 5) == 5
    assert shelf.blob_bytes() == 5
    assert shelf.store.find(A, "d/f") is None
    assert shelf.store.find(A, "g")


@pytest.mark.parametrize("pinned", [True, False])
def test_a_copy_in_the_snapshot_goes_too_unless_it_is_pinned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pinned: bool
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    shelf = Shelf(tmp_path / "hub")
    with monkeypatch.context() as patch:
        patch.setattr(os, "link", refuse)
        patch.setattr(os, "symlink", refuse)
        path = shelf.put(b"hello", "d/f")
    assert not (shelf.root / "datasets--o--a" / "blobs").exists() or shelf.blob_bytes() == 0
    if pinned:
        pin("o/a", repo_type="dataset", revision="a" * 40, cache_dir=shelf.root)
    shelf.store.index.refresh()

    assert shelf.store.index.total() == 5
    assert evict.evict(shelf.store.index, lambda _: 5) == (0 if pinned else 5)
    assert os.path.exists(path) == pinned


def test_a_blob_that_has_a_link_from_outside_the_cache_stays(shelf: Shelf, tmp_path: Path) -> None:
    path = shelf.put(b"hello", "f")
    shelf.store.index.refresh()
    os.link(os.path.realpath(path), tmp_path / "elsewhere")

    assert evict.evict(shelf.store.index, lambda _: 5) == 0
    assert shelf.store.find(A, "f") == path


def test_a_link_into_the_official_clients_store_stays_with_its_payload(shelf: Shelf) -> None:
    payload = shelf.root / "blobs" / "ab" / ("ab" * 32)
    payload.parent.mkdir(parents=True)
    payload.write_bytes(b"hello")
    (shelf.root / "blobs" / ".huggingface-shared-blobs").write_text("1\n")
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.symlink_to(os.path.relpath(payload, blob.parent))
    path = shelf.store.link(A, "f", digest_of(b"hello"), 5)
    shelf.store.index.refresh()

    assert evict.evict(shelf.store.index, lambda _: 10_000, others=True) == 0
    assert shelf.store.find(A, "f") == path
    assert shelf.store.index.total() == 5


def test_what_cannot_go_does_not_stand_in_the_way_of_what_can(shelf: Shelf, tmp_path: Path) -> None:
    fill(shelf, 4)
    for name in ("f0", "f1"):
        entry = shelf.store.cache.pointer(A, name)
        os.link(os.path.realpath(entry), tmp_path / name)

    assert evict.evict(shelf.store.index, lambda _: 2000) == 2000
    assert there(shelf, 4) == "xx.."


def test_a_blob_that_somebody_has_written_to_is_not_ours_any_more(shelf: Shelf) -> None:
    fill(shelf, 2)
    blob = Path(os.path.realpath(shelf.store.cache.pointer(A, "f0")))
    blob.write_bytes(b"edited by hand")
    os.utime(blob, (1, 1))

    assert evict.evict(shelf.store.index, lambda _: 1000) == 1000
    assert blob.read_bytes() == b"edited by hand"
    assert shelf.store.index.usage() == {"ours": 0, "others": 14, "derived": 0}


def test_a_blob_that_was_replaced_meanwhile_stays(shelf: Shelf) -> None:
    fill(shelf, 1)
    (place,) = shelf.store.index.choose(lambda _: 1, lambda _: False)
    blob = shelf.root / place.path
    blob.unlink()
    blob.write_bytes(b"n" * 1000)

    assert evict.remove(shelf.store.cache, [place]) == []
    assert blob.read_bytes() == b"n" * 1000


def test_two_that_evict_at_once_do_not_evict_twice_as_much(shelf: Shelf) -> None:
    fill(shelf, 6)
    over = lambda staying: staying - 4000  # noqa: E731 - as evict() is given it

    first = shelf.store.index.choose(over, lambda _: False)
    second = shelf.again().store.index.choose(over, lambda _: False)

    assert (len(first), second) == (2, [])


def test_what_a_killed_process_left_marked_is_evicted_by_the_next(shelf: Shelf) -> None:
    fill(shelf, 2)
    shelf.store.index.choose(lambda _: 1000, lambda _: False)
    shelf.store.index.database.write(
        lambda db: db.execute(
            "UPDATE going SET mark = REPLACE(mark, ?, ?)", (f"|{os.getpid()}|", "|999999999|")
        )
    )

    assert evict.evict(shelf.again().store.index, lambda _: 2000) == 2000
    assert shelf.names() == set()


def test_a_lease_waits_for_an_eviction_that_is_under_way(shelf: Shelf) -> None:
    contents = fill(shelf, 1)
    chosen = shelf.store.index.choose(lambda _: 1, lambda _: False)
    import threading

    finish = threading.Timer(
        0.1, lambda: shelf.store.index.gone(evict.remove(shelf.store.cache, chosen))
    )
    finish.start()
    other = shelf.again()
    with other.store.lease([digest_of(contents[0])]):
        assert not finish.is_alive() or other.store.find(A, "f0") is None
        assert other.store.find(A, "f0") is None
    finish.join()


def test_the_cap_holds_while_files_come_in(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HFHUB_CACHE_MAX_SIZE="5000")
    for i in range(20):
        shelf.store.make_room(1000)
        shelf.put(bytes([i]) * 1000, f"f{i}")
        assert shelf.blob_bytes() <= 5000

    assert shelf.again().store.find(A, "f19")
    assert shelf.dangling() == []


def test_a_file_larger_than_the_cap_is_refused_before_it_is_fetched(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HFHUB_CACHE_MAX_SIZE="5KB")
    shelf.put(b"x" * 1000)

    with pytest.raises(CacheFullError) as raised:
        shelf.store.make_room(6000)

    assert (raised.value.needed, raised.value.available) == (6000, 5000)
    assert shelf.store.find(A, "f")


def test_nothing_is_evicted_in_vain(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HFHUB_CACHE_MAX_SIZE="5000")
    fill(shelf, 4)
    pin("o/a", repo_type="dataset", cache_dir=shelf.root)
    shelf.put(b"b" * 500, "f", B)

    with pytest.raises(CacheFullError) as raised:
        shelf.store.make_room(1500)

    assert raised.value.available == 1000
    assert shelf.store.find(B, "f")


def test_what_others_brought_in_counts_towards_the_cap(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HFHUB_CACHE_MAX_SIZE="5000")
    blob = Path(shelf.store.cache.blob(B, digest_of(b"t" * 4500)))
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"t" * 4500)

    with pytest.raises(CacheFullError):
        shelf.store.make_room(1000)

    assert blob.exists()


@pytest.mark.parametrize("text", ["lots", "-1", "120%", "5XB", "iB"])
def test_a_cap_that_is_no_size_is_named(tmp_path: Path, text: str) -> None:
    shelf = Shelf(tmp_path, HFHUB_CACHE_MAX_SIZE=text)

    with pytest.raises(ValueError, match="HFHUB_CACHE_MAX_SIZE"):
        shelf.store.make_room(1)


def test_what_was_made_from_blobs_goes_by_the_same_rule(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, HFHUB_CACHE_MAX_SIZE="5000")
    key = "0" * 64
    folder = Path(shelf.store.cache.extracted(key))
    folder.mkdir(parents=True)
    (folder / "member").write_bytes(b"m" * 3000)
    shelf.store.note_derived("extracted", key, folder, 3000)
    assert shelf.store.index.usage()["derived"] == 3000

    shelf.store.make_room(3000)

    assert not folder.exists()
    assert shelf.store.index.total() == 0


def test_what_is_being_made_is_not_evicted(shelf: Shelf) -> None:
    staging = Path(shelf.store.cache.derived("extracted")) / ".key.host~1~1.partial"
    staging.mkdir(parents=True)
    (staging / "member").write_bytes(b"m" * 100)
    shelf.store.index.refresh()

    assert evict.evict(shelf.store.index, lambda _: 1000, others=True) == 0
    assert (staging / "member").exists()


def test_what_was_used_lately_stays_though_it_was_made_long_ago(shelf: Shelf) -> None:
    for key in ("0" * 64, "1" * 64):
        folder = Path(shelf.store.cache.extracted(key))
        folder.mkdir(parents=True)
        (folder / "member").write_bytes(b"m" * 100)
        shelf.store.note_derived("extracted", key, folder, 100)
        time.sleep(0.01)
    shelf.store.touch_derived("extracted", "0" * 64)
    shelf.store.index.refresh()

    evict.evict(shelf.store.index, lambda _: 100)

    assert [path.name for path in (shelf.root / ".hfhub" / "extracted").iterdir()] == ["0" * 64]


def test_leftovers_in_the_trash_are_emptied_when_they_are_old(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    trash = Path(shelf.store.cache.trash)
    (trash / "folder").mkdir(parents=True)
    (trash / "folder" / "x").touch()
    (trash / "file").touch()

    evict.empty_trash(shelf.store.cache)
    assert len(list(trash.iterdir())) == 2
    monkeypatch.setattr(evict, "_TRASH_SECONDS", -10.0)
    evict.empty_trash(shelf.store.cache)
    assert list(trash.iterdir()) == []


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["put", "link", "find", "evict", "pin", "lease"]),
        st.integers(0, 5),
        st.integers(0, 1),
    ),
    max_size=25,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ACTIONS)
def test_whatever_happens_entries_are_whole_and_the_total_is_true(
    tmp_path_factory: pytest.TempPathFactory, actions: list[tuple[str, int, int]]
) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("hub"), HFHUB_CACHE_MAX_SIZE="3000")
    leases = contextlib.ExitStack()
    for action, number, which in actions:
        ref, data = (A, B)[which], bytes([number]) * 700
        if action == "put":
            with contextlib.suppress(CacheFullError):
                shelf.store.make_room(700)
                shelf.put(data, f"f{number}", ref)
        elif action == "link":
            shelf.store.link(ref, f"f{number}", digest_of(data), 700)
        elif action == "find":
            shelf.store.find(ref, f"f{number}")
        elif action == "evict":
            evict.evict(shelf.store.index, lambda _, number=number: number * 300)
        elif action == "pin":
            Pins(shelf.store.cache).add(ref, whole=True)
        else:
            leases.enter_context(shelf.store.lease([digest_of(data)]))
        assert shelf.dangling() == []
        for path in shelf.root.glob("*/snapshots/*/*"):
            assert path.read_bytes() == bytes([int(path.name[1:])]) * 700
    leases.close()
    shelf.store.index.refresh()
    assert shelf.store.index.total() == shelf.blob_bytes()
    assert shelf.blob_bytes() <= 3000
