"""The official client works against a mirror, and goes on when the mirrored Hub is gone."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
from pathlib import Path
from huggingface_hub import snapshot_download
folder = Path(snapshot_download("ann/data", repo_type="dataset"))
print(sorted((p.name, len(p.read_bytes())) for p in folder.rglob("*") if p.is_file()))
"""


def run(hub: LocalHub, home: Path) -> str:
    env = {**hub.env(home), "HF_HUB_DISABLE_XET": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip().splitlines()[-1]


def test_a_snapshot_through_a_mirror_with_and_without_its_hub(tmp_path: Path) -> None:
    with LocalHub() as upstream:
        upstream.add("ann/data", {"a.txt": "one", "b.parquet": b"x" * 100_000})
        with LocalHub(tmp_path / "kept", mirror=upstream.endpoint) as hub:
            first = run(hub, tmp_path / "home1")
    with LocalHub(tmp_path / "kept", mirror=upstream.endpoint) as hub:
        second = run(hub, tmp_path / "home2")
    assert first == second == "[('a.txt', 3), ('b.parquet', 100000)]"
