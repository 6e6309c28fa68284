"""Many processes, one cache, with and without locks that work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("fcntl")


@pytest.mark.parametrize(
    ("processes", "files", "locks"),
    [
        (6, 30, "none"),
        pytest.param(6, 30, "flock", marks=pytest.mark.slow),
        pytest.param(32, 200, "none", marks=pytest.mark.slow),
        pytest.param(32, 200, "flock", marks=pytest.mark.slow),
    ],
)
def test_every_process_gets_every_file_whole(
    tmp_path: Path, drive: Callable[..., dict[str, Any]], processes: int, files: int, locks: str
) -> None:
    result = drive("herd.py", tmp_path / "hub", processes, files, locks)

    assert result["codes"] == [0] * processes
    assert (result["clean"], result["ref"], result["dangling"]) == (True, True, 0)
    assert result["blobs"] == files
    assert (result["locks"], result["strays"]) == (0, [])
    if locks == "flock":
        assert result["ratio"] <= 1.1
