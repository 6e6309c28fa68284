from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crucible_datasets.discovery.tree import LocalTree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def tree(tmp_path: Path) -> LocalTree:
    for name in ("a.csv", "d/b.csv", "d/e/c.csv", "[x]/y.csv"):
        path = tmp_path / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "beside.csv").write_text("")
    return LocalTree(tmp_path / "root")


def names(tree: LocalTree, pattern: str) -> list[str]:
    return [file.path.removeprefix(f"{tree.place}/") for file in tree.glob(pattern)]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**", ["[x]/y.csv", "a.csv", "d/b.csv", "d/e/c.csv"]),
        ("./a.csv", ["a.csv"]),
        ("d/*.csv", ["d/b.csv"]),
        ("d/../a.csv", ["a.csv"]),
        ("*/y.csv", ["[x]/y.csv"]),
        ("nope/*.csv", []),
        ("d", []),
    ],
)
def test_a_pattern_picks_files_below(tree: LocalTree, pattern: str, found: list[str]) -> None:
    assert names(tree, pattern) == found


def test_patterns_may_climb_and_be_absolute(tree: LocalTree, tmp_path: Path) -> None:
    assert [f.path for f in tree.glob("../*.csv")] == [str(tmp_path / "beside.csv")]
    assert [f.path for f in tree.glob(str(tmp_path / "root" / "**" / "c.csv"))] == [
        f"{tree.place}/d/e/c.csv"
    ]


def test_a_folder_with_magic_in_its_name_can_be_a_root(tree: LocalTree) -> None:
    assert [f.path for f in tree.within("[x]").glob("*.csv")] == [f"{tree.place}/[x]/y.csv"]


def test_links_are_followed_and_loops_are_not(tree: LocalTree, tmp_path: Path) -> None:
    (tmp_path / "root" / "d" / "loop").symlink_to(tmp_path / "root")
    assert "a.csv" in tree.paths
    assert len(tree.paths) < 50


def test_a_changed_file_has_another_key(tree: LocalTree, tmp_path: Path) -> None:
    before = tree.file("a.csv").key()
    (tmp_path / "root" / "a.csv").write_text("longer than before")
    assert tree.file("a.csv").key() != before


def test_a_missing_file_reads_as_none(tree: LocalTree) -> None:
    assert tree.read("nope") is None
    assert tree.read("d") is None
    assert tree.read("a.csv") == b"a.csv"
