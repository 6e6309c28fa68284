"""Arguments that few pass, and values that few have: what a call comes to with both libraries."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

# the peer sorts with an option that pyarrow calls deprecated
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def numbered(lib: Any) -> Any:
    features = lib.Features(
        {"x": lib.Value("int64"), "y": lib.ClassLabel(names=["no", "yes", "maybe"])}
    )
    return lib.Dataset.from_dict(
        {"x": list(range(9)), "y": [i % 3 for i in range(9)]}, features=features
    )


def increase(row: Any) -> Any:
    row["x"] = row["x"] + 1
    return row


def forget(row: Any) -> Any:
    del row["x"]
    return row


def numbers(lib: Any) -> Any:
    return lib.Dataset.from_dict(
        {
            "i": [2**53 + 1, None, 3],
            "f": [0.5, None, float("nan")],
            "g": np.array([0.1, 1e20, np.nan], dtype=np.float32),
        }
    )


def squares(lib: Any, values: Any) -> Any:
    features = lib.Features({"a": lib.Array2D((2, 2), "int8")})
    return lib.Dataset.from_dict({"a": values}, features=features)


def text_of(write: str, dataset: Any, **options: Any) -> Any:
    out = io.BytesIO()
    count = getattr(dataset, write)(out, **options)
    return [count, out.getvalue()]


def table_of(dataset: Any, **options: Any) -> Any:
    with closing(sqlite3.connect(":memory:")) as connection:
        return [
            dataset.to_sql("t", connection, **options),
            connection.execute("select * from t").fetchall(),
        ]


def count(batch: Any) -> Any:
    return {"n": [1] * len(batch["x"])}


CALLS: dict[str, Callable[[Any], Any]] = {
    "select negative": lambda lib: numbered(lib).select([-1]),
    "select a negative array": lambda lib: numbered(lib).select(np.array([-1])),
    "select a negative range": lambda lib: numbered(lib).select(range(-2, 1)),
    "select before the start": lambda lib: numbered(lib).select([-20]),
    "select bools": lambda lib: numbered(lib).select([True, False]),
    "skip negative": lambda lib: numbered(lib).skip(-1),
    "select in memory and a file": lambda lib: numbered(lib).select(
        [1], keep_in_memory=True, indices_cache_file_name="x.arrow"
    ),
    "sort in memory and a file": lambda lib: numbered(lib).sort(
        "x", keep_in_memory=True, indices_cache_file_name="x.arrow"
    ),
    "split by seed and generator": lambda lib: numbered(lib).train_test_split(
        0.5, seed=1, generator=np.random.default_rng(3)
    ),
    "a fingerprint that is a path": lambda lib: numbered(lib).select([1], new_fingerprint="../x"),
    "a fingerprint of map that is a path": lambda lib: numbered(lib).map(
        increase, new_fingerprint="../x"
    ),
    "class encode None and its name": lambda lib: lib.Dataset.from_dict(
        {"a": ["None", None, "b"]}
    ).class_encode_column("a", include_nulls=True),
    "align labels to numbers with gaps": lambda lib: numbered(lib).align_labels_with_mapping(
        {"yes": 0, "no": 5, "maybe": 2}, "y"
    ),
    "map a row to two": lambda lib: numbered(lib).map(lambda row: pa.table({"v": [1, 2]})),
    "dictionary columns": lambda lib: (
        (dataset := lib.Dataset.from_dict({"a": pa.array(["x", "y"]).dictionary_encode()})),
        str(dataset.data.schema.types),
        dataset.with_format("arrow")[:].to_pydict(),
    )[1:],
    "arrays in pandas": lambda lib: [
        squares(lib, [[[1, 2], [3, 4]], None]).to_pandas()["a"].tolist(),
        squares(lib, [[[1, 2], [3, 4]]]).with_format("pandas")[0]["a"].tolist(),
    ],
    "arrays of another shape": lambda lib: squares(lib, [[[1, 2, 3]]])[0],
    "numpy arrays of another shape": lambda lib: squares(lib, [np.zeros((3, 3))])[0],
    "select no columns": lambda lib: [
        len(numbered(lib).select_columns([])),
        list(numbered(lib).select_columns([])),
    ],
    "rename to a number": lambda lib: numbered(lib).rename_column("x", 5),
    "to csv numbers": lambda lib: text_of("to_csv", numbers(lib)),
    "to csv numbers by pandas": lambda lib: text_of("to_csv", numbers(lib), quoting=1),
    "to csv nothing by pandas": lambda lib: text_of("to_csv", numbers(lib).take(0), quoting=1),
    "to csv nothing with no such option": lambda lib: text_of(
        "to_csv", numbers(lib).take(0), nope=1
    ),
    "to json numbers by pandas": lambda lib: text_of(
        "to_json", numbers(lib).select_columns(["i", "f"]), date_format="iso"
    ),
    "to json nothing by pandas": lambda lib: text_of(
        "to_json", numbers(lib).take(0), date_format="iso"
    ),
    "to json lines indented": lambda lib: text_of(
        "to_json", numbers(lib).select_columns(["i", "f"]), indent=2
    ),
    "to json with an index that there is not": lambda lib: text_of(
        "to_json", numbers(lib), index=True
    ),
    "to sql numbers by pandas": lambda lib: table_of(
        numbers(lib).select_columns(["i", "f"]), index=True
    ),
    "to sql no such way": lambda lib: table_of(numbers(lib), if_exists="nope"),
    "to polars with types of other columns": lambda lib: numbers(lib).to_polars(
        schema_overrides={"i": pl.Int64, "z": pl.Int8}
    ),
    "map arrow rows to arrow values": lambda lib: (
        numbered(lib).with_format("arrow").map(lambda row: {"x": row["x"]})
    ),
    "map rows to arrow values": lambda lib: numbered(lib).map(
        lambda row: {"v": pa.array([row["x"]])}
    ),
    "map to a series with nothing in it": lambda lib: (
        numbered(lib)
        .take(2)
        .map(
            lambda batch: {
                "s": pd.Series(["a", None]),
                "i": pd.Series([1, None], dtype="Int64"),
            },
            batched=True,
        )
    ),
    "map to days": lambda lib: numbered(lib).map(
        lambda row: {"d": np.array(["2020-01-02"], "datetime64[D]")}
    ),
    "filter pandas rows": lambda lib: (
        numbered(lib).with_format("pandas").filter(lambda row: row["x"] > 3)
    ),
    **{
        f"filter cells of {form}": lambda lib, form=form: (
            numbered(lib)
            .with_format(form)
            .filter(lambda x: (x.as_py() if form == "arrow" else x) > 3, input_columns="x")
        )
        for form in ("arrow", "pandas", "polars", "numpy")
    },
    **{
        f"map {form} rows to dicts, batched: {batched}": lambda lib, form=form, batched=batched: (
            numbered(lib)
            .with_format(form)
            .map(count if batched else lambda row: {"n": 1}, batched=batched)
        )
        for form in ("arrow", "pandas", "polars", "numpy")
        for batched in (False, True)
    },
    **{
        f"map numpy {function.__name__}, batched: {batched}, removed: {removed}": (
            lambda lib, function=function, batched=batched, removed=removed: (
                numbered(lib)
                .with_format("numpy")
                .map(function, batched=batched, remove_columns=removed)
            )
        )
        for function in (increase, forget)
        for batched in (False, True)
        for removed in (None, ["x"], ["y"])
    },
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_comes_to_the_same(name: str, same: Callable[[Callable[[Any], Any]], None]) -> None:
    same(CALLS[name])


@pytest.mark.parametrize("split", [None, "b", "b+a[:1]"])
def test_json_files_of_several_splits(
    split: Any, same: Callable[[Callable[[Any], Any]], None], tmp_path: Path
) -> None:
    for name, text in (("a", '{"x": 1}\n{"x": 2}\n'), ("b", '{"x": 3}\n')):
        (tmp_path / name).write_text(text)
    files = {name: str(tmp_path / name) for name in ("a", "b")}
    same(lambda lib: lib.Dataset.from_json(files, split=split))


def test_an_array_of_another_shape_is_refused_where_it_comes_in(ours: Any) -> None:
    with pytest.raises(ValueError, match=r"4 items along axis 0.*\(2, 2\)"):
        squares(ours, [[[1], [2], [3], [4]]])  # the peer makes it two by two when it is read


def test_datasets_come_from_any_iterable(ours: Any) -> None:
    parts = (numbered(ours).take(n) for n in (1, 2))
    assert ours.concatenate_datasets(parts)["x"] == [0, 0, 1]


def test_a_dataset_without_rows_is_left_out_where_each_row_comes_once(ours: Any) -> None:
    mixed = ours.interleave_datasets(
        [numbered(ours).take(0), numbered(ours).take(3)],
        probabilities=[0.5, 0.5],
        seed=1,
        stopping_strategy="all_exhausted_without_replacement",
    )
    assert mixed["x"] == [0, 1, 2]


def test_flattening_never_gives_a_name_twice(ours: Any) -> None:
    clashing = ours.Dataset.from_dict({"a.b": [1], "a": [{"b": 2}]})
    with pytest.raises(ValueError, match=r"a\.b"):
        clashing.flatten()


def test_an_iterator_of_positions_is_as_good_as_a_list(ours: Any) -> None:
    assert numbered(ours)[iter([3, 1])]["x"] == [3, 1]
    assert numbered(ours)[pa.array([3, 1])]["x"] == [3, 1]
    assert numbered(ours).select([4, 2])[[-1]]["x"] == [2]


def test_positions_stay_in_memory(ours: Any, tmp_path: Path) -> None:
    file = tmp_path / "positions.arrow"
    assert numbered(ours).shuffle(seed=1, indices_cache_file_name=str(file)).num_rows == 9
    assert not file.exists()


def test_a_condition_over_rows_of_polars_is_on_cells(ours: Any) -> None:
    large = numbered(ours).with_format("polars").filter(lambda row: row["x"] > 6)
    assert large.with_format(None)["x"] == [7, 8]


def test_days_stay_days_where_numpy_looks_at_them(ours: Any) -> None:
    days = [date(2020, 1, 2), None]
    looked = ours.Dataset.from_dict({"d": days}).with_format("numpy").map(lambda row: row)
    assert looked.with_format(None)["d"] == days
