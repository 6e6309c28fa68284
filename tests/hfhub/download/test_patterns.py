from __future__ import annotations

from pathlib import Path

import pytest

from hfhub.download.patterns import filter_repo_objects

PATHS = ["a.md", "data/b.csv", "data/x/c.csv", ".hidden", "B.MD", "sub[1].txt"]


@pytest.mark.parametrize(
    ("allow", "ignore", "expected"),
    [
        (None, None, PATHS),
        ("*.md", None, ["a.md"]),
        (["*.csv", "a*"], None, ["a.md", "data/b.csv", "data/x/c.csv"]),
        ("data/", None, ["data/b.csv", "data/x/c.csv"]),
        ("data\\*", "*/x/*", ["data/b.csv"]),
        (None, ["*"], []),
        ([], None, []),
        (None, [], PATHS),
        ("sub[[]1].txt", None, ["sub[1].txt"]),
    ],
)
def test_paths_are_chosen_by_shell_patterns(allow, ignore, expected):
    assert (
        list(filter_repo_objects(PATHS, allow_patterns=allow, ignore_patterns=ignore)) == expected
    )


def test_paths_may_be_path_objects_or_come_from_a_key():
    assert list(filter_repo_objects([Path("a.md")], allow_patterns="*.md")) == [Path("a.md")]
    items = [{"p": "a.md"}, {"p": "b"}]
    assert (
        list(filter_repo_objects(items, allow_patterns="*.md", key=lambda i: i["p"])) == items[:1]
    )


def test_what_is_no_path_is_refused():
    with pytest.raises(ValueError, match="not a path"):
        list(filter_repo_objects([1], allow_patterns="*"))
