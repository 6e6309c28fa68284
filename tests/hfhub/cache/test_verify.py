from __future__ import annotations

import os
from pathlib import Path

import pytest
from shelf import Shelf, digest_of, git_digest_of, repo

from hfhub.cache.verify import Damage, verify_cache
from hfhub.models import RepoFile

A = repo("o/a")


def harm(path: str) -> None:
    """Let one byte of a cached file be another."""
    blob = Path(os.path.realpath(path))
    blob.write_bytes(b"X" + blob.read_bytes()[1:])


def test_a_sound_cache_is_clean_and_each_content_is_read_once(shelf: Shelf) -> None:
    shelf.put(b"hello", "f")
    shelf.put(b"hello", "g")
    shelf.store.put(b"small", A, "h", git_digest_of(b"small"))
    shelf.store.link(repo("o/b"), "f", digest_of(b"hello"), 5)

    report = verify_cache(cache_dir=shelf.root)

    assert (report.files, report.blobs, report.bytes) == (4, 2, 10)
    assert report.is_clean
    assert report.damages == report.unknown == ()


def test_a_wrong_byte_is_found_and_named(shelf: Shelf) -> None:
    harm(shelf.put(b"hello", "d/f"))

    (damage,) = verify_cache(cache_dir=shelf.root).damages

    assert (damage.ref, damage.path) == (A, "d/f")
    assert damage.expected == str(digest_of(b"hello"))
    assert damage.found == str(digest_of(b"Xello"))


def test_an_entry_that_leads_nowhere_is_found(shelf: Shelf) -> None:
    Path(os.path.realpath(shelf.put(b"hello", "f"))).unlink()

    (damage,) = verify_cache(cache_dir=shelf.root).damages

    assert (damage.path, damage.found) == ("f", "missing")


def test_only_what_is_asked_for_is_read(shelf: Shelf) -> None:
    harm(shelf.put(b"hello", "f"))
    shelf.put(b"world", "f", A.at("b" * 40))
    shelf.store.write_ref(A.at("main"), "b" * 40)

    def check(**options: str) -> bool:
        return verify_cache("o/a", repo_type="dataset", cache_dir=shelf.root, **options).is_clean

    assert not check()
    assert not check(revision="a" * 40)
    assert check(revision="main")
    assert check(revision="never-cached")


def test_damage_is_removed_and_fetched_anew(shelf: Shelf) -> None:
    harm(shelf.put(b"hello", "f"))
    asked: list[Damage] = []

    def fetch(damage: Damage) -> None:
        asked.append(damage)
        assert not os.path.lexists(damage.entry)
        shelf.put(b"hello", damage.path)

    report = verify_cache(cache_dir=shelf.root, repair=fetch)

    assert report.is_clean
    assert report.repaired == report.damages == tuple(asked)
    assert verify_cache(cache_dir=shelf.root).damages == ()


def test_what_could_not_be_fetched_is_not_called_repaired(shelf: Shelf) -> None:
    harm(shelf.put(b"hello", "f"))

    report = verify_cache(cache_dir=shelf.root, repair=lambda damage: None)

    assert not report.is_clean
    assert shelf.store.find(A, "f") is None


def test_a_copy_is_checked_against_the_listing(shelf: Shelf) -> None:
    entry = Path(shelf.store.cache.pointer(A, "f"))
    entry.parent.mkdir(parents=True)
    entry.write_bytes(b"hello")

    assert verify_cache(cache_dir=shelf.root).unknown == (str(entry),)
    shelf.store.write_tree(A, [RepoFile("f", 5, git_digest_of(b"hello").hex)])
    assert verify_cache(cache_dir=shelf.root).unknown == ()
    entry.write_bytes(b"hellO")
    assert not verify_cache(cache_dir=shelf.root).is_clean


def test_repair_leaves_the_official_clients_payload_alone(shelf: Shelf) -> None:
    payload = shelf.root / "blobs" / "ab" / ("ab" * 32)
    payload.parent.mkdir(parents=True)
    payload.write_bytes(b"Xello")
    blob = Path(shelf.store.cache.blob(A, digest_of(b"hello")))
    blob.parent.mkdir(parents=True)
    blob.symlink_to(os.path.relpath(payload, blob.parent))
    shelf.store.link(A, "f", digest_of(b"hello"), 5)

    report = verify_cache(
        cache_dir=shelf.root, repair=lambda damage: shelf.put(b"hello", damage.path)
    )

    assert report.is_clean
    assert payload.read_bytes() == b"Xello"


@pytest.mark.parametrize("repo_type", [None, "space"])
def test_a_repository_that_is_not_cached_is_clean(shelf: Shelf, repo_type: str | None) -> None:
    report = verify_cache("o/none", repo_type=repo_type, cache_dir=shelf.root)

    assert (report.files, report.is_clean) == (0, True)


def test_damage_that_repositories_share_is_repaired_in_all_of_them(shelf: Shelf) -> None:
    path = shelf.put(b"hello", "f")
    shelf.store.link(repo("o/b"), "f", digest_of(b"hello"), 5)
    shelf.store.index.refresh()
    harm(path)
    other = shelf.again()
    fetched: list[str] = []

    def fetch(damage: Damage) -> None:
        if not other.store.link(damage.ref, damage.path, digest_of(b"hello"), 5):
            fetched.append(damage.ref.id)
            other.put(b"hello", damage.path, damage.ref)

    assert verify_cache(cache_dir=shelf.root, repair=fetch).is_clean
    assert len(fetched) == 1


def test_damage_in_one_repository_is_not_linked_into_another(shelf: Shelf) -> None:
    path = shelf.put(b"hello", "f")
    shelf.store.index.refresh()
    harm(path)

    assert shelf.again().store.link(repo("o/b"), "f", digest_of(b"hello"), 5) is None
