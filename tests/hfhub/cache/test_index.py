from __future__ import annotations

import logging
import os
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from shelf import Shelf, digest_of, repo

from hfhub.cache.database import Unavailable
from hfhub.cache.index import Index
from hfhub.cache.notes import Notes

A, B = repo("o/a"), repo("o/b", "b")


def places(shelf: Shelf, data: bytes) -> list[str]:
    key = digest_of(data).hex
    return [place.path for place in shelf.store.index.places([key])[key]]


def test_it_knows_what_hfhub_brought_in(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.index.refresh()

    key = digest_of(b"hello").hex
    (place,) = shelf.store.index.places([key])[key]
    assert place.path == f"datasets--o--a/blobs/{key}"
    assert (place.size, place.ours) == (5, 1)
    assert shelf.store.index.total() == 5


def test_it_knows_what_others_brought_in(shelf: Shelf) -> None:
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"hello")
    shelf.store.index.refresh()

    key = digest_of(b"hello").hex
    assert [place.ours for place in shelf.store.index.places([key])[key]] == [0]
    assert shelf.store.index.total() == 5


def test_content_that_is_linked_counts_once(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.link(B, "f", digest_of(b"hello"), 5)
    shelf.store.index.refresh()

    assert len(places(shelf, b"hello")) == 2
    assert shelf.store.index.total() == 5


def test_it_notices_what_others_took_away(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.put(b"world!", "g", B)
    shelf.store.index.refresh()
    shutil.rmtree(shelf.root / "datasets--o--b")
    Path(shelf.store.cache.blob(A, digest_of(b"hello"))).unlink()
    shelf.store.index.refresh()

    assert shelf.store.index.total() == 0


def test_a_blob_that_others_wrote_over_ours_is_theirs(shelf: Shelf) -> None:
    path = shelf.put(b"hello", "f")
    shelf.store.index.refresh()
    blob = Path(path).resolve()
    blob.unlink()
    blob.write_bytes(b"hello")
    os.utime(blob, ns=(1, 1))
    shelf.store.index.refresh()

    key = digest_of(b"hello").hex
    assert [place.ours for place in shelf.store.index.places([key])[key]] == [0]


def test_a_lost_index_is_made_again_and_still_knows_whose_a_blob_is(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.index.refresh()
    for path in shelf.root.glob(".hfhub/index.sqlite*"):
        path.unlink()

    shelf.store.index.refresh()

    key = digest_of(b"hello").hex
    assert [place.ours for place in shelf.store.index.places([key])[key]] == [1]


@pytest.mark.parametrize("content", [b"", b"not a database at all, but long enough to be one" * 30])
def test_a_damaged_index_is_made_again(shelf: Shelf, content: bytes) -> None:
    shelf.put(b"hello", "f")
    other = shelf.again()
    index = Path(shelf.store.cache.index)
    index.parent.mkdir(exist_ok=True)
    index.write_bytes(content)

    other.store.index.refresh()

    assert other.store.index.total() == 5


def test_an_index_that_is_damaged_inside_is_made_again(shelf: Shelf) -> None:
    for i in range(300):
        shelf.put(b"%d" % i, f"f{i}")
    shelf.store.index.refresh()
    shelf.store.index.database.write(lambda db: None)
    with sqlite3.connect(shelf.store.cache.index) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    data = bytearray(Path(shelf.store.cache.index).read_bytes())
    data[5000:20000] = b"\xff" * 15000
    Path(shelf.store.cache.index).write_bytes(data)

    other = shelf.again()
    other.store.index.refresh()
    other.store.index.places([digest_of(b"7").hex])
    other.store.index.refresh()

    assert other.store.link(B, "f", digest_of(b"7"), 1)


def test_uses_are_kept_in_memory_and_written_down_together(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.index.refresh()
    before = shelf.store.index.places([digest_of(b"hello").hex])
    other = shelf.again()
    other.store.find(A, "f")

    other.store.notes.flush()
    shelf.store.index.refresh()

    after = shelf.store.index.places([digest_of(b"hello").hex])
    ((first,), (second,)) = (*before.values(), *after.values())
    assert second.used > first.used


def test_torn_and_foreign_lines_of_the_journal_are_passed_over(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    (journal,) = (shelf.root / ".hfhub" / "journal").iterdir()
    with journal.open("ab") as file:
        file.write(
            b'["brought", "datasets--o\n'
            b'{"not": "ours"}\n'
            b'["brought", "../../etc/passwd"]\n'
            b'["brought", "x", 1, "a", "b", "c"]\n'
            b'["used"]\n["unknown", "x", 1]\n\xff\xfe\n'
        )
    shelf.put(b"world!", "g")
    shelf.store.index.refresh()

    assert shelf.store.index.total() == 11


def test_a_lease_ends_with_its_context(shelf: Shelf) -> None:
    with shelf.store.lease([digest_of(b"hello")]):
        assert shelf.store.index.leased() == {digest_of(b"hello").hex}

    assert shelf.store.index.leased() == set()


def test_a_lease_of_a_dead_process_is_none(shelf: Shelf) -> None:
    from hfhub.cache import owner

    name = shelf.store.index.lease([digest_of(b"hello").hex])
    dead = "|".join([owner.host(), "999999999", "1"])
    shelf.store.index.database.write(
        lambda db: db.execute("UPDATE lease SET owner = ? WHERE id = ?", (dead, name))
    )

    assert shelf.store.index.leased() == set()


def test_a_lease_of_another_machine_holds_until_it_expires(shelf: Shelf) -> None:
    for seconds, expected in ((60.0, {digest_of(b"hello").hex}), (-1.0, set())):
        name = shelf.store.index.lease([digest_of(b"hello").hex], seconds=seconds)
        shelf.store.index.database.write(
            lambda db, name=name: db.execute(
                "UPDATE lease SET owner = 'elsewhere|1|1' WHERE id = ?", (name,)
            )
        )
        assert shelf.store.index.leased() == expected
        shelf.store.index.release(name)


def test_without_a_database_the_cache_works_with_one_warning(
    shelf: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    # A folder in its place: SQLite can open nothing there, as on some network file systems.
    Path(shelf.store.cache.index).mkdir(parents=True)

    with caplog.at_level(logging.WARNING), shelf.store.lease([digest_of(b"hello")]):
        path = shelf.put(b"hello", "f")
        assert shelf.store.link(B, "f", digest_of(b"world"), 5) is None
        shelf.store.make_room(5)

    assert shelf.store.find(A, "f") == path
    assert len(caplog.records) == 1
    with pytest.raises(Unavailable):
        shelf.store.index.choose(lambda _: 1, lambda _: False)


def test_an_index_of_a_newer_version_is_left_alone(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.index.refresh()
    shelf.store.index.database.write(lambda db: db.execute("PRAGMA user_version = 99"))
    other = shelf.again()

    assert other.store.index.total() is None
    assert shelf.store.index.total() == 5


def test_many_threads_and_processes_worth_of_indexes_agree(shelf: Shelf) -> None:
    def work(number: int) -> None:
        mine = shelf.again()
        for i in range(10):
            mine.put(b"%d-%d" % (number, i), f"f{number}-{i}")
            mine.store.index.refresh()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    index = Index(shelf.store.cache, Notes(shelf.store.cache))
    index.refresh()

    assert index.total() == shelf.blob_bytes()


def test_a_journal_that_has_grown_long_is_started_anew_and_nothing_is_forgotten(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hfhub.cache import journal

    monkeypatch.setattr(journal, "_ROTATE_AT", 1)
    monkeypatch.setattr(journal, "_SETTLED_AFTER", 0.0)
    monkeypatch.setattr(journal, "_REOPEN_AFTER", 0.0)
    for i in range(5):
        shelf.put(b"%d" % i, f"f{i}")
        shelf.store.index.refresh()
    assert len(list((shelf.root / ".hfhub" / "journal").iterdir())) <= 2

    for path in shelf.root.glob(".hfhub/index.sqlite*"):
        path.unlink()
    other = shelf.again()
    other.store.index.refresh()

    assert other.store.index.usage()["ours"] == 5
