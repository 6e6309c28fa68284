"""A small budget of memory, and a cache of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crucible_datasets import settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def small_budget(alone: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Ten kilobytes: rows that are asked for by position are spilled to a file."""
    monkeypatch.setenv("CRUCIBLE_MEMORY_BUDGET", "10K")
    settings.reload()
    yield
    settings.reload()
