"""What one client has cached, the other finds, shows and deletes; on one cache, in either order."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peer_client
import pytest
from shelf import Shelf, digest_of, git_digest_of

from hfhub import hf_hub_download, snapshot_download, try_to_load_from_cache
from hfhub.cache import evict
from hfhub.cache.inspect import scan_cache_dir
from hfhub.cache.maintain import prune_cache, trim_cache
from hfhub.cache.verify import verify_cache
from hfhub.download.file import _CACHED_NO_EXIST
from hfhub.local_hub import LocalHub
from hfhub.repo import RepoRef

Peer = Callable[..., Any]
slow = pytest.mark.slow

FILES = {
    "README.md": b"# hello\n",
    "empty.txt": b"",
    "data/train.bin": bytes(range(256)) * 40,
    "data/deep/er/test.jsonl": b'{"a": 1}\n',
    "name with spaces & \xc3\xbc.txt".encode().decode(): b"x",
}
REPO = "owner/name"


def _lfs(peer: Peer) -> tuple[str, ...] | None:
    """What LFS keeps: by default the binary files.

    Releases before 2.0 follow a redirect to another port of the same host, as the links of the
    local Hub are, and then miss the headers; for them nothing is LFS.
    """
    return None if peer.version >= (2, 0) else ()  # type: ignore[attr-defined]


@pytest.fixture
def commit(local_hub: LocalHub, peer: Peer) -> str:
    """A repository on the Hub with regular files, an LFS file and an empty one."""
    return local_hub.add(REPO, FILES, lfs=_lfs(peer))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "shared"


def ours(cache: Path, name: str, **options: Any) -> str:
    return hf_hub_download(REPO, name, repo_type="dataset", cache_dir=cache, **options)


def our_scan(cache: Path) -> dict[str, Any]:
    return peer_client.view(scan_cache_dir(cache))


def our_find(cache: Path, names: list[str], revision: str | None) -> list[str | None]:
    found = [
        try_to_load_from_cache(REPO, name, cache, revision, repo_type="dataset") for name in names
    ]
    return ["no_exist" if path is _CACHED_NO_EXIST else path for path in found]


def _for_files(hub: LocalHub) -> list[str]:
    """The requests for files; the official client has others, of no concern here."""
    return [seen.path for seen in hub.requests if "/resolve" in seen.path]


def test_it_finds_what_we_downloaded_without_a_request(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    paths = [ours(cache, name) for name in FILES]
    local_hub.clear_requests()

    by_commit = peer("download", cache=str(cache), repo=REPO, files=list(FILES), revision=commit)
    by_branch = peer(
        "download", cache=str(cache), repo=REPO, files=list(FILES), local_files_only=True
    )

    assert by_commit == by_branch == paths
    assert _for_files(local_hub) == []


def test_we_find_what_it_downloaded_without_a_request(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    paths = peer("download", cache=str(cache), repo=REPO, files=list(FILES))
    local_hub.clear_requests()

    assert [ours(cache, name, revision=commit) for name in FILES] == paths
    assert [ours(cache, name, local_files_only=True) for name in FILES] == paths
    assert local_hub.requests == []
    assert not (cache / ".hfhub").exists()


def test_snapshots_are_one_anothers(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    mine = snapshot_download(REPO, repo_type="dataset", cache_dir=cache)
    local_hub.clear_requests()
    assert peer("snapshot", cache=str(cache), repo=REPO, local_files_only=True) == mine
    assert _for_files(local_hub) == []

    shutil.rmtree(cache)
    theirs = peer("snapshot", cache=str(cache), repo=REPO)
    local_hub.clear_requests()
    assert snapshot_download(REPO, repo_type="dataset", cache_dir=cache, revision=commit) == theirs
    assert _for_files(local_hub) == []


@pytest.mark.parametrize(
    "writer", [pytest.param("ours", marks=slow), pytest.param("theirs", marks=slow), "both"]
)
def test_a_scan_shows_the_same(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer, writer: str
) -> None:
    names = list(FILES)
    mine = {"ours": names, "theirs": [], "both": names[::2]}[writer]
    for name in mine:
        ours(cache, name)
    theirs = [name for name in names if name not in mine]
    peer("download", cache=str(cache), repo=REPO, files=theirs)
    second = local_hub.add(REPO, {"more.txt": b"more"})
    ours(cache, "more.txt", revision=second)

    assert our_scan(cache) == peer("scan", cache=str(cache))


def test_what_is_known_not_to_exist_is_known_to_both(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    from hfhub.errors import EntryNotFoundError

    ours(cache, "README.md")
    with pytest.raises(EntryNotFoundError):
        ours(cache, "missing-to-us.txt")
    peer("download", cache=str(cache), repo=REPO, files=["empty.txt"])
    names = ["README.md", "empty.txt", "missing-to-us.txt", "never-asked.txt"]

    for revision in (None, commit, "main", "no-such-branch"):
        assert our_find(cache, names, revision) == peer(
            "find", cache=str(cache), repo=REPO, files=names, revision=revision
        )


@pytest.mark.parametrize(
    "which",
    ["first", "second", pytest.param("both", marks=slow), pytest.param("unknown", marks=slow)],
)
def test_deleting_revisions_means_the_same(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer, which: str, tmp_path: Path
) -> None:
    for name in FILES:
        ours(cache, name)
    second = local_hub.add(REPO, {"data/train.bin": b"new" * 5000}, lfs=_lfs(peer))
    snapshot_download(REPO, repo_type="dataset", cache_dir=cache)
    gone = {"first": [commit], "second": [second], "both": [commit, second], "unknown": ["f" * 40]}
    copy = tmp_path / "copy"
    shutil.copytree(cache, copy, symlinks=True)

    theirs = peer("delete", cache=str(copy), revisions=gone[which], execute=True)
    plan = scan_cache_dir(cache).delete_revisions(*gone[which])
    mine = peer_client.strategy(plan)
    plan.execute()

    def moved(value: Any) -> Any:
        if isinstance(value, list):
            return [moved(item) for item in value]
        return value.replace(str(copy), str(cache)) if isinstance(value, str) else value

    assert mine == {name: moved(value) for name, value in theirs.items()}
    assert our_scan(cache)["repos"] == peer("scan", cache=str(cache))["repos"]
    left = {path for path in Shelf(cache).names() if not path.startswith(".locks")}
    assert left == {path for path in Shelf(copy).names() if not path.startswith(".locks")}


def test_without_links_either_finds_the_others_copies(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hfhub import settings

    monkeypatch.setenv("HF_HUB_DISABLE_SYMLINKS", "1")
    settings.reload()
    mine = [ours(cache, name) for name in list(FILES)[:3]]
    theirs = peer("download", cache=str(cache), repo=REPO, files=list(FILES)[3:])
    local_hub.clear_requests()

    assert peer("find", cache=str(cache), repo=REPO, files=list(FILES), revision=commit) == [
        *mine,
        *theirs,
    ]
    assert our_find(cache, list(FILES)[3:], commit) == theirs
    assert our_find(cache, list(FILES)[:3], commit) == mine
    assert not any(os.path.islink(path) for path in (*mine, *theirs))


def test_after_eviction_it_sees_a_sound_cache_and_fetches_again(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    for name in FILES:
        ours(cache, name)
    (theirs,) = peer("download", cache=str(cache), repo=REPO, files=["README.md"])

    trim_cache(0, cache_dir=cache)

    seen = peer("scan", cache=str(cache))
    assert seen["warnings"] == []
    assert seen == our_scan(cache)
    paths = peer("download", cache=str(cache), repo=REPO, files=list(FILES))
    assert [Path(path).read_bytes() for path in paths] == list(FILES.values())
    assert theirs in paths


def test_it_knows_that_an_evicted_snapshot_is_not_whole(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    if peer.version < (2, 0):  # type: ignore[attr-defined]
        pytest.skip("this release keeps no listings")
    snapshot_download(REPO, repo_type="dataset", cache_dir=cache)

    trim_cache(5_000, cache_dir=cache)

    with pytest.raises(AssertionError, match="IncompleteSnapshotError"):
        peer("snapshot", cache=str(cache), repo=REPO, local_files_only=True)
    assert peer("snapshot", cache=str(cache), repo=REPO)
    assert verify_cache(cache_dir=cache).is_clean


def test_its_verification_finds_ours_sound(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer
) -> None:
    snapshot_download(REPO, repo_type="dataset", cache_dir=cache)

    checked = peer("verify", cache=str(cache), repo=REPO, revision=commit)

    assert checked["mismatches"] == []
    assert checked["checked"] >= len(FILES)


# The store for all repositories, which 1.32 introduced.

NAME = "ab" * 32


@pytest.fixture
def shared(local_hub: LocalHub, commit: str, cache: Path, peer: Peer) -> Path:
    """The payload of ``data/train.bin`` in the official client's store."""
    if peer.version < (1, 32):  # type: ignore[attr-defined]
        pytest.skip("this release has no such store")
    (path,) = peer("download", cache=str(cache), repo=REPO, files=["data/train.bin"])
    blob = os.path.normpath(os.path.join(os.path.dirname(path), os.readlink(path)))
    assert peer("publish", cache=str(cache), blob=blob, name=NAME)
    payload = cache / "blobs" / "ab" / NAME
    assert payload.read_bytes() == FILES["data/train.bin"]
    assert os.path.islink(blob)
    return payload


def test_a_shared_blob_is_found_scanned_and_verified(
    local_hub: LocalHub, commit: str, cache: Path, peer: Peer, shared: Path
) -> None:
    local_hub.clear_requests()
    path = ours(cache, "data/train.bin", revision=commit)

    assert os.path.samefile(path, shared)
    assert local_hub.requests == []
    assert our_scan(cache) == peer("scan", cache=str(cache))
    assert verify_cache(REPO, repo_type="dataset", cache_dir=cache).is_clean


def test_shared_content_is_linked_into_another_repository_and_outlives_its_payload(
    local_hub: LocalHub, cache: Path, peer: Peer, shared: Path
) -> None:
    local_hub.add("owner/other", {"same.bin": FILES["data/train.bin"]}, lfs=_lfs(peer))
    local_hub.clear_requests()

    path = hf_hub_download("owner/other", "same.bin", repo_type="dataset", cache_dir=cache)

    if _lfs(peer) is None:
        assert [seen for seen in local_hub.requests if seen.origin == "cdn"] == []
        assert os.path.samefile(path, shared)
    assert peer("scan", cache=str(cache))["warnings"] == []
    commits = [
        revision.commit_hash
        for repo in scan_cache_dir(cache).repos
        for revision in repo.revisions
        if repo.repo_id == REPO
    ]
    peer("delete", cache=str(cache), revisions=commits, execute=True)
    assert not shared.exists()
    assert Path(path).read_bytes() == FILES["data/train.bin"]


def test_eviction_and_pruning_never_touch_the_store(
    local_hub: LocalHub, cache: Path, peer: Peer, shared: Path
) -> None:
    for name in FILES:
        ours(cache, name)

    trim_cache(0, others=True, cache_dir=cache)
    prune_cache(cache_dir=cache)

    assert shared.read_bytes() == FILES["data/train.bin"]
    assert Path(ours(cache, "data/train.bin", local_files_only=True)).stat().st_size
    assert peer("scan", cache=str(cache)) == our_scan(cache)


def test_deleting_the_last_user_of_a_payload_deletes_it(
    commit: str, cache: Path, peer: Peer, shared: Path
) -> None:
    expected = peer("delete", cache=str(cache), revisions=[commit], execute=False)
    plan = scan_cache_dir(cache).delete_revisions(commit)

    assert peer_client.strategy(plan) == expected
    plan.execute()
    assert not shared.exists()
    assert not Path(f"{shared}.refs").exists()


def test_a_fresh_download_does_not_break_what_is_shared(
    cache: Path, peer: Peer, shared: Path
) -> None:
    ref = RepoRef.parse(REPO, "dataset").at("c" * 40)
    data = FILES["data/train.bin"]

    digest = digest_of(data) if _lfs(peer) is None else git_digest_of(data)
    Shelf(cache).store.put(data, ref, "again.bin", digest)

    assert shared.exists()
    assert peer("scan", cache=str(cache))["warnings"] == []
    assert evict.evict(Shelf(cache).store.index, lambda _: 1 << 40) == 0
