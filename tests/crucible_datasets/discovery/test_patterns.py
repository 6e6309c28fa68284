from __future__ import annotations

import pytest

from crucible_datasets.discovery.patterns import infer_patterns, matching


@pytest.mark.parametrize(
    ("paths", "splits"),
    [
        (["train.csv", "test.csv"], {"train": ["train.csv"], "test": ["test.csv"]}),
        (["data/dev.csv", "x.csv"], {"validation": ["data/dev.csv"]}),
        (["anything.csv"], {"train": ["anything.csv"]}),
        (["train/a.csv", "eval/b.csv"], {"train": ["train/a.csv"], "test": ["eval/b.csv"]}),
        (["retrain.csv"], {"train": ["retrain.csv"]}),
        (
            ["data/odd.1-00000-of-00001-ab12.parquet", "data/train-00000-of-00001.parquet"],
            {
                "train": ["data/train-00000-of-00001.parquet"],
                "odd.1": ["data/odd.1-00000-of-00001-ab12.parquet"],
            },
        ),
    ],
)
def test_names_speak_of_splits(paths: list[str], splits: dict[str, list[str]]) -> None:
    found = infer_patterns(paths)
    assert {split: matching(paths, globs) for split, globs in found.items()} == splits
    assert list(found) == list(splits)


def test_a_file_that_matches_twice_is_read_once() -> None:
    paths = ["train-train.csv", "test.csv"]
    assert matching(paths, infer_patterns(paths)["train"]) == ["train-train.csv"]


def test_no_files_are_no_splits() -> None:
    assert infer_patterns(["README.md", ".gitattributes"]) == {}


def test_a_shard_whose_split_has_no_proper_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="Split name"):
        infer_patterns(["data/a-b-00000-of-00001.parquet"])
