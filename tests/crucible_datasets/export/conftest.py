"""Data sets to work on, and a cache of the test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets import settings
from crucible_datasets.dataset.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ROWS = [
    {
        "id": i,
        "text": None if i == 3 else f"row {i}",
        "chat": [{"role": "user", "content": f"c{j}"} for j in range(i % 3)],
        "score": i / 4,
    }
    for i in range(10)
]


@pytest.fixture(autouse=True)
def own_cache(alone: None) -> Iterator[None]:
    """Settings read anew: the cache lies in the test's folder."""
    settings.reload()
    yield
    settings.reload()


@pytest.fixture
def rows() -> list[dict[str, Any]]:
    return [dict(row) for row in ROWS]


@pytest.fixture
def ds() -> Dataset:
    """Rows in memory."""
    return Dataset.from_list(ROWS)


@pytest.fixture
def on_disk(tmp_path: Path) -> Callable[[], Dataset]:
    """Opens rows that lie in a Parquet file."""
    Dataset.from_list(ROWS).to_parquet(tmp_path / "rows.parquet")
    return lambda: Dataset.from_parquet(str(tmp_path / "rows.parquet"))
