"""What can be asked about one repository."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from hfhub import errors
from hfhub.api import HfApi
from hfhub.http import RequestLog, observe
from hfhub.models import DatasetInfo, ModelInfo, RepoFile, RepoFolder, SpaceInfo
from hfhub.revision import ResolvedRevision

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

FILES = {
    "README.md": b"---\nlicense: mit\ntags: [a]\n---\nHello",
    "data/train.jsonl": b'{"a": 1}\n',
    "data/deep/test.jsonl": b'{"a": 2}\n',
    "big.parquet": b"PAR1" * 10,
}


@pytest.fixture
def sha(local_hub: LocalHub) -> str:
    return local_hub.add("owner/name", FILES)


@pytest.fixture
def api(local_hub: LocalHub) -> HfApi:
    return HfApi(endpoint=local_hub.endpoint)


def test_dataset_info_names_commit_files_and_card(api: HfApi, sha: str) -> None:
    info = api.dataset_info("owner/name")
    assert isinstance(info, DatasetInfo)
    assert (info.id, info.sha, info.private) == ("owner/name", sha, False)
    assert [file.rfilename for file in info.siblings or ()] == sorted(FILES)
    assert info.siblings is not None
    assert info.siblings[0].size is None


def test_files_metadata_adds_sizes_and_digests(api: HfApi, sha: str) -> None:
    info = api.dataset_info("owner/name", files_metadata=True)
    by_name = {file.rfilename: file for file in info.siblings or ()}
    assert by_name["README.md"].size == len(FILES["README.md"])
    assert by_name["README.md"].lfs is None
    assert by_name["big.parquet"].lfs is not None
    assert by_name["big.parquet"].lfs.size == 40


@pytest.mark.parametrize(
    ("kind", "expected"), [("model", ModelInfo), ("dataset", DatasetInfo), ("space", SpaceInfo)]
)
def test_repo_info_gives_the_kind_that_was_asked_for(local_hub, api, kind, expected) -> None:
    local_hub.add("owner/thing", {"README.md": b"x"}, repo_type=kind)
    assert type(api.repo_info("owner/thing", repo_type=kind)) is expected


def test_expand_excludes_files_metadata(api: HfApi) -> None:
    with pytest.raises(ValueError, match="excludes"):
        api.dataset_info("owner/name", expand=["sha"], files_metadata=True)


def test_a_listing_holds_files_and_folders_of_one_level(api: HfApi, sha: str) -> None:
    rows = list(api.list_repo_tree("owner/name", repo_type="dataset"))
    assert {(type(row), row.path) for row in rows} == {
        (RepoFile, "README.md"),
        (RepoFile, "big.parquet"),
        (RepoFolder, "data"),
    }


def test_a_recursive_listing_enters_folders(api: HfApi, sha: str) -> None:
    rows = list(api.list_repo_tree("owner/name", repo_type="dataset", recursive=True))
    assert {row.path for row in rows if isinstance(row, RepoFile)} == set(FILES)
    assert {row.path for row in rows if isinstance(row, RepoFolder)} == {"data", "data/deep"}


def test_a_folder_that_has_slashes_is_listed(api: HfApi, sha: str) -> None:
    (row,) = api.list_repo_tree("owner/name", "data/deep", repo_type="dataset")
    assert row.path == "data/deep/test.jsonl"


def test_a_missing_folder_is_an_entry_error(api: HfApi, sha: str) -> None:
    with pytest.raises(errors.RemoteEntryNotFoundError):
        list(api.list_repo_tree("owner/name", "nowhere", repo_type="dataset"))


def test_list_repo_files_gives_paths(api: HfApi, sha: str) -> None:
    assert sorted(api.list_repo_files("owner/name", repo_type="dataset")) == sorted(FILES)


def test_a_listing_goes_on_over_all_pages(local_hub: LocalHub, api: HfApi) -> None:
    names = {f"f/{number:05}.txt": b"x" for number in range(2100)}
    local_hub.add("owner/many", names)
    log = RequestLog()
    with observe(log):
        listed = api.list_repo_files("owner/many", repo_type="dataset")
    assert sorted(listed) == sorted(names)
    assert log.count == 3


def test_a_files_digest_is_what_its_bytes_come_to(api: HfApi, sha: str) -> None:
    for row in api.list_repo_tree("owner/name", repo_type="dataset", recursive=True):
        if isinstance(row, RepoFile):
            assert row.digest is not None
            assert row.digest.matches(FILES[row.path])


def test_paths_info_leaves_out_what_is_missing(api: HfApi, sha: str) -> None:
    rows = api.get_paths_info("owner/name", ["README.md", "nope", "data"], repo_type="dataset")
    assert [(type(row), row.path) for row in rows] == [
        (RepoFile, "README.md"),
        (RepoFolder, "data"),
    ]
    (row,) = api.get_paths_info("owner/name", "README.md", repo_type="dataset", expand=True)
    assert row.last_commit is not None


def test_refs_name_branches_tags_and_conversions(local_hub, api, sha) -> None:
    local_hub.tag("owner/name", "v1.0", at=sha)
    local_hub.add(
        "owner/name", {"default/train/0000.parquet": b"PAR1"}, branch="refs/convert/parquet"
    )
    refs = api.list_repo_refs("owner/name", repo_type="dataset")
    assert [(ref.name, ref.ref, ref.target_commit) for ref in refs.branches] == [
        ("main", "refs/heads/main", sha)
    ]
    assert [ref.name for ref in refs.tags] == ["v1.0"]
    assert [ref.ref for ref in refs.converts] == ["refs/convert/parquet"]
    assert refs.pull_requests is None


def test_commits_come_newest_first(local_hub: LocalHub, api: HfApi, sha: str) -> None:
    second = local_hub.add("owner/name", {"more.txt": b"x"}, message="Add more")
    commits = api.list_repo_commits("owner/name", repo_type="dataset")
    assert [commit.commit_id for commit in commits] == [second, sha]
    assert commits[0].title == "Add more"
    assert commits[0].created_at is not None
    assert commits[0].created_at.tzinfo is not None


def test_what_exists_exists(local_hub: LocalHub, api: HfApi, sha: str) -> None:
    assert api.repo_exists("owner/name", repo_type="dataset")
    assert not api.repo_exists("owner/name")
    assert api.revision_exists("owner/name", "main", repo_type="dataset")
    assert api.revision_exists("owner/name", sha, repo_type="dataset")
    assert not api.revision_exists("owner/name", "nope", repo_type="dataset")
    assert not api.revision_exists("owner/nope", "main", repo_type="dataset")
    assert api.file_exists("owner/name", "data/train.jsonl", repo_type="dataset")
    assert not api.file_exists("owner/name", "nope", repo_type="dataset")
    assert not api.file_exists("owner/nope", "nope", repo_type="dataset")


def test_a_gated_repository_exists_and_its_files_say_so(local_hub: LocalHub, api: HfApi) -> None:
    local_hub.add("owner/gated", {"a.txt": b"x"}, gated=True)
    assert api.repo_exists("owner/gated", repo_type="dataset")
    with pytest.raises(errors.GatedRepoError):
        api.file_exists("owner/gated", "a.txt", repo_type="dataset")


def test_a_private_repository_is_not_found_without_a_token(local_hub: LocalHub, api: HfApi) -> None:
    local_hub.add("owner/private", {"a.txt": b"x"}, private=True)
    with pytest.raises(errors.RepositoryNotFoundError):
        api.dataset_info("owner/private")


def test_a_missing_revision_is_named(api: HfApi, sha: str) -> None:
    with pytest.raises(errors.RevisionNotFoundError, match="Request ID"):
        api.dataset_info("owner/name", revision="nope")


@pytest.mark.parametrize(
    "repo_id", ["", "a/b/c", "../x", "a b", "-x", "x.git", "a--b", "org%2Fname"]
)
def test_a_malformed_id_asks_nothing(local_hub: LocalHub, api: HfApi, repo_id: str) -> None:
    with pytest.raises(errors.HFValidationError):
        api.dataset_info(repo_id)
    assert local_hub.requests == []


def test_a_revision_with_slashes_is_one_segment(local_hub: LocalHub, api: HfApi) -> None:
    sha = local_hub.add("owner/pr", {"a.txt": b"x"}, branch="refs/pr/1")
    local_hub.clear_requests()
    info = api.dataset_info("owner/pr", revision="refs/pr/1")
    assert info.sha == sha
    assert local_hub.requests[0].target.split("?")[0].endswith("/revision/refs%2Fpr%2F1")


def test_resolve_revision_is_text_that_knows_its_commit(api: HfApi, sha: str) -> None:
    revision = api.resolve_revision("owner/name", repo_type="dataset")
    assert revision == "main"
    assert (revision.resolved, revision.initial) == (sha, None)
    copy = pickle.loads(pickle.dumps(revision))
    assert (copy, copy.resolved, copy.repo_id) == ("main", sha, "owner/name")


def test_a_resolved_revision_pins_later_calls(local_hub: LocalHub, api: HfApi, sha: str) -> None:
    revision = api.resolve_revision("owner/name", repo_type="dataset")
    local_hub.add("owner/name", {"later.txt": b"x"})
    assert api.dataset_info("owner/name", revision=revision).sha == sha
    assert "later.txt" in api.list_repo_files("owner/name", repo_type="dataset")


def test_a_revision_resolved_for_another_repository_is_resolved_again(local_hub, api, sha) -> None:
    other = local_hub.add("owner/other", {"a.txt": b"x"})
    revision = api.resolve_revision("owner/name", repo_type="dataset")
    assert api.dataset_info("owner/other", revision=revision).sha == other


def test_a_commit_is_resolved_without_asking(local_hub: LocalHub, api: HfApi) -> None:
    revision = api.resolve_revision("owner/name", revision="a" * 40)
    assert revision.resolved == "a" * 40
    assert local_hub.requests == []


def test_a_revision_is_known_offline_once_it_was_resolved(local_hub, api, sha, monkeypatch) -> None:
    api.resolve_revision("owner/name", repo_type="dataset")
    asked = len(local_hub.requests)
    known = api.resolve_revision("owner/name", repo_type="dataset", local_files_only=True)
    assert known.resolved == sha
    assert len(local_hub.requests) == asked
    with pytest.raises(errors.RevisionResolutionError, match="local_files_only"):
        api.resolve_revision("owner/other", repo_type="dataset", local_files_only=True)


def test_a_hub_that_is_down_leaves_the_known_commit(local_hub, api, sha, monkeypatch) -> None:
    monkeypatch.setenv("HFHUB_ATTEMPTS", "1")
    from hfhub import settings

    settings.reload()
    api.resolve_revision("owner/name", repo_type="dataset")
    local_hub.faults.status(503, times=9)
    assert api.resolve_revision("owner/name", repo_type="dataset").resolved == sha


def test_metadata_of_an_lfs_file_stands_on_the_redirect(local_hub, api, sha) -> None:
    url = f"{local_hub.endpoint}/datasets/owner/name/resolve/main/big.parquet"
    found = api.get_hf_file_metadata(url=url)
    assert (found.commit_hash, found.size) == (sha, 40)
    assert found.etag is not None
    assert len(found.etag) == 64
    assert found.location.startswith(local_hub.cdn)


def test_metadata_of_a_regular_file_stands_at_the_end_of_the_redirect(local_hub, api, sha) -> None:
    url = f"{local_hub.endpoint}/datasets/owner/name/resolve/main/README.md"
    found = api.get_hf_file_metadata(url=url)
    assert (found.commit_hash, found.size) == (sha, len(FILES["README.md"]))
    assert found.etag is not None
    assert len(found.etag) == 40
    assert found.location.startswith(local_hub.endpoint)


def test_a_renamed_repository_is_found_under_its_old_name(local_hub, api, sha) -> None:
    local_hub.rename("owner/name", "owner/new")
    assert api.dataset_info("owner/name").id == "owner/new"


def test_the_parquet_copy_is_listed_with_configs_and_splits(local_hub, api, sha) -> None:
    for path in (
        "main/train/0000.parquet",
        "main/test/0000.parquet",
        "xl/partial-train/0000.parquet",
    ):
        local_hub.add("owner/name", {path: b"PAR1"}, branch="refs/convert/parquet")
    entries = api.list_dataset_parquet_files("owner/name")
    assert {(entry.config, entry.split, entry.size) for entry in entries} == {
        ("main", "train", 4),
        ("main", "test", 4),
        ("xl", "train", 4),
    }
    assert all(
        entry.url.startswith(f"{local_hub.endpoint}/datasets/owner/name") for entry in entries
    )
    assert api.dataset_configs("owner/name") == ["main", "xl"]
    assert sorted(api.dataset_splits("owner/name", "main")) == ["test", "train"]


def test_a_dataset_without_a_parquet_copy_says_so(api: HfApi, sha: str) -> None:
    with pytest.raises(errors.RevisionNotFoundError):
        api.list_dataset_parquet_files("owner/name")


def test_an_api_object_may_be_sent_to_another_process(api: HfApi, sha: str) -> None:
    api.dataset_info("owner/name")
    assert pickle.loads(pickle.dumps(api)).dataset_info("owner/name").sha == sha


def test_an_unknown_repository_type_is_refused(api: HfApi) -> None:
    with pytest.raises(errors.HFValidationError, match="not a repository type"):
        api.repo_info("owner/name", repo_type="bucket")


def test_a_resolved_revision_made_by_hand_fits_any_repository() -> None:
    revision = ResolvedRevision("a" * 40)
    assert revision.fits("any/thing", "dataset")
    assert repr(revision) == f"ResolvedRevision(initial=None, resolved='{'a' * 40}')"
