"""Many processes that download the same snapshot into one cache, some of them killed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hfhub import settings
from hfhub.digest import Digest
from hfhub.download.snapshot import snapshot_download

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

REPO = "owner/name"
MIB = 1 << 20

DOWNLOAD = """
import sys
if sys.argv[1] == "no-locks":
    import fcntl
    fcntl.flock = lambda fd, flags: None
from hfhub.download import ledger
ledger.PART_SIZE = 1 << 20
from hfhub.download.snapshot import snapshot_download
snapshot_download("owner/name", repo_type="dataset")
"""


def make(hub: LocalHub, count: int) -> dict[str, bytes]:
    dice = random.Random(count)
    files = {
        f"d/{n:03}.{'bin' if n % 2 else 'json'}": dice.randbytes(dice.choice([10, 1000, 50_000]))
        for n in range(count - 2)
    }
    files["large.bin"] = dice.randbytes(5 * MIB + 3)
    files["large.json"] = dice.randbytes(2 * MIB + 3)
    hub.add(REPO, files, lfs=["*.bin"])
    return files


def start(locks: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", DOWNLOAD, locks], env=os.environ)


def check(files: dict[str, bytes]) -> None:
    """The snapshot is whole, every blob holds what its name says, nothing unfinished is left."""
    folder = snapshot_download(REPO, repo_type="dataset", local_files_only=True)
    assert isinstance(folder, str)
    for name, data in files.items():
        assert (Path(folder) / name).read_bytes() == data
    blobs = list(settings.current().cache_dir.glob("datasets--*/blobs/*"))
    for blob in blobs:
        digest = Digest.from_hex(blob.name)
        assert digest is not None, blob
        assert digest.matches(blob.read_bytes()), blob
    assert len(blobs) == len(set(files.values()))


def unfinished() -> list[Path]:
    folder = settings.current().cache_dir / ".hfhub" / "partial"
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize("locks", ["locks", "no-locks"])
@pytest.mark.parametrize(
    ("processes", "count"),
    [(5, 40), pytest.param(32, 200, marks=[pytest.mark.slow, pytest.mark.timeout(600)])],
)
def test_every_process_ends_well_and_the_cache_is_clean(local_hub, processes, count, locks):
    files = make(local_hub, count)
    running = [start(locks) for _ in range(processes)]
    assert [process.wait() for process in running] == [0] * processes
    check(files)
    if locks == "locks":
        assert unfinished() == []
        sent = sum(seen.nbytes for seen in local_hub.requests if seen.file)
        assert sent <= 1.1 * sum(map(len, files.values()))


@pytest.mark.parametrize("locks", ["locks", "no-locks"])
@pytest.mark.parametrize(
    "rounds", [4, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_after_kills_at_random_moments_the_next_run_finishes(local_hub, rounds, locks):
    files = make(local_hub, 40)
    dice = random.Random(rounds)
    local_hub.faults.bandwidth(3e6, path="*large*")
    for _ in range(rounds):
        process = start(locks)
        time.sleep(dice.uniform(0.1, 1.5))
        process.kill()
        process.wait()
    local_hub.faults.clear()
    assert start(locks).wait() == 0
    check(files)
    if locks == "locks":
        assert not [path for path in unfinished() if path.stat().st_size]


def test_a_run_after_a_kill_fetches_only_what_is_missing(local_hub):
    files = make(local_hub, 10)
    with local_hub.faults.bandwidth(2e6, path="*large*"):
        process = start("locks")
        time.sleep(1.2)
        process.kill()
        process.wait()
    kept = sum(present(path) for path in unfinished())
    kept += sum(
        path.stat().st_size for path in settings.current().cache_dir.glob("datasets--*/blobs/*")
    )
    local_hub.clear_requests()
    assert start("locks").wait() == 0
    sent = sum(seen.nbytes for seen in local_hub.requests if seen.file)
    assert sent <= sum(map(len, files.values())) - kept + MIB
    check(files)


def present(path: Path) -> int:
    """Bytes of random data that an unfinished file really holds: what is missing is zeros."""
    raw = path.read_bytes()
    return len(raw) - raw.count(0) * 256 // 255
