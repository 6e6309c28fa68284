"""Steps that count, batch and change columns; what is known of their rows."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets import Dataset, concatenate_datasets
from crucible_datasets.errors import DataFilesNotFoundError
from crucible_datasets.schema import ClassLabel, Features, List, Value
from crucible_datasets.stream import (
    IterableColumn,
    IterableDataset,
    IterableDatasetDict,
    concatenate,
)

if TYPE_CHECKING:
    from pathlib import Path


def values(stream: IterableDataset, column: str = "a") -> list[Any]:
    return [row[column] for row in stream]


def test_take_reads_no_further(numbers: Any) -> None:
    calls: list[int] = []
    stream = numbers(10).map(lambda row: calls.append(row["a"]) or {}).take(3)

    assert values(stream) == [0, 1, 2]
    assert calls == [0, 1, 2]


def test_take_and_skip_may_exceed_the_rows(numbers: Any) -> None:
    assert values(numbers(5).take(9)) == [0, 1, 2, 3, 4]
    assert values(numbers(5).skip(9)) == []
    assert values(numbers(5).take(0)) == []


def test_repeat_without_end_goes_on(numbers: Any) -> None:
    assert values(numbers(2).repeat(None).take(5)) == [0, 1, 0, 1, 0]


def test_repeat_of_nothing_ends(numbers: Any) -> None:
    assert values(numbers(2).filter(lambda row: False).repeat(None)) == []


def test_shuffling_after_take_keeps_the_shards_in_order(numbers: Any) -> None:
    stream = numbers(40, 4).take(10).shuffle(seed=1, buffer_size=100)

    assert sorted(values(stream)) == list(range(10))


def test_batch_gives_rows_of_lists(numbers: Any) -> None:
    stream = numbers(5).batch(2)

    assert list(stream) == [
        {"a": [0, 1], "s": ["0", "1"]},
        {"a": [2, 3], "s": ["2", "3"]},
        {"a": [4], "s": ["4"]},
    ]
    assert stream.features == Features({"a": List(Value("int64")), "s": List(Value("string"))})


def test_batch_drops_the_last_when_told(numbers: Any) -> None:
    assert values(numbers(5).batch(2, drop_last_batch=True)) == [[0, 1], [2, 3]]


def test_batch_by_column_gathers_runs(numbers: Any) -> None:
    stream = numbers(7).map(lambda row: {"k": row["a"] // 3}).batch(by_column="k")

    assert values(stream) == [[0, 1, 2], [3, 4, 5], [6]]


def test_batch_needs_to_know_how(numbers: Any) -> None:
    with pytest.raises(ValueError, match="batch_size or by_column"):
        numbers(5).batch()


def test_a_missing_column_is_named(numbers: Any) -> None:
    with pytest.raises(ValueError, match=r"\['x'\] not in the dataset"):
        numbers(5).select_columns(["a", "x"])
    with pytest.raises(ValueError, match=r"can't rename \['x'\]"):
        numbers(5).rename_column("x", "y")
    with pytest.raises(ValueError, match=r"can't rename to \['s'\]"):
        numbers(5).rename_column("a", "s")


def test_a_renamed_column_keeps_its_place(numbers: Any) -> None:
    stream = numbers(2).rename_column("a", "b")

    assert stream.column_names == ["b", "s"]
    assert list(next(iter(stream))) == ["b", "s"]


def test_a_column_can_be_added(numbers: Any) -> None:
    assert values(numbers(3).add_column("n", [7, 8, 9]), "n") == [7, 8, 9]
    with pytest.raises(ValueError, match="'a'"):
        numbers(3).add_column("a", [7, 8, 9])


def test_an_added_column_stays_with_its_rows_when_shuffled(numbers: Any) -> None:
    stream = numbers(50, 5).add_column("n", list(range(50))).shuffle(seed=1, buffer_size=10)

    assert all(row["a"] == row["n"] for row in stream)


def test_cast_changes_the_types_of_rows(numbers: Any) -> None:
    stream = numbers(2).cast(Features({"s": Value("string"), "a": Value("float32")}))

    assert list(stream) == [{"s": "0", "a": 0.0}, {"s": "1", "a": 1.0}]
    assert stream.cast_column("a", Value("string")).take(1).to_list() == [{"s": "0", "a": "0"}]


def test_labels_are_encoded_on_the_way() -> None:
    stream = IterableDataset.from_generator(
        lambda: iter([{"l": "yes"}, {"l": "no"}]),
        features=Features({"l": ClassLabel(names=["no", "yes"])}),
    )

    assert values(stream, "l") == [1, 0]


def test_features_fill_in_missing_columns() -> None:
    stream = IterableDataset.from_generator(
        lambda: iter([{"a": 1}]), features=Features({"b": Value("string"), "a": Value("int64")})
    )

    assert list(stream) == [{"b": None, "a": 1}]


def test_lists_in_gen_kwargs_are_shards() -> None:
    def generate(parts: list[int], more: int) -> Any:
        for part in parts:
            yield {"a": part + more}

    stream = IterableDataset.from_generator(generate, gen_kwargs={"parts": [1, 2, 3], "more": 10})

    assert stream.num_shards == 3
    assert values(stream) == [11, 12, 13]
    assert values(stream.shard(3, 1)) == [12]
    with pytest.raises(RuntimeError, match="different lengths"):
        IterableDataset.from_generator(generate, gen_kwargs={"parts": [1, 2], "more": [1]})


def test_a_generator_must_be_callable() -> None:
    with pytest.raises(TypeError, match="callable"):
        IterableDataset.from_generator([{"a": 1}])  # type: ignore[arg-type]


def test_a_column_is_iterated_again_and_again() -> None:
    stream = IterableDataset.from_list([{"a": {"b": 1}}, {"a": {"b": 2}}])
    column = stream["a"]["b"]

    assert isinstance(column, IterableColumn)
    assert list(column) == list(column) == [1, 2]


def test_formats_are_given(numbers: Any) -> None:
    stream = numbers(4)

    assert next(iter(stream.with_format("arrow"))).num_rows == 1
    assert next(iter(stream.with_format("numpy").iter(3)))["a"].tolist() == [0, 1, 2]
    assert next(iter(stream.with_format("polars").iter(3))).shape == (3, 2)
    assert next(iter(stream.with_format("arrow").with_format(None))) == {"a": 0, "s": "0"}


def test_a_function_is_given_what_the_format_says(numbers: Any) -> None:
    doubled = numbers(4).with_format("polars").map(lambda df: df * 2, batched=True, batch_size=3)
    kept = numbers(4).with_format("numpy").filter(lambda row: row["a"] > 1)
    arrays = numbers(4).with_format("numpy").map(lambda b: {"a": b["a"] + 1}, batched=True)

    with pytest.raises(Exception, match="str"):
        list(doubled)
    assert values(kept) == [2, 3]
    assert values(arrays) == [1, 2, 3, 4]


def test_reshard_cuts_files_into_row_groups(parquet: Any) -> None:
    stream = IterableDataset.from_parquet(parquet(100, group=10))

    assert stream.num_shards == 1
    assert stream.reshard().num_shards == 10
    assert values(stream.reshard()) == list(range(100))


def test_concatenation_fills_missing_columns(numbers: Any) -> None:
    stream = concatenate([numbers(1), numbers(1).rename_column("s", "t")])

    assert stream.column_names == ["a", "s", "t"]
    assert list(stream) == [{"a": 0, "s": "0", "t": None}, {"a": 0, "s": None, "t": "0"}]


def test_concatenation_refuses_other_types(numbers: Any) -> None:
    other = numbers(1).cast(Features({"a": Value("string"), "s": Value("string")}))
    with pytest.raises(ValueError, match="column 'a' is"):
        concatenate([numbers(1), other])


def test_columns_side_by_side_need_other_names(numbers: Any) -> None:
    with pytest.raises(ValueError, match="a"):
        concatenate([numbers(2), numbers(2)], axis=1)


def test_streams_pickle_and_copy(numbers: Any) -> None:
    stream = numbers(20, 3).shuffle(seed=1, buffer_size=5).take(9)

    assert list(pickle.loads(pickle.dumps(stream))) == list(stream)
    assert list(copy.deepcopy(stream)) == list(stream)


def test_all_rows_can_be_had_in_other_forms(numbers: Any, tmp_path: Any) -> None:
    stream = numbers(5, 2)

    assert stream.to_dict() == {"a": [0, 1, 2, 3, 4], "s": ["0", "1", "2", "3", "4"]}
    assert stream.to_polars().shape == (5, 2)
    assert [part["a"] for part in stream.to_dict(batch_size=2, batched=True)] == [
        [0, 1],
        [2, 3],
        [4],
    ]
    stream.to_parquet(tmp_path / "rows.parquet")
    assert (
        IterableDataset.from_parquet(str(tmp_path / "rows.parquet")).to_list() == stream.to_list()
    )


def test_a_dict_of_streams_applies_steps_to_all(numbers: Any) -> None:
    streams = IterableDatasetDict({"train": numbers(3), "test": numbers(2)})
    mapped = streams.map(lambda row, split: {"split": split}, with_split=True)

    assert values(mapped["test"], "split") == ["test", "test"]
    assert streams.column_names == {"train": ["a", "s"], "test": ["a", "s"]}
    assert streams.rename_column("a", "b").remove_columns("s").column_names["train"] == ["b"]
    assert repr(streams).startswith("IterableDatasetDict({\n    train: IterableDataset({")


def test_a_split_that_is_no_part_is_refused(numbers: Any) -> None:
    with pytest.raises(ValueError, match="index must be in"):
        numbers(4, 2).shard(2, 2)


@pytest.mark.parametrize("size", [0, -1])
def test_a_batch_of_no_size_has_all_rows(numbers: Any, size: int) -> None:
    stream = numbers(5, 2)

    assert values(stream.batch(size, drop_last_batch=True)) == [[0, 1, 2, 3, 4]]
    assert values(stream.map(lambda row: row).batch(size)) == [[0, 1, 2, 3, 4]]
    with pytest.raises(ValueError, match="batch_size must be 1 or more"):
        stream.iter(size)


def test_cast_refuses_to_lose_columns(numbers: Any) -> None:
    with pytest.raises(ValueError, match=r"lacks the columns \['s'\]"):
        numbers().cast(Features({"a": Value("int8")}))


@pytest.mark.parametrize("streaming", [True, False])
def test_datasets_are_joined_by_rows_or_columns_only(streaming: bool) -> None:
    rows = Dataset.from_dict({"a": [1]})

    with pytest.raises(ValueError, match="axis must be 0"):
        concatenate_datasets([rows.to_iterable_dataset() if streaming else rows] * 2, axis=2)


def test_files_are_found_by_pattern_and_options_checked(parquet: Any, tmp_path: Path) -> None:
    parquet(3, name="one")
    parquet(2, name="two")
    pattern = str(tmp_path / "*.parquet")

    assert values(IterableDataset.from_parquet(pattern)) == [0, 1, 2, 0, 1]
    with pytest.raises(ValueError, match="'column' key"):
        IterableDataset.from_parquet(pattern, column=["a"])
    with pytest.raises(DataFilesNotFoundError):
        IterableDataset.from_parquet([])


def test_a_renamed_column_beside_one_of_its_old_name(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text('{"a": 1, "s": "x"}\n')
    stream = IterableDataset.from_json(str(path))
    joined = concatenate_datasets([stream.rename_column("a", "b"), stream])

    assert list(joined.map(lambda row: row)) == [
        {"b": 1, "s": "x", "a": None},
        {"b": None, "s": "x", "a": 1},
    ]
