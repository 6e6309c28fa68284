"""Which files go into which split: ours and the peer's on the same names."""

from __future__ import annotations

import posixpath
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_datasets.discovery.glob import select
from crucible_datasets.discovery.patterns import infer_patterns, matching

peer = pytest.importorskip("datasets.data_files")

words = [
    "train",
    "test",
    "dev",
    "val",
    "eval",
    "training",
    "data",
    "x",
    "a_train",
    "test-1",
    "v1.0",
    ".git",
    "__pycache__",
    "Train",
    "retrain",
    "en",
    "validation",
    "README",
    "config",
]
part = st.sampled_from(words)
tails = st.sampled_from(
    [".csv", ".json", ".jsonl.gz", "-00000-of-00002.parquet", "_1.txt", ".md", ""]
)


@st.composite
def paths(draw: st.DrawFn) -> list[str]:
    names = st.lists(part, min_size=1, max_size=4).map("/".join)
    return sorted(set(draw(st.lists(st.builds(str.__add__, names, tails), min_size=1, max_size=8))))


def resolver(files: list[str]) -> Any:
    """The peer's resolver, over a filesystem in memory that holds ``files``."""
    import fsspec

    memory = fsspec.filesystem("memory")
    memory.store.clear()
    memory.pseudo_dirs[:] = [""]
    for name in files:
        memory.pipe(f"/root/{name}", b"x")

    def resolve(pattern: str) -> list[str]:
        found = peer.resolve_pattern(pattern, base_path="memory://root")
        return [path.removeprefix("memory:///root/") for path in found]

    return resolve


def peers_files(files: list[str]) -> Any:
    resolve = resolver(files)
    try:
        patterns = peer._get_data_files_patterns(resolve)
    except FileNotFoundError:
        return {}
    except ValueError:
        return ValueError
    out: dict[str, list[str]] = {}
    for split, globs in patterns.items():
        found: list[str] = []
        for pattern in globs:
            try:
                found += resolve(pattern)
            except FileNotFoundError:
                continue
        out[str(split)] = list(dict.fromkeys(found))
    return out


def our_files(files: list[str]) -> Any:
    try:
        patterns = infer_patterns(files)
    except ValueError:
        return ValueError
    return {split: matching(files, globs) for split, globs in patterns.items()}


def is_tree(files: list[str]) -> bool:
    folders = {folder for name in files for folder in _parents(name)}
    return not folders & set(files)


def _parents(path: str) -> list[str]:
    out = []
    while path := posixpath.dirname(path):
        out.append(path)
    return out


@settings(max_examples=200, deadline=None)
@given(files=paths().filter(is_tree))
def test_names_put_files_into_the_same_splits(files: list[str]) -> None:
    assert our_files(files) == peers_files(files)


pattern = st.sampled_from(
    [
        "**",
        "*",
        "*.csv",
        "**/*.csv",
        "data/*",
        "data/**",
        "*/*.csv",
        "[dt]*/**/*",
        "**/train*",
        "?*.csv",
        ".*/*",
        "__*/*",
        "*/.*",
        "data/train.csv",
        "[!t]*.csv",
        "*/**/*.json*",
        "x/*/*",
        "README.md",
        "**/*[-._0-9]1*",
        "data/[a-z]*.txt",
    ]
)


@settings(max_examples=300, deadline=None)
@given(files=paths().filter(is_tree), glob=pattern)
def test_a_glob_picks_the_same_files(files: list[str], glob: str) -> None:
    try:
        theirs = resolver(files)(glob)
    except FileNotFoundError:
        theirs = []
    assert select(files, glob) == theirs
