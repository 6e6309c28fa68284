from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crucible_datasets.discovery.data_files import patterns_of, pick
from crucible_datasets.discovery.tree import LocalTree
from crucible_datasets.errors import DataFilesNotFoundError
from hfhub import settings


@pytest.mark.parametrize(
    ("written", "patterns"),
    [
        ("a", {"train": ["a"]}),
        (Path("a"), {"train": ["a"]}),
        (["a", "b"], {"train": ["a", "b"]}),
        ({"x": "a", "y": ["b", "c"]}, {"x": ["a"], "y": ["b", "c"]}),
        ([{"split": "x", "path": "a"}, {"split": "y", "path": ["b"]}], {"x": ["a"], "y": ["b"]}),
    ],
)
def test_all_shapes_become_patterns_by_split(written: Any, patterns: Any) -> None:
    assert patterns_of(written) == patterns


@pytest.mark.parametrize(
    "written",
    [[{"split": "x"}], [{"split": "x", "path": "a"}, "b"], [{"split": "x", "path": "a"}] * 2],
)
def test_other_shapes_are_refused(written: Any) -> None:
    with pytest.raises(ValueError, match="data_files"):
        patterns_of(written)


def test_a_split_without_files_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(DataFilesNotFoundError, match="'test'"):
        pick(
            LocalTree(tmp_path),
            {"train": ["a.csv"], "test": ["no*.csv"]},
            settings=settings.current(),
        )


def test_files_come_in_the_order_of_the_patterns(tmp_path: Path) -> None:
    for name in ("a1", "a2", "b1"):
        (tmp_path / name).touch()
    found = pick(LocalTree(tmp_path), {"train": ["b*", "a*"]}, settings=settings.current())
    assert [Path(file.path).name for file in found["train"]] == ["b1", "a1", "a2"]
