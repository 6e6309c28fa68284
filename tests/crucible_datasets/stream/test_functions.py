"""``map`` and ``filter`` with functions: what they are given, when, and what their errors say."""

from __future__ import annotations

import asyncio
from typing import Any

import pyarrow as pa
import pytest

from crucible_datasets.schema import Features, Value
from crucible_datasets.stream import IterableDataset


def test_a_function_is_called_when_its_row_is_asked_for(numbers: Any) -> None:
    calls = []
    rows = iter(numbers(100).map(lambda row: calls.append(row["a"]) or {}))
    next(rows)
    next(rows)

    assert calls == [0, 1]


def test_map_merges_the_answer_over_the_row(numbers: Any) -> None:
    row = next(iter(numbers(3).map(lambda row: {"a": -1, "new": row["s"]})))

    assert row == {"a": -1, "s": "0", "new": "0"}


def test_map_removes_columns_of_the_input(numbers: Any) -> None:
    assert next(iter(numbers(3).map(lambda row: {"n": 1}, remove_columns=["a", "s"]))) == {"n": 1}


def test_map_gives_columns_indices_and_keyword_arguments(numbers: Any) -> None:
    def function(a: int, s: str, index: int, more: int) -> dict[str, Any]:
        return {"got": (a, s, index, more)}

    stream = numbers(3).map(
        function, with_indices=True, input_columns=["a", "s"], fn_kwargs={"more": 9}
    )

    assert [row["got"] for row in stream] == [(0, "0", 0, 9), (1, "1", 1, 9), (2, "2", 2, 9)]


def test_changing_the_row_in_place_is_not_kept_by_filter(numbers: Any) -> None:
    def spoil(row: dict[str, Any]) -> bool:
        row["a"] = None
        return True

    assert [row["a"] for row in numbers(3).filter(spoil)] == [0, 1, 2]


def test_a_batched_map_may_change_the_number_of_rows(numbers: Any) -> None:
    stream = numbers(5).map(
        lambda batch: {"b": batch["a"] + batch["a"]},
        batched=True,
        batch_size=2,
        remove_columns=["a", "s"],
    )

    assert [row["b"] for row in stream] == [0, 1, 0, 1, 2, 3, 2, 3, 4, 4]


def test_a_batched_map_refuses_columns_of_different_lengths(numbers: Any) -> None:
    stream = numbers(5).map(lambda batch: {"b": [1]}, batched=True)

    with pytest.raises(ValueError, match="Column lengths mismatch"):
        list(stream)


def test_a_batch_of_none_is_all_rows(numbers: Any) -> None:
    stream = numbers(2500).map(
        lambda b: {"n": [len(b["a"])] * len(b["a"])}, batched=True, batch_size=None
    )

    assert next(iter(stream))["n"] == 2500


def test_a_batched_function_may_return_a_table(numbers: Any) -> None:
    stream = numbers(4).map(
        lambda b: pa.table({"t": b["a"]}), batched=True, remove_columns=["a", "s"]
    )

    assert [row["t"] for row in stream] == [0, 1, 2, 3]


def test_map_must_return_columns(numbers: Any) -> None:
    with pytest.raises(TypeError, match="must return a dict of columns, not int"):
        list(numbers(3).map(lambda row: 1))


def test_features_given_to_map_are_those_of_the_stream(numbers: Any) -> None:
    features = Features({"n": Value("int32")})
    stream = numbers(3).map(lambda row: {"n": 1}, remove_columns=["a", "s"], features=features)

    assert stream.features == features
    assert stream.column_names == ["n"]


def test_behind_a_function_the_features_are_unknown_until_resolved(numbers: Any) -> None:
    stream = numbers(3).map(lambda row: {"n": 1.5})

    assert stream.features is None
    assert stream.column_names is None
    assert stream.resolve_features().features == Features(
        {"a": Value("int64"), "s": Value("string"), "n": Value("float64")}
    )


def test_an_error_says_which_row_the_function_was_given(parquet: Any) -> None:
    def fail(row: dict[str, Any]) -> dict[str, Any]:
        return {"b": 1 / (row["a"] - 23)}

    stream = IterableDataset.from_parquet(parquet()).map(fail)
    rows = iter(stream)
    for _ in range(23):
        next(rows)

    with pytest.raises(ZeroDivisionError) as caught:
        next(rows)
    (note,) = caught.value.__notes__
    assert "'fail' for row 23" in note
    assert "rows.parquet" in note
    assert "row 23" in note.split("(")[1]


def test_an_error_in_a_batched_function_says_which_rows(numbers: Any) -> None:
    def fail(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        raise RuntimeError("no")

    with pytest.raises(RuntimeError) as caught:
        list(numbers(30).map(fail, batched=True, batch_size=10))
    assert "row 0 to 9" in caught.value.__notes__[0]


def test_coroutine_functions_run_together_and_keep_the_order(numbers: Any) -> None:
    running = most = 0

    async def slow(row: dict[str, Any]) -> dict[str, Any]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (row["a"] % 3))
        running -= 1
        return {"b": row["a"]}

    assert [row["b"] for row in numbers(60).map(slow)] == list(range(60))
    assert most > 10


def test_a_coroutine_function_can_filter(numbers: Any) -> None:
    async def even(row: dict[str, Any]) -> bool:
        return row["a"] % 2 == 0

    assert [row["a"] for row in numbers(9).filter(even)] == [0, 2, 4, 6, 8]


def test_an_unfinished_coroutine_map_leaves_no_task_behind(numbers: Any) -> None:
    rows = iter(numbers(50).map(forever_after_the_first))

    assert next(rows)["b"] == 0
    rows.close()  # cancels the calls that are waiting


async def forever_after_the_first(row: dict[str, Any]) -> dict[str, Any]:
    if row["a"]:
        await asyncio.sleep(3600)
    return {"b": 0}


def test_a_batched_filter_must_judge_every_row(numbers: Any) -> None:
    with pytest.raises(ValueError, match="one bool a row"):
        list(numbers(5).filter(lambda batch: [True], batched=True))
