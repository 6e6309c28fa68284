"""One call after the other, with both libraries: rows, features, order and kinds of error."""

from __future__ import annotations

import gc
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

# the peer sorts with an option that pyarrow calls deprecated
pytestmark = [
    pytest.mark.filterwarnings("ignore::FutureWarning"),
    # and never closes the event loop of an async map
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = [
    {
        "id": i,
        "text": None if i == 3 else f"row {i}",
        "score": i / 4 if i != 5 else None,
        "tags": [f"t{j}" for j in range(i % 3)],
        "chat": [{"role": "user", "content": f"c{j}"} for j in range(i % 2 + 1)],
        "meta": {"a": i % 3, "b": {"c": str(i)}},
        "flag": i % 2 == 0,
    }
    for i in range(12)
]


def ds(lib: Any) -> Any:
    return lib.Dataset.from_list(ROWS)


def labelled(lib: Any) -> Any:
    features = lib.Features(
        {"x": lib.Value("int64"), "y": lib.ClassLabel(names=["no", "yes", "maybe"])}
    )
    return lib.Dataset.from_dict(
        {"x": list(range(30)), "y": [i % 3 for i in range(30)]}, features=features
    )


def grow(row: Any) -> Any:
    row["tags"].append("new")
    return row


def mark(row: Any) -> Any:
    row["new"] = row["id"] * 2
    return row


def drop_in_place(row: Any) -> Any:
    del row["tags"]
    return row


def look(row: Any) -> Any:
    return {"n": len(row["chat"])}


def halve(batch: Any) -> Any:
    return {"id": batch["id"][::2]}


def as_table(batch: Any) -> Any:
    return pa.table({"z": batch["id"]})


async def later(row: Any) -> Any:
    return {"late": row["id"] + 1}


def collected(made: Any) -> Any:
    gc.collect()  # the loop that the peer leaves open: here, and not in the middle of a later test
    return made


def explode(row: Any) -> Any:
    raise KeyError("mine")


CALLS: dict[str, Callable[[Any], Any]] = {
    "repr": lambda lib: repr(ds(lib)),
    "shape": lambda lib: [ds(lib).shape, len(ds(lib)), ds(lib).num_columns, ds(lib).column_names],
    "item": lambda lib: ds(lib)[0],
    "item negative": lambda lib: ds(lib)[-1],
    "item past the end": lambda lib: ds(lib)[12],
    "item before the start": lambda lib: ds(lib)[-13],
    "item numpy": lambda lib: ds(lib)[np.int64(3)],
    "item bool": lambda lib: ds(lib)[True],
    "item float": lambda lib: ds(lib)[1.0],
    "slice": lambda lib: ds(lib)[2:5],
    "slice step": lambda lib: ds(lib)[1:9:3],
    "slice reversed": lambda lib: ds(lib)[5:1:-2],
    "slice past the end": lambda lib: ds(lib)[10:99],
    "slice empty": lambda lib: ds(lib)[3:3],
    "range": lambda lib: ds(lib)[range(2, 8, 2)],
    "range reversed": lambda lib: ds(lib)[range(8, 2, -2)],
    "range past the end": lambda lib: ds(lib)[range(10, 14)],
    "list": lambda lib: ds(lib)[[3, 1, 1, -1]],
    "list empty": lambda lib: ds(lib)[[]],
    "list past the end": lambda lib: ds(lib)[[3, 40]],
    "tuple": lambda lib: ds(lib)[(1, 2)],
    "array": lambda lib: ds(lib)[np.array([4, 2])],
    "series": lambda lib: ds(lib)[pd.Series([4, 2])],
    "column": lambda lib: ds(lib)["text"],
    "column missing": lambda lib: ds(lib)["nope"],
    "column item": lambda lib: ds(lib)["chat"][1],
    "column slice": lambda lib: ds(lib)["chat"][1:3],
    "column list": lambda lib: ds(lib)["id"][[2, 0]],
    "column past the end": lambda lib: ds(lib)["id"][99],
    "column nested": lambda lib: ds(lib)["meta"]["b"]["c"],
    "column nested item": lambda lib: ds(lib)["meta"]["a"][4],
    "column nested slice": lambda lib: ds(lib)["meta"]["a"][1:4],
    "column nested missing": lambda lib: ds(lib)["meta"]["z"],
    "column equal": lambda lib: [ds(lib)["id"] == list(range(12)), ds(lib)["id"] == ds(lib)["id"]],
    "column contains": lambda lib: [
        3 in ds(lib)["id"],
        99 in ds(lib)["id"],
        ds(lib)["id"].index(4),
    ],
    "iterate": lambda lib: list(ds(lib)),
    "iter": lambda lib: list(ds(lib).iter(5)),
    "iter drop": lambda lib: list(ds(lib).iter(5, drop_last_batch=True)),
    "getitems": lambda lib: ds(lib).__getitems__([3, 1]),
    "select": lambda lib: ds(lib).select([3, 1, 1]),
    "select range": lambda lib: ds(lib).select(range(2, 5)),
    "select range step": lambda lib: ds(lib).select(range(2, 9, 3)),
    "select empty": lambda lib: ds(lib).select([]),
    "select generator": lambda lib: ds(lib).select(i for i in (4, 2)),
    "select past the end": lambda lib: ds(lib).select(range(10, 14)),
    "select one past": lambda lib: ds(lib).select([12]),
    "select twice": lambda lib: ds(lib).select([5, 4, 3, 2]).select([1, 3]),
    "take": lambda lib: ds(lib).take(3),
    "take all": lambda lib: ds(lib).take(99),
    "take none": lambda lib: ds(lib).take(0),
    "skip": lambda lib: ds(lib).skip(9),
    "skip all": lambda lib: ds(lib).skip(12),
    "skip more": lambda lib: ds(lib).skip(13),
    "repeat": lambda lib: ds(lib).take(2).repeat(3),
    "repeat none": lambda lib: ds(lib).repeat(0),
    "repeat forever": lambda lib: ds(lib).repeat(None),
    "shard": lambda lib: [ds(lib).shard(5, i) for i in range(5)],
    "shard apart": lambda lib: ds(lib).shard(5, 1, contiguous=False),
    "shard wrong": lambda lib: ds(lib).shard(5, 5),
    "shuffle": lambda lib: ds(lib).shuffle(seed=3),
    "shuffle generator": lambda lib: ds(lib).shuffle(generator=np.random.default_rng(8)),
    "shuffle both": lambda lib: ds(lib).shuffle(seed=1, generator=np.random.default_rng(8)),
    "shuffle wrong": lambda lib: ds(lib).shuffle(generator=7),
    "shuffle twice": lambda lib: ds(lib).shuffle(seed=3).select(range(8)).shuffle(seed=4),
    "sort": lambda lib: ds(lib).sort("score", reverse=True),
    "sort nulls first": lambda lib: ds(lib).sort("score", null_placement="at_start"),
    "sort several": lambda lib: ds(lib).sort(["flag", "id"], reverse=[False, True]),
    "sort selected": lambda lib: ds(lib).select([7, 3, 9]).sort("id"),
    "sort missing": lambda lib: ds(lib).sort("nope"),
    "sort wrong reverse": lambda lib: ds(lib).sort(["id"], reverse=[True, False]),
    "sort wrong nulls": lambda lib: ds(lib).sort("id", null_placement="middle"),
    "split": lambda lib: ds(lib).train_test_split(0.25, seed=5),
    "split counts": lambda lib: ds(lib).train_test_split(test_size=3, train_size=4, seed=5),
    "split train": lambda lib: ds(lib).train_test_split(train_size=0.5, seed=5),
    "split default": lambda lib: ds(lib).train_test_split(seed=5),
    "split in order": lambda lib: ds(lib).train_test_split(0.3, shuffle=False),
    "split too big": lambda lib: ds(lib).train_test_split(test_size=12),
    "split share too big": lambda lib: ds(lib).train_test_split(test_size=1.0),
    "split shares too big": lambda lib: ds(lib).train_test_split(test_size=0.6, train_size=0.6),
    "split wrong type": lambda lib: ds(lib).train_test_split(test_size="x"),
    "split stratified": lambda lib: labelled(lib).train_test_split(
        0.3, stratify_by_column="y", seed=2
    ),
    "split stratified odd": lambda lib: (
        labelled(lib).select(range(29)).train_test_split(7, stratify_by_column="y", seed=9)
    ),
    "split stratified not": lambda lib: ds(lib).train_test_split(0.3, stratify_by_column="id"),
    "split stratified missing": lambda lib: ds(lib).train_test_split(
        0.3, stratify_by_column="nope"
    ),
    "split stratified in order": lambda lib: labelled(lib).train_test_split(
        0.3, stratify_by_column="y", shuffle=False
    ),
    "unique": lambda lib: [
        ds(lib).unique("flag"),
        ds(lib).unique("text"),
        ds(lib).select([3, 5]).unique("id"),
    ],
    "unique missing": lambda lib: ds(lib).unique("nope"),
    "select columns": lambda lib: ds(lib).select_columns(["flag", "id"]),
    "select column": lambda lib: ds(lib).select_columns("id"),
    "select columns missing": lambda lib: ds(lib).select_columns(["nope"]),
    "remove columns": lambda lib: ds(lib).remove_columns(["flag", "id"]),
    "remove all columns": lambda lib: ds(lib).remove_columns(list(ROWS[0])),
    "remove columns missing": lambda lib: ds(lib).remove_columns("nope"),
    "rename column": lambda lib: ds(lib).rename_column("flag", "banner"),
    "rename column missing": lambda lib: ds(lib).rename_column("nope", "banner"),
    "rename column taken": lambda lib: ds(lib).rename_column("flag", "id"),
    "rename column empty": lambda lib: ds(lib).rename_column("flag", ""),
    "rename columns": lambda lib: ds(lib).rename_columns({"flag": "f", "id": "i"}),
    "rename columns swap": lambda lib: ds(lib).rename_columns({"flag": "id", "id": "flag"}),
    "rename columns missing": lambda lib: ds(lib).rename_columns({"nope": "x"}),
    "rename columns twice": lambda lib: ds(lib).rename_columns({"flag": "x", "id": "x"}),
    "add column": lambda lib: ds(lib).add_column("n", list(range(12))),
    "add column array": lambda lib: ds(lib).add_column("n", np.arange(12, dtype=np.int8)),
    "add column selected": lambda lib: ds(lib).select([2, 0]).add_column("n", ["a", "b"]),
    "add column feature": lambda lib: ds(lib).add_column(
        "n", list(range(12)), feature=lib.Value("int32")
    ),
    "add column taken": lambda lib: ds(lib).add_column("id", list(range(12))),
    "add column short": lambda lib: ds(lib).add_column("n", [1]),
    "add item": lambda lib: ds(lib).take(2).add_item(ROWS[5]),
    "add item partly": lambda lib: (
        ds(lib).take(2).select_columns(["id", "text"]).add_item({"id": 9, "more": "x"})
    ),
    "add item selected": lambda lib: (
        ds(lib).select([4, 2]).select_columns(["id", "text"]).add_item({"id": 9, "text": "x"})
    ),
    "flatten": lambda lib: ds(lib).flatten(),
    "flatten once": lambda lib: ds(lib).flatten(max_depth=2),
    "cast": lambda lib: labelled(lib).cast(
        lib.Features({"x": lib.Value("string"), "y": lib.ClassLabel(names=["a", "b", "c"])})
    ),
    "cast other order": lambda lib: labelled(lib).cast(
        lib.Features({"y": lib.ClassLabel(names=["a", "b", "c"]), "x": lib.Value("int32")})
    ),
    "cast missing": lambda lib: labelled(lib).cast(lib.Features({"x": lib.Value("string")})),
    "cast impossible": lambda lib: ds(lib).cast_column("text", lib.Value("int64")),
    "cast column": lambda lib: ds(lib).cast_column("id", lib.Value("float32")),
    "cast to labels": lambda lib: labelled(lib).cast_column("x", lib.ClassLabel(num_classes=30)),
    "cast text to labels": lambda lib: lib.Dataset.from_dict({"y": ["b", "a"]}).cast_column(
        "y", lib.ClassLabel(names=["a", "b"])
    ),
    "class encode": lambda lib: ds(lib).class_encode_column("text"),
    "class encode nulls": lambda lib: ds(lib).class_encode_column("text", include_nulls=True),
    "class encode flag": lambda lib: ds(lib).class_encode_column("flag"),
    "class encode list": lambda lib: ds(lib).class_encode_column("tags"),
    "class encode missing": lambda lib: ds(lib).class_encode_column("nope"),
    "align labels": lambda lib: labelled(lib).align_labels_with_mapping(
        {"YES": 0, "maybe": 1, "NO": 2}, "y"
    ),
    "batch": lambda lib: ds(lib).batch(5),
    "batch drop": lambda lib: ds(lib).batch(5, drop_last_batch=True),
    "batch by column": lambda lib: labelled(lib).sort("y").batch(by_column="y"),
    "batch by columns": lambda lib: ds(lib).remove_columns("text").batch(by_column=["flag", "id"]),
    "batch nothing": lambda lib: ds(lib).batch(),
    "map": lambda lib: ds(lib).map(look),
    "map nothing": lambda lib: ds(lib).map(),
    "map none": lambda lib: ds(lib).map(lambda row: None),
    "map in place": lambda lib: ds(lib).map(grow),
    "map assign": lambda lib: ds(lib).map(mark),
    "map delete": lambda lib: ds(lib).map(drop_in_place),
    "map or": lambda lib: ds(lib).map(lambda row: row | {"more": 1}),
    "map replace": lambda lib: ds(lib).map(lambda row: {"id": str(row["id"])}),
    "map replace float": lambda lib: ds(lib).map(lambda row: {"id": row["id"] + 0.5}),
    "map keep type": lambda lib: (
        ds(lib).cast_column("id", lib.Value("int8")).map(lambda row: {"id": row["id"] + 1})
    ),
    "map infer type": lambda lib: (
        ds(lib)
        .cast_column("id", lib.Value("int8"))
        .map(lambda batch: {"id": batch["id"]}, batched=True, try_original_type=False)
    ),
    "map labels": lambda lib: labelled(lib).map(lambda row: {"y": 2 - row["y"]}),
    "map numpy": lambda lib: ds(lib).map(
        lambda row: {"v": np.ones(3, dtype=np.float32) * row["id"]}
    ),
    "map numpy 2d": lambda lib: ds(lib).map(lambda row: {"v": np.ones((2, 2)) * row["id"]}),
    "map numpy scalar": lambda lib: ds(lib).map(lambda row: {"v": np.float32(row["id"])}),
    "map none values": lambda lib: ds(lib).map(lambda row: {"v": None}),
    "map some none values": lambda lib: ds(lib).map(
        lambda row: {"v": None if row["flag"] else row["id"]}
    ),
    "map mixed": lambda lib: ds(lib).map(lambda row: {"v": row["id"] if row["flag"] else "x"}),
    "map mixed dicts": lambda lib: ds(lib).map(
        lambda row: {"v": {"a": 1} if row["flag"] else {"b": "x"}}
    ),
    "map mixed not": lambda lib: ds(lib).map(
        lambda row: {"v": row["id"] if row["flag"] else "x"}, on_mixed_types=None
    ),
    "map ragged dicts padded": lambda lib: ds(lib).map(
        lambda row: {"v": {"a": 1} if row["flag"] else {"b": "x"}}, on_mixed_types=None
    ),
    "map input ids": lambda lib: ds(lib).map(
        lambda row: {"input_ids": [row["id"]], "attention_mask": [1]}
    ),
    "map indices": lambda lib: ds(lib).map(lambda row, i: {"i": i}, with_indices=True),
    "map indices selected": lambda lib: (
        ds(lib).select([5, 3]).map(lambda row, i: {"i": i}, with_indices=True)
    ),
    "map rank": lambda lib: ds(lib).map(lambda row, r: {"r": r}, with_rank=True),
    "map input column": lambda lib: ds(lib).map(lambda v: {"n": v + 1}, input_columns="id"),
    "map input columns": lambda lib: ds(lib).map(
        lambda v, w: {"n": v, "w": w}, input_columns=["id", "chat"]
    ),
    "map input columns missing": lambda lib: ds(lib).map(
        lambda v: {"n": v}, input_columns=["nope"]
    ),
    "map remove": lambda lib: ds(lib).map(look, remove_columns=["chat", "meta"]),
    "map remove all": lambda lib: ds(lib).map(look, remove_columns=list(ROWS[0])),
    "map remove and give": lambda lib: ds(lib).map(
        lambda row: {"id": -row["id"]}, remove_columns=["id", "text"]
    ),
    "map remove and give row": lambda lib: ds(lib).map(mark, remove_columns=["id", "text"]),
    "map remove missing": lambda lib: ds(lib).map(look, remove_columns=["nope"]),
    "map kwargs": lambda lib: ds(lib).map(lambda row, k: {"n": row["id"] * k}, fn_kwargs={"k": 3}),
    "map features": lambda lib: labelled(lib).map(
        lambda row: {"z": row["x"]},
        features=lib.Features(
            {
                "x": lib.Value("int32"),
                "y": lib.ClassLabel(names=["no", "yes", "maybe"]),
                "z": lib.Value("string"),
            }
        ),
    ),
    "map features order": lambda lib: labelled(lib).map(
        lambda row: {"z": row["x"]},
        features=lib.Features(
            {"z": lib.Value("float64"), "x": lib.Value("int64"), "y": lib.Value("int64")}
        ),
    ),
    "map text": lambda lib: ds(lib).map(lambda row: "x"),
    "map number": lambda lib: ds(lib).map(lambda row: 5),
    "map table": lambda lib: ds(lib).map(lambda row: pa.table({"z": [row["id"]]})),
    "map error": lambda lib: ds(lib).map(explode),
    "map async": lambda lib: collected(ds(lib).map(later)),
    "map batched": lambda lib: ds(lib).map(
        lambda b: {"n": [v * 2 for v in b["id"]]}, batched=True, batch_size=5
    ),
    "map batched all": lambda lib: ds(lib).map(
        lambda b: {"n": [len(b["id"])] * len(b["id"])}, batched=True, batch_size=None
    ),
    "map batched in place": lambda lib: ds(lib).map(
        lambda b: {**b, "id": [v + 1 for v in b["id"]]}, batched=True, batch_size=5
    ),
    "map batched drop": lambda lib: ds(lib).map(
        lambda b: {"n": b["id"]}, batched=True, batch_size=5, drop_last_batch=True
    ),
    "map batched fewer": lambda lib: ds(lib).map(halve, batched=True, remove_columns=list(ROWS[0])),
    "map batched fewer beside": lambda lib: ds(lib).map(halve, batched=True),
    "map batched lengths": lambda lib: ds(lib).map(
        lambda b: {"a": [1], "b": [1, 2]}, batched=True, remove_columns=list(ROWS[0])
    ),
    "map batched more": lambda lib: ds(lib).map(
        lambda b: {"n": b["id"] + b["id"]}, batched=True, batch_size=4, remove_columns=list(ROWS[0])
    ),
    "map batched arrays": lambda lib: ds(lib).map(
        lambda b: {"n": np.asarray(b["id"]) * 2}, batched=True
    ),
    "map batched series": lambda lib: ds(lib).map(
        lambda b: {"n": pd.Series(b["id"]) * 2}, batched=True
    ),
    "map batched matrix": lambda lib: ds(lib).map(
        lambda b: {"n": np.ones((len(b["id"]), 2))}, batched=True
    ),
    "map batched scalar": lambda lib: ds(lib).map(lambda b: {"n": 1}, batched=True),
    "map batched table": lambda lib: ds(lib).map(as_table, batched=True, batch_size=5),
    "map batched pandas": lambda lib: ds(lib).map(
        lambda b: pd.DataFrame({"z": b["id"]}), batched=True
    ),
    "map batched polars": lambda lib: ds(lib).map(
        lambda b: pl.DataFrame({"z": b["id"]}), batched=True
    ),
    "map batched indices": lambda lib: ds(lib).map(
        lambda b, i: {"i": i}, batched=True, batch_size=5, with_indices=True
    ),
    "map batched empty dict": lambda lib: ds(lib).map(lambda b: {}, batched=True),
    "map numpy format": lambda lib: (
        ds(lib).with_format("numpy").map(lambda row: {"s": row["id"] + 1})
    ),
    "map numpy format batched": lambda lib: (
        ds(lib).with_format("numpy").map(lambda b: {"s": b["id"] + 1}, batched=True)
    ),
    "map arrow format": lambda lib: (
        ds(lib).with_format("arrow").map(lambda t: t.append_column("k", t["id"]), batched=True)
    ),
    "map pandas format": lambda lib: (
        ds(lib)
        .select_columns(["id", "flag"])
        .with_format("pandas")
        .map(lambda f: f.assign(k=f["id"] * 2), batched=True)
    ),
    "map on empty": lambda lib: ds(lib).select([]).map(look, remove_columns=["id"]),
    "map suffix wrong": lambda lib: ds(lib).map(look, suffix_template="x"),
    "map num_proc wrong": lambda lib: ds(lib).map(look, num_proc=-1),
    "map two files": lambda lib: ds(lib).map(look, keep_in_memory=True, cache_file_name="x.arrow"),
    "filter": lambda lib: ds(lib).filter(lambda row: row["id"] > 7),
    "filter none": lambda lib: ds(lib).filter(lambda row: False),
    "filter nothing": lambda lib: ds(lib).filter(),
    "filter batched": lambda lib: ds(lib).filter(
        lambda b: [v > 7 for v in b["id"]], batched=True, batch_size=5
    ),
    "filter batched array": lambda lib: ds(lib).filter(
        lambda b: np.asarray(b["id"]) > 7, batched=True
    ),
    "filter indices": lambda lib: ds(lib).filter(lambda row, i: i % 2, with_indices=True),
    "filter input columns": lambda lib: ds(lib).filter(
        lambda v, f: v > 4 and f, input_columns=["id", "flag"]
    ),
    "filter selected": lambda lib: ds(lib).select([9, 3, 8]).filter(lambda row: row["id"] > 7),
    "filter kwargs": lambda lib: ds(lib).filter(lambda row, k: row["id"] > k, fn_kwargs={"k": 9}),
    "filter numpy format": lambda lib: (
        ds(lib).with_format("numpy").filter(lambda row: row["id"] > 7)
    ),
    "filter then map": lambda lib: ds(lib).filter(lambda row: row["flag"]).map(look),
    "flatten indices": lambda lib: ds(lib).select([3, 1]).flatten_indices(),
    "concatenate": lambda lib: lib.concatenate_datasets([ds(lib).take(2), ds(lib).skip(9)]),
    "concatenate shuffled": lambda lib: lib.concatenate_datasets(
        [ds(lib).shuffle(seed=1), ds(lib).take(1)]
    ),
    "concatenate columns": lambda lib: lib.concatenate_datasets(
        [
            ds(lib).select_columns(["id", "chat"]).take(2),
            ds(lib).select_columns(["chat", "text"]).take(2),
        ]
    ),
    "concatenate struct order": lambda lib: lib.concatenate_datasets(
        [
            lib.Dataset.from_dict({"m": [[{"role": "a", "content": "b"}]]}),
            lib.Dataset.from_dict({"m": [[{"content": "c", "role": "d"}]]}),
        ]
    ),
    "concatenate structs": lambda lib: lib.concatenate_datasets(
        [lib.Dataset.from_dict({"m": [{"a": 1}]}), lib.Dataset.from_dict({"m": [{"a": 1, "b": 2}]})]
    ),
    "concatenate null": lambda lib: lib.concatenate_datasets(
        [lib.Dataset.from_dict({"m": [None]}), lib.Dataset.from_dict({"m": ["x"]})]
    ),
    "concatenate types": lambda lib: lib.concatenate_datasets(
        [lib.Dataset.from_dict({"m": [1]}), lib.Dataset.from_dict({"m": ["x"]})]
    ),
    "concatenate beside": lambda lib: lib.concatenate_datasets(
        [ds(lib).select_columns("id"), ds(lib).select_columns("text")], axis=1
    ),
    "concatenate beside selected": lambda lib: lib.concatenate_datasets(
        [ds(lib).select_columns("id").shuffle(seed=1), ds(lib).select_columns("text")], axis=1
    ),
    "concatenate beside taken": lambda lib: lib.concatenate_datasets([ds(lib), ds(lib)], axis=1),
    "concatenate beside lengths": lambda lib: lib.concatenate_datasets(
        [ds(lib).select_columns("id"), ds(lib).select_columns("text").take(2)], axis=1
    ),
    "concatenate empty": lambda lib: lib.concatenate_datasets(
        [ds(lib).select([]), ds(lib).take(2)]
    ),
    "concatenate nothing": lambda lib: lib.concatenate_datasets([]),
    "concatenate dict": lambda lib: lib.concatenate_datasets(
        [ds(lib).train_test_split(0.5, seed=1)]
    ),
    "interleave": lambda lib: lib.interleave_datasets([ds(lib), ds(lib).take(3)]),
    "interleave all": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib).take(3)], stopping_strategy="all_exhausted"
    ),
    "interleave once": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib).take(3)], stopping_strategy="all_exhausted_without_replacement"
    ),
    "interleave wrong": lambda lib: lib.interleave_datasets([ds(lib)], stopping_strategy="x"),
    "interleave chance": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib).take(3)], probabilities=[0.3, 0.7], seed=3
    ),
    "interleave chance all": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib).take(3)],
        probabilities=[0.3, 0.7],
        seed=3,
        stopping_strategy="all_exhausted",
    ),
    "interleave chance once": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib).take(3)],
        probabilities=[0.3, 0.7],
        seed=3,
        stopping_strategy="all_exhausted_without_replacement",
    ),
    "interleave empty": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib).take(0)], probabilities=[0.3, 0.7], seed=3
    ),
    "interleave impossible": lambda lib: lib.interleave_datasets(
        [ds(lib), ds(lib)], probabilities=[1.0, 0.0], seed=3, stopping_strategy="all_exhausted"
    ),
    "to dict": lambda lib: ds(lib).to_dict(),
    "to dict batched": lambda lib: list(ds(lib).to_dict(batch_size=5, batched=True)),
    "to list": lambda lib: ds(lib).shuffle(seed=1).to_list(),
    "to pandas": lambda lib: ds(lib).select_columns(["id", "text", "score", "flag"]).to_pandas(),
    "to polars": lambda lib: ds(lib).to_polars(),
    "format": lambda lib: [ds(lib).format, ds(lib).with_format("np", columns=["id"]).format],
    "format wrong": lambda lib: ds(lib).with_format("nope"),
    "format columns missing": lambda lib: ds(lib).with_format("numpy", columns=["nope"]),
    "format columns": lambda lib: ds(lib).with_format(columns=["id"])[0],
    "format all columns": lambda lib: ds(lib).with_format(
        "numpy", columns=["id"], output_all_columns=True
    )[0],
    "format all columns batch": lambda lib: ds(lib).with_format(
        "numpy", columns=["id"], output_all_columns=True
    )[:3],
    "format iterate columns": lambda lib: list(
        ds(lib).with_format(columns=["id"], output_all_columns=True)
    ),
    "numpy row": lambda lib: ds(lib).with_format("numpy")[1],
    "numpy batch": lambda lib: ds(lib).with_format("numpy")[:4],
    "numpy column": lambda lib: [
        ds(lib).with_format("numpy")[n][:] for n in ("id", "score", "flag", "text")
    ],
    "numpy rows": lambda lib: list(ds(lib).with_format("numpy")),
    "numpy dtype": lambda lib: (
        ds(lib).select_columns("id").with_format("numpy", dtype=np.float16)[:3]
    ),
    "arrow row": lambda lib: ds(lib).with_format("arrow")[1],
    "arrow column": lambda lib: ds(lib).with_format("arrow")["id"],
    "arrow column missing": lambda lib: ds(lib).with_format("arrow")["nope"],
    "arrow batch": lambda lib: ds(lib).with_format("arrow")[2:4],
    "pandas row": lambda lib: ds(lib).select_columns(["id", "text"]).with_format("pandas")[1],
    "pandas column": lambda lib: ds(lib).with_format("pandas")["id"],
    "polars batch": lambda lib: ds(lib).with_format("polars")[2:4],
    "polars column": lambda lib: ds(lib).with_format("polars")["text"],
    "transform": lambda lib: ds(lib).with_transform(lambda b: {"n": [v + 1 for v in b["id"]]})[:3],
    "transform row": lambda lib: ds(lib).with_transform(lambda b: {"n": [v + 1 for v in b["id"]]})[
        2
    ],
    "transform rows": lambda lib: list(
        ds(lib).with_transform(lambda b: {"n": [v + 1 for v in b["id"]]})
    ),
    "transform column": lambda lib: ds(lib).with_transform(
        lambda b: {"n": [v + 1 for v in b["id"]]}
    )["id"][:2],
    "transform wrong": lambda lib: ds(lib).with_transform(lambda b: 5)[0],
    "format after map": lambda lib: (
        ds(lib).with_format("numpy", columns=["id"]).map(lambda r: {"k": r["id"]})
    ),
    "format after rename": lambda lib: (
        ds(lib).with_format("numpy", columns=["id"]).rename_column("id", "i")
    ),
    "format after remove": lambda lib: (
        ds(lib).with_format("numpy", columns=["id", "flag"]).remove_columns("id")
    ),
    "format after select": lambda lib: ds(lib).with_format("numpy", columns=["id"]).select([2, 1]),
    "format after shuffle": lambda lib: ds(lib).with_format("numpy").shuffle(seed=2),
    "metadata": lambda lib: ds(lib).rename_column("id", "i").data.schema.metadata[b"huggingface"],
    "from dict empty": lambda lib: lib.Dataset.from_dict({}),
    "from dict lengths": lambda lib: lib.Dataset.from_dict({"a": [1, 2], "b": [1]}),
    "from dict mixed": lambda lib: lib.Dataset.from_dict({"a": [1, "x"]}),
    "from dict mixed json": lambda lib: lib.Dataset.from_dict(
        {"a": [1, "x", {"b": 1}]}, on_mixed_types="use_json"
    ),
    "from dict cast": lambda lib: lib.Dataset.from_dict(
        {"a": [1, 2], "b": [True, False]},
        features=lib.Features({"a": lib.Value("string"), "b": lib.Value("int32")}),
    ),
    "from dict impossible": lambda lib: lib.Dataset.from_dict(
        {"a": ["x"]}, features=lib.Features({"a": lib.Value("int64")})
    ),
    "from dict labels": lambda lib: lib.Dataset.from_dict(
        {"a": ["y", "n", 1]}, features=lib.Features({"a": lib.ClassLabel(names=["n", "y"])})
    ),
    "from dict json": lambda lib: lib.Dataset.from_dict(
        {"a": [[{"b": 0}, {"c": 0}], None]}, features=lib.Features({"a": lib.List(lib.Json())})
    ),
    "from dict json rows": lambda lib: list(
        lib.Dataset.from_dict(
            {"a": [{"b": 0}, {"c": 0}, None]}, features=lib.Features({"a": lib.Json()})
        )
    ),
    "from dict arrow": lambda lib: lib.Dataset.from_dict({"a": pa.array([1, 2], pa.int16())}),
    "from dict dictionary": lambda lib: lib.Dataset(
        pa.table({"a": pa.array(["x", "y", "x"]).dictionary_encode()})
    ),
    "from dict numpy": lambda lib: lib.Dataset.from_dict(
        {"a": np.arange(3, dtype=np.int16), "b": np.ones((3, 2))}
    ),
    "from dict array2d": lambda lib: lib.Dataset.from_dict(
        {"a": [[[1, 2], [3, 4]], None]}, features=lib.Features({"a": lib.Array2D((2, 2), "int32")})
    ),
    "from list first row": lambda lib: lib.Dataset.from_list([{"a": 1}, {"a": 2, "b": 3}, {}]),
    "from list nested": lambda lib: lib.Dataset.from_list([{"a": {"x": 1}}, {"a": {"y": "z"}}]),
    "from list nulls": lambda lib: lib.Dataset.from_list([{"a": None}, {"a": None}]),
    "from list empty": lambda lib: lib.Dataset.from_list([]),
    "from list tools": lambda lib: lib.Dataset.from_list(
        [
            {
                "m": [
                    {"role": "user", "content": "x"},
                    {"role": "tool", "calls": [{"args": {"a": 1}}, {"args": {"b": "c"}}]},
                ]
            }
        ],
        on_mixed_types="use_json",
    ),
    "from pandas": lambda lib: lib.Dataset.from_pandas(
        pd.DataFrame({"a": [1, 2], "b": ["x", None]})
    ),
    "from pandas index": lambda lib: lib.Dataset.from_pandas(
        pd.DataFrame({"a": [1, 2]}, index=["p", "q"])
    ),
    "from pandas impossible": lambda lib: lib.Dataset.from_pandas(
        pd.DataFrame({"a": [[1]]}), features=lib.Features({"a": lib.Value("int64")})
    ),
    "from polars": lambda lib: lib.Dataset.from_polars(
        pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    ),
    "from polars lazy": lambda lib: lib.Dataset.from_polars(pl.LazyFrame({"a": [1, 2]})),
    "dict repr": lambda lib: repr(ds(lib).train_test_split(0.5, seed=1)),
    "dict shape": lambda lib: [
        getattr(ds(lib).train_test_split(0.5, seed=1), n)
        for n in ("shape", "num_rows", "num_columns", "column_names")
    ],
    "dict key": lambda lib: ds(lib).train_test_split(0.5, seed=1)[0],
    "dict missing": lambda lib: ds(lib).train_test_split(0.5, seed=1)["nope"],
    "dict map": lambda lib: ds(lib).train_test_split(0.5, seed=1).map(look),
    "dict map split": lambda lib: (
        ds(lib).train_test_split(0.5, seed=1).map(lambda r, s: {"s": str(s)}, with_split=True)
    ),
    "dict filter": lambda lib: ds(lib).train_test_split(0.5, seed=1).filter(lambda r: r["flag"]),
    "dict shuffle": lambda lib: ds(lib).train_test_split(0.5, seed=1).shuffle(seed=4),
    "dict shuffle seeds": lambda lib: (
        ds(lib).train_test_split(0.5, seed=1).shuffle(seeds={"train": 1, "test": 2})
    ),
    "dict shuffle both": lambda lib: ds(lib).train_test_split(0.5, seed=1).shuffle(seeds=1, seed=2),
    "dict sort": lambda lib: ds(lib).train_test_split(0.5, seed=1).sort("score"),
    "dict unique": lambda lib: ds(lib).train_test_split(0.5, seed=1).unique("flag"),
    "dict cast column": lambda lib: (
        ds(lib).train_test_split(0.5, seed=1).cast_column("id", lib.Value("string"))
    ),
    "dict rename": lambda lib: ds(lib).train_test_split(0.5, seed=1).rename_columns({"id": "i"}),
    "dict flatten": lambda lib: ds(lib).train_test_split(0.5, seed=1).flatten(),
    "dict wrong values": lambda lib: lib.DatasetDict({"a": 5}).map(look),
    "partial": lambda lib: ds(lib).map(partial(lambda row, k: {"k": k}, k=4)),
}


@pytest.mark.parametrize("name", CALLS)
def test_a_call_comes_to_the_same(name: str, same: Callable[[Callable[[Any], Any]], None]) -> None:
    same(CALLS[name])
