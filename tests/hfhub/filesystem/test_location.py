"""Where `hf://` paths point."""

from __future__ import annotations

import pytest

from hfhub import errors
from hfhub.filesystem import Location

CASES = {
    "datasets/o/n": ("dataset", "o/n", "main", ""),
    "hf://datasets/o/n/a/b.txt": ("dataset", "o/n", "main", "a/b.txt"),
    "datasets/o/n@v1/a.txt": ("dataset", "o/n", "v1", "a.txt"),
    "datasets/o/n@refs/convert/parquet/d/t/0.parquet": (
        "dataset", "o/n", "refs/convert/parquet", "d/t/0.parquet",
    ),
    "datasets/o/n@refs%2Fconvert%2Fparquet/d": ("dataset", "o/n", "refs/convert/parquet", "d"),
    "datasets/o/n@refs/pr/12": ("dataset", "o/n", "refs/pr/12", ""),
    "datasets/o/n@refs/other/x": ("dataset", "o/n", "refs", "other/x"),
    "spaces/o/n/app.py": ("space", "o/n", "main", "app.py"),
    "models/o/n/config.json": ("model", "o/n", "main", "config.json"),
    "o/n/config.json": ("model", "o/n", "main", "config.json"),
    "o/n@v1": ("model", "o/n", "v1", ""),
    "o/n/dir@x/file@y": ("model", "o/n", "main", "dir@x/file@y"),
}  # fmt: skip


@pytest.mark.parametrize("text", CASES)
def test_a_path_names_repository_revision_and_file(text: str) -> None:
    location = Location.parse(text)
    assert (location.repo.kind, location.repo.id, location.repo.revision, location.path) == CASES[
        text
    ]
    assert location.name == text.removeprefix("hf://")


def test_a_revision_may_be_given_beside_the_path() -> None:
    assert Location.parse("datasets/o/n/a", "v1").repo.revision == "v1"
    assert Location.parse("datasets/o/n@v1/a", "v1").repo.revision == "v1"
    with pytest.raises(errors.HFValidationError, match="'v2' was given as well"):
        Location.parse("datasets/o/n@v1/a", "v2")


@pytest.mark.parametrize(
    "text", ["", "hf://", "gpt2", "datasets", "datasets/o", "datasets/o/", "a b/c"]
)
def test_what_names_no_repository_is_refused(text: str) -> None:
    with pytest.raises(errors.HFValidationError):
        Location.parse(text)


def test_the_parent_of_the_root_is_the_root() -> None:
    assert Location.parse("o/n/a/b").parent.name == "o/n/a"
    assert Location.parse("o/n").parent.name == "o/n"
