"""Snapshots that hardly fit, or do not fit, under the cap."""

from __future__ import annotations

from pathlib import Path

import pytest
from shelf import Shelf

from hfhub import hf_hub_download, settings, snapshot_download
from hfhub.errors import CacheFullError
from hfhub.local_hub import LocalHub

FILES = {f"f{i}.bin": bytes([i]) * 1000 for i in range(8)}


@pytest.fixture
def cache(local_hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A cache of at most ten files."""
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HFHUB_CACHE_MAX_SIZE", "10000")
    settings.reload()
    local_hub.add("o/old", {f"f{i}.bin": bytes([100 + i]) * 1000 for i in range(8)})
    local_hub.add("o/new", FILES)
    return Shelf(tmp_path / "hub")


def whole(folder: str) -> bool:
    return all(Path(folder, name).read_bytes() == data for name, data in FILES.items())


def test_what_was_used_before_makes_room_and_the_snapshot_is_whole(cache: Shelf) -> None:
    snapshot_download("o/old", repo_type="dataset")

    folder = snapshot_download("o/new", repo_type="dataset")

    assert whole(folder)
    assert cache.blob_bytes() <= 10_000
    assert cache.dangling() == []


def test_making_room_for_the_rest_does_not_take_what_was_there_already(
    local_hub: LocalHub, cache: Shelf
) -> None:
    # The first half is the least recently used of all when the second half is fetched.
    snapshot_download("o/new", repo_type="dataset", allow_patterns=["f[0-3].bin"])
    snapshot_download("o/old", repo_type="dataset", allow_patterns=["f[0-5].bin"])
    local_hub.clear_requests()

    folder = snapshot_download("o/new", repo_type="dataset")

    assert whole(folder)
    assert local_hub.count(origin="cdn") == 4
    assert cache.blob_bytes() <= 10_000


def test_a_snapshot_that_does_not_fit_is_refused_before_anything_is_fetched(
    local_hub: LocalHub, cache: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = hf_hub_download("o/new", "f0.bin", repo_type="dataset")
    monkeypatch.setenv("HFHUB_CACHE_MAX_SIZE", "6000")
    settings.reload()
    local_hub.clear_requests()

    with pytest.raises(CacheFullError) as raised:
        snapshot_download("o/new", repo_type="dataset")

    assert (raised.value.needed, raised.value.available) == (7000, 5000)
    assert local_hub.count(origin="cdn") == 0
    assert Path(kept).read_bytes() == FILES["f0.bin"]
