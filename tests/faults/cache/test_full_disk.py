"""A disk that fills up, at whichever write."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import pytest
from shelf import Shelf, digest_of, git_digest_of, repo

from hfhub.cache.verify import verify_cache
from hfhub.errors import CacheFullError
from hfhub.models import RepoFile

A, B = repo("o/a"), repo("o/b", "b")
PAGE = 4096


def fill(disk: Path, free: int) -> None:
    """Leave so many pages free."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(PAGE))
    size = filler.stat().st_size
    os.truncate(filler, max(0, size - free * PAGE))


def step(shelf: Shelf, number: int) -> None:
    """One of everything that is written."""
    data = bytes([number]) * 9000
    with shelf.store.lease([digest_of(data)]):
        shelf.store.put(data, B, f"d{number}/new", digest_of(data))
    shelf.store.note_absent(B, f"absent{number}")
    shelf.store.write_tree(B, [RepoFile(f"f{i}", 1, "1" * 40) for i in range(200)])
    shelf.store.write_ref(B.at(f"branch{number}"), "b" * 40)


@pytest.mark.parametrize("free", [*range(14), 18, 25, 40])
def test_it_is_written_whole_or_a_typed_error_and_the_rest_is_intact(
    small_disk: Path, free: int
) -> None:
    shelf = Shelf(small_disk / "hub")
    # Pinned, so that room cannot be made.
    kept = shelf.store.put(b"kept" * 100, A, "kept", git_digest_of(b"kept" * 100))
    from hfhub.cache.maintain import pin

    pin("o/a", repo_type="dataset", cache_dir=shelf.root)
    if free % 2:
        shelf.store.index.refresh()
    fill(small_disk, free)

    for number in range(3):
        with contextlib.suppress(CacheFullError):
            step(shelf.again(), number)

    assert Path(kept).read_bytes() == b"kept" * 100
    assert verify_cache(cache_dir=shelf.root).is_clean
    assert shelf.dangling() == []
    for number in range(3):
        path = shelf.store.find(B, f"d{number}/new")
        assert path is None or Path(path).read_bytes() == bytes([number]) * 9000
        assert shelf.store.resolve_ref(B.at(f"branch{number}")) in (None, "b" * 40)
    listing = shelf.store.read_tree(B)
    assert listing is None or len(listing) == 200
    (small_disk / "filler").unlink()
    step(shelf.again(), 9)
    assert shelf.store.find(B, "d9/new")


def test_what_may_go_makes_room(small_disk: Path) -> None:
    shelf = Shelf(small_disk / "hub")
    for number in range(10):
        data = bytes([100 + number]) * 30_000
        shelf.put(data, f"old{number}")
    shelf.store.index.refresh()
    with shelf.store.lease([]):
        pass  # the room that is held back is there now
    fill(small_disk, 0)

    for number in range(8):
        data = bytes([number]) * 25_000
        path = shelf.again().store.put(data, B, f"new{number}", digest_of(data))
        assert Path(path).read_bytes() == data

    assert verify_cache(cache_dir=shelf.root).is_clean
    assert shelf.dangling() == []


def test_the_error_says_how_much_is_missing(small_disk: Path) -> None:
    shelf = Shelf(small_disk / "hub")
    data = bytes(2_000_000)

    with pytest.raises(CacheFullError) as raised:
        shelf.put(data)

    assert raised.value.needed == 2_000_000
    assert raised.value.available < 2_000_000
    assert str(shelf.root) in str(raised.value)
    assert shelf.names() == set()
