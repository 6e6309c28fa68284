"""A cache that may only be read: a mount, or somebody else's."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from shelf import Shelf

from hfhub import hf_hub_download, settings, snapshot_download
from hfhub.cache.inspect import scan_cache_dir
from hfhub.cache.verify import verify_cache
from hfhub.local_hub import LocalHub


def seen(folder: Path) -> dict[str, int]:
    """Every path, with the time of its last change."""
    return {
        os.path.join(place, name): os.lstat(os.path.join(place, name)).st_mtime_ns
        for place, folders, names in os.walk(folder)
        for name in (*folders, *names)
    }


@pytest.fixture
def mounted(local_hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A whole snapshot on a mount that may only be read."""
    cache, mount = tmp_path / "cache", tmp_path / "mount"
    local_hub.add("o/a", {"f.txt": "hello", "d/g.bin": bytes(5000)})
    snapshot_download("o/a", repo_type="dataset", cache_dir=cache)
    mount.mkdir()
    for options in (["--bind", str(cache), str(mount)], ["-o", "remount,ro,bind", str(mount)]):
        try:
            subprocess.run(["mount", *options], check=True, capture_output=True, timeout=20)
        except (OSError, subprocess.CalledProcessError):
            pytest.skip("this user may not mount a folder")
    monkeypatch.setenv("HF_HUB_CACHE", str(mount))
    settings.reload()
    yield mount
    subprocess.run(["umount", "-l", str(mount)], check=True, capture_output=True, timeout=20)


def test_everything_that_is_there_is_found_and_nothing_is_written(
    local_hub: LocalHub, mounted: Path
) -> None:
    before = seen(mounted)

    path = hf_hub_download("o/a", "f.txt", repo_type="dataset")
    folder = snapshot_download("o/a", repo_type="dataset")
    local_hub.clear_requests()
    assert hf_hub_download("o/a", "f.txt", repo_type="dataset", local_files_only=True) == path
    assert snapshot_download("o/a", repo_type="dataset", local_files_only=True) == folder

    assert Path(path).read_text() == "hello"
    assert local_hub.requests == []
    assert len(scan_cache_dir(mounted).repos) == 1
    assert verify_cache(cache_dir=mounted).is_clean
    assert seen(mounted) == before


def test_a_branch_that_has_moved_without_touching_the_files_is_still_served(
    local_hub: LocalHub, mounted: Path
) -> None:
    with pytest.raises(OSError, match=r"[Rr]ead-only"):
        local_hub.add("o/a", {"new.txt": "new"})
        hf_hub_download("o/a", "new.txt", repo_type="dataset")


def test_a_cache_with_a_cap_is_served_all_the_same(
    local_hub: LocalHub, mounted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HFHUB_CACHE_MAX_SIZE", "10")
    settings.reload()

    assert hf_hub_download("o/a", "f.txt", repo_type="dataset")


def test_another_users_cache_is_served_and_not_written(
    drive: Callable[..., dict[str, Any]],
) -> None:
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can be somebody else")
    # Not below pytest's folder, which only its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        root = Path(folder) / "hub"
        shelf = Shelf(root)
        shelf.put(b"hello", "f")
        shelf.store.index.refresh()
        shelf.store.notes.flush()
        before = seen(root)

        assert drive("stranger.py", root)["outcome"] == "PermissionError"

        # SQLite may touch what it keeps in memory beside its file.
        after = {path: stamp for path, stamp in seen(root).items() if "index.sqlite" not in path}
        assert after.items() <= before.items()
