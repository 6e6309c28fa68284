from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_datasets.splits import (
    NamedSplit,
    ReadInstruction,
    RowRange,
    Split,
    SplitDict,
    SplitInfo,
)


def test_a_named_split_equals_its_text_and_hashes_like_it() -> None:
    assert NamedSplit("train") == "train"
    assert {"train": 1}[Split.TRAIN] == 1  # type: ignore[index]


def test_a_named_split_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Split.ALL)) == "all"


@pytest.mark.parametrize("name", ["train.500", "a_b", "train+test[:10%]"])
def test_dots_underscores_and_sums_are_names_of_splits(name: str) -> None:
    assert str(NamedSplit(name)) == name


@pytest.mark.parametrize("name", ["", "a-b", "a b", ".a", "a/b"])
def test_a_bad_split_name_is_a_value_error_that_shows_it(name: str) -> None:
    with pytest.raises(ValueError, match="Split name should match"):
        NamedSplit(name)


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ("train", [RowRange("train", 0, 10)]),
        ("train[2:4]", [RowRange("train", 2, 4)]),
        ("train[-3:]", [RowRange("train", 7, 10)]),
        ("train[:25%]", [RowRange("train", 0, 2)]),
        ("train[:35%]", [RowRange("train", 0, 4)]),
        ("train[5:3]", [RowRange("train", 5, 3)]),
        ("train[:1_0]", [RowRange("train", 0, 10)]),
        ("train[50:70]", [RowRange("train", 10, 10)]),
        ("test + train[:1]", [RowRange("test", 0, 4), RowRange("train", 0, 1)]),
    ],
)
def test_a_spec_becomes_rows(spec: str, expected: list[RowRange]) -> None:
    assert ReadInstruction.from_spec(spec).to_absolute({"train": 10, "test": 4}) == expected


def test_an_unknown_split_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match=r'Unknown split "dev".*train'):
        ReadInstruction.from_spec("dev").to_absolute({"train": 1})


def test_splits_answer_to_slices() -> None:
    splits = SplitDict({"train": SplitInfo("train", 0, 50)})
    assert splits["train[:10%]"].num_examples == 5


def test_a_split_dict_survives_pickling() -> None:
    splits = SplitDict.from_split_dict([SplitInfo("train", 7, 50)], "x")
    again = pickle.loads(pickle.dumps(splits))
    assert again == splits
    assert again.dataset_name == "x"


boundaries = st.none() | st.integers(-100, 100)


@given(start=boundaries, stop=boundaries, unit=st.sampled_from(["%", "abs"]))
def test_text_and_arguments_say_the_same(start: int | None, stop: int | None, unit: str) -> None:
    made = ReadInstruction("train", from_=start, to=stop, unit=unit)
    assert ReadInstruction.from_spec(str(made)).to_absolute({"train": 77}) == made.to_absolute(
        {"train": 77}
    )
