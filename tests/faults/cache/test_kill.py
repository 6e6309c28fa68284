"""SIGKILL at random moments while blobs come in and go out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("rounds", "seed"), [(20, 1), pytest.param(100, 2, marks=pytest.mark.slow)]
)
def test_a_killed_process_leaves_hits_or_clean_misses_and_nothing_that_stays(
    tmp_path: Path, drive: Callable[..., dict[str, Any]], rounds: int, seed: int
) -> None:
    result = drive("killer.py", tmp_path / "hub", rounds, seed)

    assert result["wrong"] is None
    assert result["blobs"] > 0
    assert result["clean"]
    assert result["stuck"] == []
