from __future__ import annotations

import pytest

from crucible_datasets.discovery.card import Card, CardConfig
from crucible_datasets.discovery.config import choose_config, converted_card

TWO = Card({"a": CardConfig("a"), "b": CardConfig("b")})


def test_a_config_is_chosen_by_its_name() -> None:
    assert choose_config(TWO, "b", dataset="x", files_given=False).name == "b"


def test_an_unknown_config_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r"BuilderConfig 'c' not found.*'a', 'b'"):
        choose_config(TWO, "c", dataset="x", files_given=False)


def test_one_of_several_has_to_be_named_unless_files_are() -> None:
    with pytest.raises(ValueError, match="Config name is missing"):
        choose_config(TWO, None, dataset="x", files_given=False)
    assert choose_config(TWO, None, dataset="x", files_given=True).name == "default"


def test_without_configs_there_is_the_default_one() -> None:
    assert choose_config(Card(), "default", dataset="x", files_given=False).name == "default"
    with pytest.raises(ValueError, match="Available: \\['default'\\]"):
        choose_config(Card(), "a", dataset="x", files_given=False)


def test_a_converted_copy_has_its_configs_in_folders() -> None:
    card = converted_card(
        [
            ".gitattributes",
            "a/test/0000.parquet",
            "a/partial-train/0000.parquet",
            "b/x/0000.parquet",
        ]
    )
    assert card is not None
    assert card.configs["a"].data_files == [
        {"split": "train", "path": ["a/partial-train/*.parquet"]},
        {"split": "test", "path": ["a/test/*.parquet"]},
    ]
    assert list(card.configs) == ["a", "b"]
    assert converted_card(["data/train-00000-of-00001.parquet"]) is None
