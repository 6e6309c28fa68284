from __future__ import annotations

import copy
import pickle
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from crucible_datasets import settings
from crucible_datasets.combine import concatenate_datasets, interleave_datasets
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.dataset.dict import DatasetDict
from crucible_datasets.errors import DatasetGenerationError
from crucible_datasets.schema import ClassLabel, Features, Json, List, Value
from crucible_datasets.table import derived

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_a_shuffle_is_the_permutation_of_numpy(ds: Dataset) -> None:
    expected = np.random.default_rng(7).permutation(10).tolist()

    assert ds.shuffle(seed=7)["id"][:] == expected


def test_selections_copy_no_row(ds: Dataset) -> None:
    chosen = ds.shuffle(seed=1).select(range(5)).filter(pl.col("id") > 1).sort("id")

    assert {id(part.source) for part in chosen.table.parts} == {
        id(part.source) for part in ds.table.parts
    }


def test_a_dataset_pickles_and_copies(ds: Dataset) -> None:
    chosen = ds.shuffle(seed=1).with_format("numpy", columns=["id"])

    for other in (pickle.loads(pickle.dumps(chosen)), copy.deepcopy(chosen), copy.copy(chosen)):
        assert other.to_list() == chosen.to_list()
        assert other.format == chosen.format
        assert other.fingerprint == chosen.fingerprint


def test_a_dataset_of_files_pickles_without_its_rows(on_disk: Callable[[], Dataset]) -> None:
    loaded = on_disk()
    assert loaded[3]["id"] == 3  # holds rows

    again = pickle.loads(pickle.dumps(loaded))

    assert not again.table.parts[0].source.resident
    assert again.to_list() == loaded.to_list()


def test_a_dataset_is_a_context_manager(ds: Dataset) -> None:
    with ds as same:
        assert same[0]["id"] == 0


def test_changing_features_of_a_copy_leaves_the_dataset(ds: Dataset) -> None:
    other = copy.deepcopy(ds)
    other.features["id"] = Value("string")

    assert ds.features["id"] == Value("int64")


def test_the_fingerprint_names_the_content(rows: list[dict[str, Any]]) -> None:
    one, same = Dataset.from_list(rows), Dataset.from_list(rows)

    assert one.fingerprint == same.fingerprint
    assert one.select([1, 0]).fingerprint != one.fingerprint
    assert one.rename_column("id", "i").fingerprint != one.fingerprint


def test_first_rows_of_files_read_only_a_part(tmp_path: Path) -> None:
    Dataset.from_dict({"a": list(range(50_000))}).to_parquet(tmp_path / "a.parquet", batch_size=500)
    loaded = Dataset.from_parquet(str(tmp_path / "a.parquet"))

    assert loaded[0] == {"a": 0}
    assert not loaded.table.parts[0].source.resident


def test_rows_beyond_the_memory_budget_are_mapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Dataset.from_dict({"a": list(range(9000)), "t": ["x" * 50] * 9000}).to_parquet(
        tmp_path / "a.parquet"
    )
    monkeypatch.setenv("CRUCIBLE_MEMORY_BUDGET", "50K")
    settings.reload()
    loaded = Dataset.from_parquet(str(tmp_path / "a.parquet"))

    order = np.random.default_rng(0).permutation(9000)
    assert loaded[order]["a"] == order.tolist()
    (path,) = loaded.table.cache_paths
    assert path.startswith(str(derived.folder("arrow")))
    again = Dataset.from_parquet(str(tmp_path / "a.parquet"))
    assert again[order]["a"] == order.tolist()
    assert again.table.cache_paths == (path,)


def test_a_column_added_to_shuffled_rows_lies_beside_them(ds: Dataset) -> None:
    mixed = ds.shuffle(seed=2).add_column("place", list(range(10)))

    assert mixed["id"][:] == ds.shuffle(seed=2)["id"][:]
    assert mixed[4]["place"] == 4


def test_json_differs_from_row_to_row() -> None:
    calls = [{"name": "f", "arguments": {"x": 1}}, {"name": "g", "arguments": {"y": "z"}}]
    features = Features({"calls": List({"name": Value("string"), "arguments": Json()})})

    made = Dataset.from_list([{"calls": calls}], features=features)

    assert made[0]["calls"] == calls
    assert made.to_list() == list(made) == [{"calls": calls}]


def test_concatenating_copies_no_row_and_reads_in_order(ds: Dataset) -> None:
    both = concatenate_datasets([ds.shuffle(seed=1), ds.select([9])])

    assert both["id"][:] == [*ds.shuffle(seed=1)["id"][:], 9]
    assert both[10]["id"] == 9
    assert both[[10, 0]]["id"] == [9, ds.shuffle(seed=1)[0]["id"]]


def test_interleaving_takes_turns(ds: Dataset) -> None:
    mixed = interleave_datasets([ds.take(2), ds.skip(5)], stopping_strategy="all_exhausted")

    assert mixed["id"][:] == [0, 5, 1, 6, 0, 7, 1, 8, 0, 9]


def test_expressions_make_columns(ds: Dataset) -> None:
    made = ds.with_columns(pl.col("id") * 2, text=pl.col("text").str.to_uppercase())

    assert made.column_names == ds.column_names
    assert made[4] == {**ds[4], "id": 8, "text": "ROW 4"}


def test_expressions_sort(ds: Dataset) -> None:
    assert ds.sort(-pl.col("id"))["id"][:3] == [9, 8, 7]


def test_sql_reads_the_dataset_as_self(ds: Dataset) -> None:
    found = ds.sql("select text, id from self where id > 7 order by id desc")

    assert found.to_list() == [{"text": "row 9", "id": 9}, {"text": "row 8", "id": 8}]
    assert found.features["text"] == Value("string")


def test_a_wrong_query_is_a_value_error(ds: Dataset) -> None:
    with pytest.raises(ValueError, match="nope"):
        ds.sql("select nope from self")


def test_lazy_frames_hold_the_selected_rows(ds: Dataset, on_disk: Callable[[], Dataset]) -> None:
    for rows in (ds, on_disk()):
        frame = rows.select([4, 2]).rename_column("id", "i").lazy()
        assert frame.collect()["i"].to_list() == [4, 2]


def test_the_plan_says_what_an_engine_would_read(on_disk: Callable[[], Dataset]) -> None:
    loaded = on_disk()

    assert loaded.plan().whole
    assert loaded.plan().num_rows == 10
    assert [path.rsplit("/", 1)[-1] for path in loaded.plan().paths] == ["rows.parquet"]
    assert not loaded.select([1, 0]).plan().whole


def test_notebooks_show_the_first_rows(ds: Dataset) -> None:
    html = Dataset.from_dict({"<a>": ["<b>" * 100]})._repr_html_()

    assert "&lt;a&gt;" in html
    assert "<b>" not in html
    assert "10 rows" in ds._repr_html_()


def test_odd_column_names_are_names_like_others(tmp_path: Path) -> None:
    names = ["", "*", "a.b", "^x$", "🎈"]
    odd = Dataset.from_dict({name: [i, i + 10] for i, name in enumerate(names)})

    assert odd.filter(lambda row: row["a.b"] == 2).to_list() == [odd[0]]
    assert odd.map(lambda row: {"a.b": 0, "*": -1})[1] == {**odd[1], "a.b": 0, "*": -1}
    assert odd.sort("*", reverse=True)[0] == odd[1]
    assert odd.select_columns(names[::-1]).to_polars().to_dicts() == odd.to_list()
    odd.to_parquet(tmp_path / "odd.parquet")
    loaded = Dataset.from_parquet(str(tmp_path / "odd.parquet"))
    assert loaded.shuffle(seed=1).sort("*").to_list() == odd.to_list()
    odd.save_to_disk(tmp_path / "odd")
    assert Dataset.load_from_disk(tmp_path / "odd").to_list() == odd.to_list()


def test_an_empty_dataset_does_everything(tmp_path: Path) -> None:
    features = Features({"a": Value("int64"), "y": ClassLabel(names=["n"])})
    empty = Dataset.from_dict({"a": [], "y": []}, features=features)

    assert list(empty) == empty.to_list() == []
    assert empty[:] == {"a": [], "y": []}
    assert empty.map(lambda row: {"b": 1}).num_rows == 0
    assert empty.filter(lambda row: True).shuffle(seed=1).sort("a").num_rows == 0
    assert empty.to_polars().shape == (0, 2)
    assert empty.to_pandas().shape == (0, 2)
    empty.save_to_disk(tmp_path / "empty")
    assert Dataset.load_from_disk(tmp_path / "empty").features == features
    empty.to_parquet(tmp_path / "empty.parquet")
    assert pa.parquet.read_table(tmp_path / "empty.parquet").num_rows == 0
    assert empty.to_json(tmp_path / "empty.jsonl") == 0


def test_a_generator_makes_rows() -> None:
    def gen(n: int) -> Any:
        for i in range(n):
            yield {"a": i, "b": None if i < 1000 else "late"}

    made = Dataset.from_generator(gen, gen_kwargs={"n": 1003}, split="test")

    assert (len(made), made.split) == (1003, "test")
    assert made[1002] == {"a": 1002, "b": "late"}


def test_a_stream_gives_the_same_rows(ds: Dataset) -> None:
    assert list(ds.shuffle(seed=1).to_iterable_dataset(num_shards=2)) == list(ds.shuffle(seed=1))


FIRST_ROW = """
import sys
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.dataset.dict import DatasetDict
ds = Dataset.from_parquet(sys.argv[1])
assert ds[0]["id"] == 0
assert ds[[3, 1]]["id"] == [3, 1]
assert len(list(ds)) == 10
print([name for name in ("pandas", "polars", "torch", "PIL") if name in sys.modules])
"""


def test_reading_rows_loads_no_heavy_library(
    on_disk: Callable[[], Dataset], tmp_path: Path
) -> None:
    on_disk()
    done = subprocess.run(
        [sys.executable, "-c", FIRST_ROW, str(tmp_path / "rows.parquet")],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == "[]"


def test_pushing_says_that_it_is_not_there_yet() -> None:
    dataset = Dataset.from_dict({"a": [1]})
    with pytest.raises(NotImplementedError, match="push_to_hub is not there yet"):
        dataset.push_to_hub("ann/data")
    with pytest.raises(NotImplementedError, match="push_to_hub is not there yet"):
        DatasetDict({"train": dataset}).push_to_hub("ann/data")


def test_a_generator_that_is_no_function_is_refused() -> None:
    with pytest.raises(TypeError, match="generator must be a function"):
        Dataset.from_generator(5)  # type: ignore[arg-type]


def test_a_generator_without_rows_has_to_be_told_the_features() -> None:
    with pytest.raises(DatasetGenerationError, match="pass features="):
        Dataset.from_generator(lambda: iter(()))


@pytest.mark.parametrize("batched", [False, True])
def test_a_map_that_leaves_no_column_leaves_no_row(batched: bool) -> None:
    made = Dataset.from_dict({"a": [1, 2]}).map(lambda _: {}, batched=batched, remove_columns=["a"])
    assert (made.num_rows, made.column_names) == (0, [])


def test_what_is_no_split_is_named() -> None:
    with pytest.raises(TypeError, match="split 'train' is a int"):
        _ = DatasetDict({"train": 5}).num_rows  # type: ignore[dict-item]
