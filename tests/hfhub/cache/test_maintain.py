from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from shelf import Shelf, digest_of, repo

from hfhub import settings
from hfhub.cache.maintain import (
    Pin,
    cache_usage,
    list_pins,
    pin,
    prune_cache,
    trim_cache,
    unpin,
)
from hfhub.errors import CacheNotFound, HFValidationError

A = repo("o/a")


def age(path: str | Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(path, (then, then), follow_symlinks=False)


def test_pins_are_listed_until_they_are_taken_off(shelf: Shelf) -> None:
    pin("o/a", repo_type="dataset", cache_dir=shelf.root)
    pin("o/a", repo_type="dataset", revision="v1", cache_dir=shelf.root)
    pin("gpt2", cache_dir=shelf.root)

    assert set(list_pins(shelf.root)) == {
        Pin("dataset", "o/a", None),
        Pin("dataset", "o/a", "v1"),
        Pin("model", "gpt2", None),
    }
    assert unpin("o/a", repo_type="dataset", cache_dir=shelf.root)
    assert not unpin("o/a", repo_type="dataset", cache_dir=shelf.root)
    assert list_pins(shelf.root) == [
        Pin("dataset", "o/a", "v1"),
        Pin("model", "gpt2", None),
    ]


def test_a_pin_outlives_the_index(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    pin("o/a", repo_type="dataset", cache_dir=shelf.root)
    shelf.store.index.refresh()
    for path in shelf.root.glob(".hfhub/index.sqlite*"):
        path.unlink()

    assert trim_cache(0, cache_dir=shelf.root) == 0
    assert shelf.store.find(A, "f")


def test_a_pin_file_that_is_damaged_pins_nothing_and_harms_nothing(shelf: Shelf) -> None:
    pin("o/a", repo_type="dataset", cache_dir=shelf.root)
    for content in (b"", b"{", b"[]", b'{"type": "x", "id": "y", "revision": 1}'):
        (shelf.root / ".hfhub" / "pins" / "x").write_bytes(content)
        assert len(list_pins(shelf.root)) == 1


def test_what_is_no_repository_cannot_be_pinned(shelf: Shelf) -> None:
    with pytest.raises(HFValidationError):
        pin("../x", cache_dir=shelf.root)
    with pytest.raises(HFValidationError):
        pin("o/a", revision="../../x", cache_dir=shelf.root)


def test_usage_says_whose_the_bytes_are_and_what_could_go(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HFHUB_CACHE_MAX_SIZE", "5KB")
    settings.reload()
    shelf.put(b"m" * 1000, "f")
    shelf.put(b"p" * 200, "f", repo("o/pinned"))
    pin("o/pinned", repo_type="dataset", cache_dir=shelf.root)
    blob = Path(shelf.store.cache.blob(repo("o/b"), digest_of(b"t" * 30)))
    blob.parent.mkdir(parents=True)
    blob.write_bytes(b"t" * 30)
    partial = Path(shelf.store.cache.partial(A, "0" * 64))
    partial.write_bytes(b"7777777")

    usage = cache_usage(shelf.root)

    assert (usage.ours, usage.others, usage.derived, usage.partial) == (1200, 30, 0, 7)
    assert (usage.total, usage.evictable, usage.limit) == (1237, 1000, 5000)
    assert usage.disk_free > 0


def test_usage_of_a_cache_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(CacheNotFound):
        cache_usage(tmp_path / "none")


def test_trimming_goes_down_to_the_limit(shelf: Shelf) -> None:
    for i in range(5):
        shelf.put(bytes([i]) * 1000, f"f{i}")

    assert trim_cache("2.5KB", cache_dir=shelf.root) == 3000
    assert shelf.blob_bytes() == 2000


def test_pruning_removes_what_no_ref_is_at(shelf: Shelf) -> None:
    shelf.put(b"old", "f")
    shelf.put(b"newer", "f", A.at("b" * 40))
    shelf.put(b"pinned", "f", A.at("c" * 40))
    shelf.store.write_ref(A.at("main"), "b" * 40)
    pin("o/a", repo_type="dataset", revision="c" * 40, cache_dir=shelf.root)
    before = shelf.names()

    planned = prune_cache(dry_run=True, cache_dir=shelf.root)
    assert (planned.revisions, planned.freed) == (("a" * 40,), 3)
    assert shelf.names() == before
    assert prune_cache(cache_dir=shelf.root) == planned
    assert shelf.store.find(A, "f") is None
    assert shelf.store.find(A.at("b" * 40), "f")
    assert shelf.store.find(A.at("c" * 40), "f")


def test_pruning_removes_leftovers_that_are_old_enough_to_be_nobodys(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.store.write_ref(A.at("main"), "a" * 40)
    blobs = shelf.root / "datasets--o--a" / "blobs"
    for name, days in (("old", 2), ("young", 0)):
        for path in (
            blobs / digest_of(name.encode()).hex,
            blobs / f"{name}.incomplete",
            Path(shelf.store.cache.partial(A, digest_of(name.encode()))),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"1234")
            age(path, days)
    snapshot = Path(shelf.store.cache.snapshot(A))
    (snapshot / "link").symlink_to("../../blobs/gone")

    # A repository with a link to nothing is no sound one: first the link goes, then the rest.
    first, second = (prune_cache(cache_dir=shelf.root) for _ in range(2))

    assert (len(first.incomplete), len(first.dangling)) == (2, 1)
    assert second.orphans == (str(blobs / digest_of(b"old").hex),)
    assert (blobs / digest_of(b"young").hex).exists()
    assert (blobs / "young.incomplete").exists()
    assert shelf.store.find(A, "f")
