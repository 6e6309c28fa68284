"""Downloads of ours and of the real huggingface_hub, side by side."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import huggingface_hub as peer
import pytest
from huggingface_hub import errors as peer_errors
from huggingface_hub.utils import filter_repo_objects as peer_filter
from hypothesis import given
from hypothesis import strategies as st

from hfhub import errors
from hfhub.download import file, metadata, snapshot
from hfhub.download.patterns import filter_repo_objects

REPO = "owner/name"
FILES = {"README.md": b"# hi\n", "d/a.bin": bytes(range(256)) * 9000, "d/e.txt": b""}

OURS = {
    "hf_hub_download": file.hf_hub_download,
    "snapshot_download": snapshot.snapshot_download,
    "try_to_load_from_cache": file.try_to_load_from_cache,
    "get_cached_repo_tree": snapshot.get_cached_repo_tree,
    "hf_hub_url": metadata.hf_hub_url,
    "get_hf_file_metadata": metadata.get_hf_file_metadata,
}


@pytest.fixture(autouse=True)
def quiet_peer():
    peer.utils.disable_progress_bars()


@pytest.mark.parametrize("name", OURS)
def test_arguments_order_and_defaults_are_the_peers(name):
    ours = inspect.signature(OURS[name]).parameters
    theirs = inspect.signature(getattr(peer, name)).parameters
    assert [(p.name, p.kind) for p in ours.values()] == [(p.name, p.kind) for p in theirs.values()]
    for parameter in ours:
        if parameter != "timeout":  # ours None: that of the settings
            assert ours[parameter].default == theirs[parameter].default, parameter


segment = st.text(st.sampled_from("ab.*?[]!-/\\"), min_size=1, max_size=8)
patterns = st.none() | segment | st.lists(segment, max_size=3)


@given(st.lists(segment, max_size=6), patterns, patterns)
def test_patterns_choose_the_same_paths(paths, allow, ignore):
    options: dict[str, Any] = {"allow_patterns": allow, "ignore_patterns": ignore}
    assert list(filter_repo_objects(paths, **options)) == list(peer_filter(paths, **options))


def both(local_hub, tmp_path: Path, call: str, **options: Any) -> tuple[Any, Any]:
    """What the two libraries give for the same call, each with a cache of its own."""
    if "local_dir" not in options:
        options["cache_dir"] = None
    results = []
    for name, library in (("ours", OURS), ("peer", vars(peer) | {call: getattr(peer, call)})):
        place = {key: tmp_path / name / key for key in ("cache_dir", "local_dir") if key in options}
        arguments = {**options, **place, "endpoint": local_hub.endpoint, "repo_type": "dataset"}
        try:
            got = library[call](REPO, **arguments)
        except Exception as error:
            got = type(error).__name__
        results.append(str(got).replace(str(tmp_path / name), "") if isinstance(got, str) else got)
    return results[0], results[1]


@pytest.mark.parametrize("where", ["cache_dir", "local_dir"])
@pytest.mark.parametrize("name", [*FILES, "none.txt"])
@pytest.mark.parametrize("revision", [None, "other", "commit"])
def test_a_download_gives_the_same_path_or_the_same_error(
    local_hub, tmp_path, where, name, revision
):
    sha = local_hub.add(REPO, FILES, lfs=["*.bin"])
    ours, theirs = both(
        local_hub,
        tmp_path,
        "hf_hub_download",
        filename=name,
        revision=sha if revision == "commit" else revision,
        **{where: None},
    )
    assert ours == theirs


def test_refusals_are_the_same_errors(local_hub, tmp_path):
    local_hub.add(REPO, FILES, gated=True)
    ours, theirs = both(local_hub, tmp_path, "hf_hub_download", filename="README.md", token=False)
    assert ours == theirs
    for options in ({"revision": "nope"}, {"local_files_only": True}):
        ours, theirs = both(local_hub, tmp_path, "snapshot_download", **options)
        assert ours == theirs


def test_a_dry_run_says_the_same(local_hub, tmp_path):
    local_hub.add(REPO, FILES, lfs=["*.bin"])
    ours, theirs = both(local_hub, tmp_path, "hf_hub_download", filename="d/a.bin", dry_run=True)
    for field in ("commit_hash", "file_size", "filename", "is_cached", "will_download"):
        assert getattr(ours, field) == getattr(theirs, field)


@pytest.mark.parametrize("where", ["cache_dir", "local_dir"])
def test_a_snapshot_holds_the_same_files(local_hub, tmp_path, where):
    local_hub.add(REPO, FILES, lfs=["*.bin"])
    ours, theirs = both(local_hub, tmp_path, "snapshot_download", **{where: None})
    assert ours == theirs
    for name, data in FILES.items():
        for side in ("ours", "peer"):
            assert (Path(f"{tmp_path}/{side}{ours}") / name).read_bytes() == data


@pytest.mark.parametrize("first", ["ours", "peer"])
def test_a_local_folder_of_either_is_up_to_date_for_the_other(local_hub, tmp_path, first):
    local_hub.add(REPO, FILES, lfs=["*.bin"])
    calls = [snapshot.snapshot_download, peer.snapshot_download]
    if first == "peer":
        calls.reverse()
    options = {
        "repo_type": "dataset",
        "local_dir": tmp_path / "here",
        "cache_dir": tmp_path / "cache",
        "endpoint": local_hub.endpoint,
    }
    calls[0](REPO, **options)
    local_hub.clear_requests()
    calls[1](REPO, **options)
    assert [seen for seen in local_hub.requests if seen.file and seen.method == "GET"] == []


def test_metadata_and_urls_are_the_same(local_hub):
    local_hub.add(REPO, FILES, lfs=["*.bin"])
    for name in FILES:
        url = peer.hf_hub_url(REPO, name, repo_type="dataset", endpoint=local_hub.endpoint)
        assert metadata.hf_hub_url(REPO, name, repo_type="dataset") == url
        ours, theirs = metadata.get_hf_file_metadata(url), peer.get_hf_file_metadata(url)
        assert (ours.commit_hash, ours.etag, ours.size) == (
            theirs.commit_hash,
            theirs.etag,
            theirs.size,
        )
        assert ours.location.partition("?")[0] == theirs.location.partition("?")[0]


def test_errors_have_the_peers_names():
    for name in ("DryRunError", "CachedRepoTreeNotFoundError", "IncompleteSnapshotError"):
        ours, theirs = getattr(errors, name), getattr(peer_errors, name)
        builtin = {k for k in theirs.__mro__ if k.__module__ == "builtins"}
        assert builtin <= set(ours.__mro__)
