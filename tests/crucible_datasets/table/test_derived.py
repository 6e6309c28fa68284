from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

import hfhub.settings
from crucible_datasets import settings
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.table import derived

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_cache(alone: None) -> Iterator[None]:
    settings.reload()
    yield
    settings.reload()


@pytest.fixture
def rows(tmp_path: Path) -> Dataset:
    Dataset.from_dict({"a": list(range(1000))}).to_parquet(tmp_path / "a.parquet")
    return Dataset.from_parquet(str(tmp_path / "a.parquet"))


def test_results_lie_beside_the_hubs_cache(rows: Dataset) -> None:
    mapped = rows.map(lambda row: {"b": -row["a"]})

    (path,) = mapped.table.cache_paths
    assert path.startswith(f"{hfhub.settings.current().cache_dir}{os.sep}.hfhub{os.sep}map")


def test_a_folder_of_ones_own_holds_the_results(
    rows: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "mine"))
    settings.reload()

    mapped = rows.map(lambda row: {"b": -row["a"]})

    (path,) = mapped.table.cache_paths
    assert path.startswith(str(tmp_path / "mine"))


def test_a_result_that_was_evicted_is_made_again(rows: Dataset) -> None:
    first = rows.map(lambda row: {"b": -row["a"]})
    for path in derived.folder("map").iterdir():
        path.unlink()

    again = rows.map(lambda row: {"b": -row["a"]})

    assert again["b"][:3] == first["b"][:3] == [0, -1, -2]
