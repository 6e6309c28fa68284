"""What holds for every file, range and tree."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfhub.local_hub import git
from hfhub.local_hub.content import LfsRule, entry_of
from hfhub.local_hub.files import parse_range, span_of
from hfhub.local_hub.repository import make_commit

names = st.text(st.sampled_from("ab.-_ é"), min_size=1, max_size=4).filter(
    lambda name: name.strip(". ") != ""
)
paths = st.lists(names, min_size=1, max_size=3).map("/".join)


def is_tree(files: dict[str, Any]) -> bool:
    """Whether no file stands where another has a folder."""
    return not any(other.startswith(f"{path}/") for path in files for other in files)


trees = st.dictionaries(paths, st.binary(max_size=8), min_size=1, max_size=6).filter(is_tree)


@given(st.integers(0, 50), st.none() | st.integers(0, 60), st.none() | st.integers(0, 60))
def test_a_range_gives_the_bytes_that_its_words_mean(
    size: int, first: int | None, last: int | None
) -> None:
    data = bytes(range(size))
    written = f"bytes={'' if first is None else first}-{'' if last is None else last}"
    wanted = parse_range(written)
    if first is None and last is None:
        assert wanted is None
        return
    assert wanted is not None
    meant = [
        i
        for i in range(size)
        if (
            i >= size - (last or 0) if first is None else i >= first and (last is None or i <= last)
        )
    ]
    span = span_of(wanted, size)
    assert list(data[slice(*span)] if span else b"") == meant


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git to compare with")
@settings(max_examples=5)
@given(trees)
def test_trees_have_git_s_own_ids(files: dict[str, bytes]) -> None:
    with TemporaryDirectory() as folder:
        env = {**os.environ, "GIT_DIR": f"{folder}/.git", "GIT_WORK_TREE": folder}
        for path, data in files.items():
            (Path(folder) / path).parent.mkdir(parents=True, exist_ok=True)
            (Path(folder) / path).write_bytes(data)

        def run(*words: str) -> str:
            done = subprocess.run(
                ["git", *words], cwd=folder, env=env, capture_output=True, text=True, check=True
            )
            return done.stdout.strip()

        run("init", "-q")
        run("-c", "core.autocrlf=false", "add", "-A", "-f")
        expected = run("write-tree")
    rule = LfsRule(patterns=())
    blobs = {path: entry_of(path, data, rule).blob_id for path, data in files.items()}
    assert git.tree_ids(blobs)[""] == expected


@settings(max_examples=30)
@given(trees)
def test_a_recursive_listing_holds_every_file_and_folder_once(files: dict[str, bytes]) -> None:
    rule = LfsRule(patterns=())
    entries = {path: entry_of(path, data, rule) for path, data in files.items()}
    commit = make_commit("owner/name", entries, None, message="all")
    listed = list(commit.paths("", recursive=True))
    folders = {
        "/".join(path.split("/")[:depth])
        for path in files
        for depth in range(1, path.count("/") + 1)
    }
    assert sorted(listed) == sorted([*files, *folders])
    assert all(
        listed.index(path.rpartition("/")[0]) < listed.index(path) for path in listed if "/" in path
    )
