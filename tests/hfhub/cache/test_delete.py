from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest
from shelf import Shelf, digest_of, repo

from hfhub.cache.inspect import scan_cache_dir

A, A2, B = repo("o/a"), repo("o/a", "b"), repo("o/b")


@pytest.fixture
def two(shelf: Shelf) -> Shelf:
    """Two revisions that share one of their files."""
    shelf.put(b"shared", "s")
    shelf.put(b"only first", "f")
    shelf.store.link(A2, "s", digest_of(b"shared"), 6)
    shelf.put(b"only second!", "f", A2)
    shelf.store.write_ref(A.at("main"), "b" * 40)
    return shelf


def test_a_revision_goes_with_what_only_it_shows(two: Shelf) -> None:
    plan = scan_cache_dir(two.root).delete_revisions("a" * 40)

    assert plan.expected_freed_size == 10
    assert plan.expected_freed_size_str == "10.0"
    plan.execute()
    assert two.store.find(A, "s") is None
    assert two.store.find(A2, "s")
    assert two.store.find(A2, "f")
    assert two.blob_bytes() == 18


def test_nothing_goes_before_it_is_executed(two: Shelf) -> None:
    before = two.names()

    scan_cache_dir(two.root).delete_revisions("a" * 40, "b" * 40)

    assert two.names() == before


def test_the_last_revision_takes_the_repository_with_it(two: Shelf) -> None:
    two.put(b"hello", "f", B.at("c" * 40))
    two.store.write_tree(A, [])

    scan_cache_dir(two.root).delete_revisions("a" * 40, "b" * 40).execute()

    assert {name.split("/")[0] for name in two.names()} == {"datasets--o--b"}
    assert not (two.root / "datasets--o--a").exists()
    assert not (two.root / ".hfhub" / "trees" / "datasets--o--a").exists()


def test_a_commit_that_is_not_cached_is_warned_about(
    two: Shelf, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        plan = scan_cache_dir(two.root).delete_revisions("f" * 40)

    assert plan.expected_freed_size == 0
    assert "f" * 40 in caplog.text


def test_bytes_that_another_repository_keeps_do_not_come_free(two: Shelf) -> None:
    two.store.link(B, "f", digest_of(b"only first"), 10)

    plan = scan_cache_dir(two.root).delete_revisions("a" * 40)
    # The same commit is cached of both repositories.
    assert plan.expected_freed_size == 10

    os.rename(
        two.root / "datasets--o--b" / "snapshots" / ("a" * 40),
        two.root / "datasets--o--b" / "snapshots" / ("c" * 40),
    )
    assert scan_cache_dir(two.root).delete_revisions("a" * 40).expected_freed_size == 0


def test_single_files_go_but_not_blobs_that_others_show(two: Shelf) -> None:
    info = scan_cache_dir(two.root)
    (found,) = info.repos
    (first,) = (rev for rev in found.revisions if rev.commit_hash == "a" * 40)

    plan = info.delete_files(*first.files)

    assert plan.expected_freed_size == 10
    plan.execute()
    assert Path(found.repo_path, "snapshots", "a" * 40).is_dir()
    assert two.store.find(A2, "s")
    assert two.dangling() == []


def test_what_is_gone_already_is_only_logged(two: Shelf, caplog: pytest.LogCaptureFixture) -> None:
    plan = scan_cache_dir(two.root).delete_revisions("a" * 40)
    for blob in plan.blobs:
        blob.unlink()

    with caplog.at_level(logging.WARNING):
        plan.execute()

    assert "file not found" in caplog.text


def test_a_link_to_a_folder_outside_is_not_followed(two: Shelf, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    (two.root / "datasets--o--a" / "snapshots" / ("a" * 40) / "evil").symlink_to(outside)

    info = scan_cache_dir(two.root)
    info.delete_revisions("a" * 40, "b" * 40).execute()

    assert (outside / "precious").exists()
