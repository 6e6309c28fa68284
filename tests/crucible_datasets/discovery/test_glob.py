from __future__ import annotations

import pytest

from crucible_datasets.discovery.glob import fixed_part, select, translate

PATHS = ["README.md", "a/README.md", "a/b.csv", "a/c/d.csv", "e.csv", ".h/x.csv", "__p__/y.csv"]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("**", ["a/b.csv", "a/c/d.csv", "e.csv"]),
        ("*", ["e.csv"]),
        ("**/*.csv", ["a/b.csv", "a/c/d.csv", "e.csv"]),
        ("a/*", ["a/b.csv"]),
        ("README.md", ["README.md"]),
        (".h/*", [".h/x.csv"]),
        ("__*/*", ["__p__/y.csv"]),
        ("[!e]*/b.csv", ["a/b.csv"]),
        ("nope.csv", []),
    ],
)
def test_a_pattern_picks_files(pattern: str, found: list[str]) -> None:
    assert select(PATHS, pattern) == found


def test_only_known_endings_are_data_where_asked() -> None:
    assert select(["a.csv", "a.csv.gz", "a.txt", "csv"], "**", {".csv"}) == ["a.csv", "a.csv.gz"]


def test_two_stars_stand_alone() -> None:
    with pytest.raises(ValueError, match="part of its own"):
        translate("**.csv")


def test_the_fixed_part_ends_before_magic() -> None:
    assert fixed_part("a/b/*/c.csv") == "a/b"
    assert fixed_part("*.csv") == ""
