"""Class labels: names and numbers, both ways, with exact errors."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crucible_datasets.schema import ClassLabel


def label() -> ClassLabel:
    return ClassLabel(names=["bad", "ok", "good"])


def test_names_have_the_numbers_of_their_order() -> None:
    assert label().str2int(["good", "bad"]) == [2, 0]
    assert label().str2int("ok") == 1
    assert label().int2str([2, 0]) == ["good", "bad"]
    assert label().int2str(1) == "ok"
    assert label().int2str(np.array([1])) == ["ok"]


def test_text_that_is_a_number_or_has_spaces_around_is_understood() -> None:
    assert label().str2int([" good ", "1", "-1"]) == [2, 1, -1]


@pytest.mark.parametrize("name", ["great", "3", "-2", "1.0", ""])
def test_an_unknown_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="'bad', 'ok', 'good'"):
        label().str2int(name)


@pytest.mark.parametrize("number", [-1, 3])
def test_a_number_without_a_name_is_refused(number: int) -> None:
    with pytest.raises(ValueError, match="0 to 2"):
        label().int2str(number)


def test_what_is_neither_a_label_nor_many_is_refused() -> None:
    with pytest.raises(ValueError, match="5"):
        label().str2int(5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="5"):
        label().int2str(5.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({}, ValueError),
        ({"names": ["a"], "names_file": "x"}, ValueError),
        ({"names": ["a"], "num_classes": 2}, ValueError),
        ({"names": ["a", "a"]}, ValueError),
        ({"names": {"a"}}, TypeError),
    ],
)
def test_arguments_that_make_no_set_of_labels_are_refused(arguments: Any, error: Any) -> None:
    with pytest.raises(error):
        ClassLabel(**arguments)


def test_labels_may_be_counted_or_come_from_a_file(tmp_path: Any) -> None:
    file = tmp_path / "names.txt"
    file.write_text("yes\n\n no \n", encoding="utf-8")

    assert ClassLabel(2).names == ["0", "1"]
    assert ClassLabel(num_classes=2) == ClassLabel(names=["0", "1"])
    assert ClassLabel(names_file=str(file)).names == ["yes", "no"]
    assert ClassLabel(names=["a"]).num_classes == 1  # type: ignore[misc]


def test_what_is_stored_is_the_number_or_minus_one() -> None:
    assert [label().encode_example(value) for value in ("good", 0, -1)] == [2, 0, -1]
    for value in (3, -2):
        with pytest.raises(ValueError, match="0 to 2"):
            label().encode_example(value)


@pytest.mark.parametrize(
    ("storage", "expected"),
    [
        (pa.array(["good", None, "bad", "good"]), [2, None, 0, 2]),
        (pa.array(["good", "bad"], pa.large_string()), [2, 0]),
        (pa.array(["good", "bad"]).dictionary_encode(), [2, 0]),
        (pa.array([0, 2, None, -1], pa.int8()), [0, 2, None, -1]),
        (pa.array([], pa.int64()), []),
        (pa.array([None], pa.int64()), [None]),
    ],
)
def test_a_column_becomes_labels_by_a_cast(storage: pa.Array, expected: list[Any]) -> None:
    cast = label().cast_storage(storage)

    assert cast.type == pa.int64()
    assert cast.to_pylist() == expected


@pytest.mark.parametrize("storage", [pa.array([3]), pa.array(["great"])])
def test_a_column_with_other_values_is_refused(storage: pa.Array) -> None:
    with pytest.raises(ValueError, match="not a label"):
        label().cast_storage(storage)


def test_labels_are_copied_and_pickled() -> None:
    assert pickle.loads(pickle.dumps(label())) == label()
    assert copy.deepcopy(label()).str2int("good") == 2
