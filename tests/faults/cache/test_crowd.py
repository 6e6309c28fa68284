"""Eviction while several processes fill the cache at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(("files", "seed"), [(40, 1), pytest.param(300, 2, marks=pytest.mark.slow)])
def test_nothing_held_is_taken_and_the_cap_is_overshot_by_files_in_flight_at_most(
    tmp_path: Path, drive: Callable[..., dict[str, Any]], files: int, seed: int
) -> None:
    result = drive("crowd.py", tmp_path / "hub", files, seed)

    assert result["wrong"] is None
    assert result["codes"] == [0] * 4
    assert result["most"] <= result["allowed"]
    assert result["last"] <= result["cap"]
    assert result["dangling"] == 0
