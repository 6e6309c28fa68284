"""Random sequences of faults: each ends with the right bytes or one typed error."""

from __future__ import annotations

import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfhub import settings
from hfhub.digest import Digest
from hfhub.download.file import hf_hub_download
from hfhub.download.remote import open_remote
from hfhub.download.snapshot import get_cached_repo_tree, snapshot_download
from hfhub.errors import CachedRepoTreeNotFoundError, HubError

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

REPO = "owner/name"
MIB = 1 << 20
DEADLINE = 60.0  # far beyond what the settings below add up to; the machine may be busy

_dice = random.Random(7)
FILES = {
    "large.bin": _dice.randbytes(4 * MIB + 11),
    "large.json": _dice.randbytes(2 * MIB),
    "b/small.bin": _dice.randbytes(5000),
    "b/small.json": _dice.randbytes(700),
    "empty.txt": b"",
}


def switch_on(hub: LocalHub, dice: random.Random) -> str:
    """Switch on one to four faults; what they are, for the report."""
    faults = hub.faults
    kinds = {
        "cut": lambda **w: faults.cut(**w),
        "reset": lambda **w: faults.reset(**w),
        "truncate": lambda **w: faults.truncate(after=dice.randrange(1000), **w),
        "corrupt": lambda **w: faults.corrupt(**w),
        "500": lambda **w: faults.status(dice.choice([500, 502, 503, 504, 408]), **w),
        "403": lambda **w: faults.status(403, **w),
        "429": lambda **w: faults.rate_limit(0, **w),
        "page": lambda **w: faults.status(200, body=b"<html></html>", **w),
        "expired": lambda **w: faults.expired_link(**w),
        "no range": lambda **w: faults.ignore_range(**w),
        "etag": lambda **w: faults.change_etag(**w),
        # Not after a few bytes each time: that is a slow download, not a broken one.
        "stall": lambda **w: faults.stall(
            5.0, after=dice.choice([0, dice.randrange(MIB // 4, 2 * MIB)]), **w
        ),
        "late": lambda **w: faults.latency(0.05, **w),
    }
    names = dice.sample(sorted(kinds), dice.randint(1, 4))
    for name in names:
        kinds[name](
            times=dice.choice([1, 1, 2, 3, 6, None]),
            skip=dice.choice([0, 0, 1, 2]),
            chance=dice.choice([1.0, 0.5]),
            origin=dice.choice([None, "cdn", "hub"]),
        )
    return ", ".join(names)


def attempt(dice: random.Random) -> None:
    """One call with a random entry point; it raises, or what it gives is right."""
    how = dice.choice(["file", "file", "snapshot", "remote"])
    name = dice.choice(sorted(FILES))
    if how == "file":
        path = hf_hub_download(REPO, name, repo_type="dataset")
        assert isinstance(path, str)
        assert Path(path).read_bytes() == FILES[name]
    elif how == "snapshot":
        folder = snapshot_download(REPO, repo_type="dataset")
        assert isinstance(folder, str)
        for path_in_repo, data in FILES.items():
            path = Path(folder) / path_in_repo
            # Without a listing and without the Hub, what there is has to do, as with the peer.
            assert path.read_bytes() == data if path.exists() else not is_listed()
    else:
        with open_remote(REPO, name, repo_type="dataset") as file:
            data = file.read_range(0, file.size)
            # Parts of a large file cannot be verified; the size is.
            assert len(data) == len(FILES[name])


def is_listed() -> bool:
    try:
        return bool(get_cached_repo_tree(REPO, repo_type="dataset"))
    except CachedRepoTreeNotFoundError:
        return False


def check_cache() -> None:
    """Every blob holds what its name promises."""
    for blob in settings.current().cache_dir.glob("datasets--*/blobs/*"):
        digest = Digest.from_hex(blob.name)
        assert digest is not None
        assert digest.matches(blob.read_bytes()), blob


def run(hub: LocalHub, seeds: range) -> None:
    hub.add(REPO, FILES, lfs=["*.bin"])
    for seed in seeds:
        dice = random.Random(seed)
        hub.faults.seed = seed
        hub.faults.clear()
        story = switch_on(hub, dice)
        for _ in range(dice.randint(1, 3)):
            start = time.monotonic()
            try:
                attempt(dice)
            except HubError:
                pass
            except AssertionError as error:
                raise AssertionError(f"seed {seed}: {story}") from error
            assert time.monotonic() - start < DEADLINE, f"seed {seed}: {story}"
        check_cache()
        hub.faults.clear()
        folder = snapshot_download(REPO, repo_type="dataset", force_download=dice.random() < 0.3)
        assert isinstance(folder, str)
        for path_in_repo, data in FILES.items():
            assert (Path(folder) / path_in_repo).read_bytes() == data, f"seed {seed}: {story}"
        if dice.random() < 0.7:  # the next one begins with an empty cache
            forget()


def forget() -> None:
    import shutil

    from hfhub.cache import store

    shutil.rmtree(settings.current().cache_dir)
    store._stores.clear()


@pytest.fixture
def hasty(monkeypatch):
    """Short waits, so that the tests are; small parts, so that there are many."""
    monkeypatch.setenv("HFHUB_ATTEMPTS", "2")
    monkeypatch.setenv("HFHUB_DEADLINE", "5")
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "0.5")
    monkeypatch.setenv("HF_HUB_ETAG_TIMEOUT", "1")
    monkeypatch.setattr("hfhub.download.ledger.PART_SIZE", MIB)
    settings.reload()


@pytest.mark.parametrize("start", range(0, 30, 10))
def test_thirty_random_sequences_end_well(local_hub, hasty, start):
    run(local_hub, range(start, start + 10))


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("start", range(1000, 1500, 50))
def test_five_hundred_random_sequences_end_well(local_hub, hasty, start):
    run(local_hub, range(start, start + 50))
