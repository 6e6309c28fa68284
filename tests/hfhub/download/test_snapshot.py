from __future__ import annotations

import os
from pathlib import Path

import pytest

from hfhub import settings
from hfhub.download.file import DryRunFileInfo, hf_hub_download
from hfhub.download.snapshot import get_cached_repo_tree, snapshot_download
from hfhub.errors import (
    CachedRepoTreeNotFoundError,
    DryRunError,
    IncompleteSnapshotError,
    IntegrityError,
    LocalEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

REPO = "owner/name"
FILES = {
    "README.md": b"# hello\n",
    "data/train.parquet": bytes(range(256)) * 10_000,
    "data/test.parquet": b"PAR1",
    "data/more/x.json": b"{}",
    "empty.txt": b"",
}


def snapshot(**options: object) -> Path:
    path = snapshot_download(REPO, repo_type="dataset", **options)
    assert isinstance(path, str)
    return Path(path)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".cache" not in path.relative_to(folder).parts
    }


def test_a_snapshot_holds_every_file(local_hub):
    local_hub.add(REPO, FILES)
    assert contents(snapshot()) == FILES


def test_a_cold_snapshot_costs_one_resolution_one_listing_and_one_get_a_file(local_hub):
    local_hub.add(REPO, FILES)
    snapshot()
    api = [seen for seen in local_hub.requests if seen.path.startswith("/api/datasets")]
    assert len(api) == 2
    files = [seen for seen in local_hub.requests if seen.file]
    assert sorted(seen.file for seen in files) == sorted(set(FILES) - {"empty.txt"})
    assert {seen.method for seen in local_hub.requests} == {"GET"}


def test_a_warm_snapshot_costs_one_request_and_a_pinned_one_none(local_hub):
    sha = local_hub.add(REPO, FILES)
    first = snapshot()
    local_hub.clear_requests()
    assert snapshot() == first
    assert len(local_hub.requests) == 1
    local_hub.clear_requests()
    assert snapshot(revision=sha) == first
    assert local_hub.requests == []


def test_many_files_are_listed_to_the_last_page(local_hub):
    files = {f"d/{n:04}.txt": str(n).encode() for n in range(1205)}
    local_hub.add(REPO, files)
    assert contents(snapshot()) == files


def test_the_revision_is_noted_last(local_hub):
    local_hub.add(REPO, FILES)
    with (
        local_hub.faults.status(404, path="*/x.json"),
        pytest.raises(Exception, match="404"),
    ):
        snapshot()
    cache = settings.current().cache_dir
    assert not list(cache.glob("datasets--*/refs/*"))
    local_hub.clear_requests()
    assert contents(snapshot()) == FILES
    assert len([seen for seen in local_hub.requests if seen.file]) <= 4


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"allow_patterns": "*.parquet"}, {"data/train.parquet", "data/test.parquet"}),
        ({"allow_patterns": ["data/"]}, {p for p in FILES if p.startswith("data/")}),
        ({"allow_patterns": ["data/*"], "ignore_patterns": "*.json"},
         {"data/train.parquet", "data/test.parquet"}),
        ({"ignore_patterns": ["data/", "empty*"]}, {"README.md"}),
        ({"allow_patterns": []}, set()),
    ],
)  # fmt: skip
def test_patterns_choose_files(local_hub, options, expected):
    local_hub.add(REPO, FILES)
    assert set(contents(snapshot(**options))) == expected if expected else True
    got = {seen.file for seen in local_hub.requests if seen.file}
    assert got == expected - {"empty.txt"}


def test_content_that_two_names_share_is_fetched_once(local_hub):
    local_hub.add(REPO, {f"{n}.bin": b"same" for n in range(5)}, lfs=["*"])
    assert contents(snapshot()) == {f"{n}.bin": b"same" for n in range(5)}
    assert len([seen for seen in local_hub.requests if seen.file]) == 1


def test_a_new_commit_fetches_only_what_changed(local_hub):
    local_hub.add(REPO, FILES)
    first = snapshot()
    local_hub.add(REPO, {"README.md": b"# new\n", "empty.txt": None})
    local_hub.clear_requests()
    second = snapshot()
    assert second != first
    assert contents(second) == {k: v for k, v in FILES.items() if k != "empty.txt"} | {
        "README.md": b"# new\n"
    }
    assert [seen.file for seen in local_hub.requests if seen.file] == ["README.md"]


def test_wrong_bytes_in_one_file_are_an_error_that_names_it(local_hub):
    local_hub.add(REPO, FILES)
    with (
        local_hub.faults.corrupt(at=1, path="*x.json"),
        pytest.raises(IntegrityError, match=r"x\.json"),
    ):
        snapshot()
    assert contents(snapshot()) == FILES


def test_by_force_every_file_is_fetched_again(local_hub):
    local_hub.add(REPO, FILES)
    snapshot()
    local_hub.clear_requests()
    snapshot(force_download=True)
    assert len([seen for seen in local_hub.requests if seen.file]) == len(FILES) - 1


def test_without_the_hub_a_complete_snapshot_is_used(local_hub):
    local_hub.add(REPO, FILES)
    first = snapshot()
    local_hub.close()
    assert snapshot() == first
    assert snapshot(local_files_only=True) == first


def test_without_the_hub_a_snapshot_that_lacks_files_says_which(local_hub):
    local_hub.add(REPO, FILES)
    folder = snapshot()
    os.unlink(folder / "data/more/x.json")
    with pytest.raises(IncompleteSnapshotError, match=r"x\.json") as caught:
        snapshot(local_files_only=True)
    assert caught.value.snapshot_path == str(folder)
    assert snapshot(local_files_only=True, ignore_patterns="*.json") == folder


def test_without_the_hub_and_without_a_cache_it_is_a_typed_error(local_hub):
    local_hub.add(REPO, FILES)
    with pytest.raises(LocalEntryNotFoundError):
        snapshot(local_files_only=True)
    assert local_hub.requests == []


def test_offline_no_request_is_made(local_hub, monkeypatch):
    sha = local_hub.add(REPO, FILES)
    first = snapshot()
    local_hub.clear_requests()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.reload()
    assert snapshot() == snapshot(revision=sha) == first
    assert local_hub.requests == []


def test_missing_repositories_and_revisions_are_told_apart(local_hub):
    local_hub.add(REPO, FILES)
    with pytest.raises(RevisionNotFoundError):
        snapshot(revision="nope")
    with pytest.raises(RepositoryNotFoundError):
        snapshot_download("owner/none")


def test_a_dry_run_lists_what_would_be_done(local_hub):
    sha = local_hub.add(REPO, FILES)
    hf_hub_download(REPO, "README.md", repo_type="dataset")
    infos = snapshot_download(REPO, repo_type="dataset", dry_run=True)
    assert isinstance(infos, list)
    assert {info.filename: info.will_download for info in infos} == {
        path: path != "README.md" for path in FILES
    }
    assert all(isinstance(info, DryRunFileInfo) and info.commit_hash == sha for info in infos)
    local_hub.close()
    with pytest.raises(DryRunError):
        snapshot_download(REPO, repo_type="dataset", dry_run=True)


def test_the_listing_is_kept_for_later(local_hub):
    local_hub.add(REPO, FILES)
    with pytest.raises(CachedRepoTreeNotFoundError):
        get_cached_repo_tree(REPO, repo_type="dataset")
    snapshot()
    files = get_cached_repo_tree(REPO, repo_type="dataset")
    assert {file.path: file.size for file in files} == {p: len(d) for p, d in FILES.items()}


def test_a_listing_with_hostile_names_writes_nothing_outside(local_hub, tmp_path):
    local_hub.add(REPO, {"ok.txt": b"x"})
    before = set(tmp_path.rglob("*"))
    body = (
        b'[{"type":"file","path":"../../../../evil.txt","size":1,"oid":'
        b'"b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0"}]'
    )
    with (
        local_hub.faults.status(200, body=body, path="*/tree/*"),
        pytest.raises(ValueError, match="evil"),
    ):
        snapshot()
    outside = set(tmp_path.rglob("*")) - before
    assert not [path for path in outside if "evil" in path.name]


def test_an_aborted_fetch_stops_the_other_files(local_hub):
    files = {f"{n:03}.bin": bytes([n]) * 1000 for n in range(200)}
    local_hub.add(REPO, files, lfs=["*"])
    with (
        local_hub.faults.status(404, origin="cdn", skip=3),
        pytest.raises(Exception, match="404"),
    ):
        snapshot()
    assert len([seen for seen in local_hub.requests if seen.origin == "cdn"]) < 100


def test_progress_counts_bytes_and_files(local_hub):
    local_hub.add(REPO, FILES)
    totals: dict[str, list[float]] = {}

    class Bar:
        def __init__(self, **options):
            self.unit = options["unit"]
            totals[self.unit] = [options["total"], 0]

        def update(self, n):
            totals[self.unit][1] += n

        def close(self):
            pass

    snapshot(tqdm_class=Bar)
    size = sum(map(len, FILES.values()))
    assert totals == {"B": [size, size], " files": [len(FILES), len(FILES)]}
