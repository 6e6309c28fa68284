"""States of streams: exact, small, and refused where they do not belong."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from crucible_datasets.stream import IterableDataset, concatenate, interleave
from crucible_datasets.stream.state import StreamStateError

CHAINS = {
    "plain": lambda ds: ds,
    "map": lambda ds: ds.map(double),
    "filter": lambda ds: ds.filter(odd),
    "batched map": lambda ds: ds.map(explode, batched=True, batch_size=7),
    "batched filter": lambda ds: ds.filter(odd_batch, batched=True, batch_size=7),
    "shuffle": lambda ds: ds.shuffle(seed=1, buffer_size=30),
    "shuffle of rows": lambda ds: ds.map(double).shuffle(seed=1, buffer_size=30),
    "shuffle and batch": lambda ds: ds.shuffle(seed=1, buffer_size=30).batch(7),
    "skip, take, repeat": lambda ds: ds.skip(9).take(40).repeat(3),
    "interleave": lambda ds: interleave(
        [ds, ds.shuffle(seed=2, buffer_size=9)],
        [0.3, 0.7],
        seed=5,
        stopping_strategy="all_exhausted",
    ),
    "concatenate": lambda ds: concatenate([ds.take(30), ds.skip(60)]),
    "async map": lambda ds: ds.map(double_slowly),
    "columns": lambda ds: ds.rename_column("s", "t").remove_columns("t"),
    "runs": lambda ds: ds.map(tens).batch(by_column="ten"),
    "prefetch": lambda ds: ds.shuffle(seed=1, buffer_size=30).map(double).prefetch(2),
    "added column": lambda ds: ds.add_column("n", list(range(100))),
    "beside": lambda ds: concatenate([ds, ds.rename_columns({"a": "b", "s": "t"})], axis=1),
    "all together": lambda ds: (
        interleave([ds.shuffle(seed=1, buffer_size=8), ds.map(double).remove_columns("b")])
        .shuffle(seed=4, buffer_size=20)
        .map(explode, batched=True, batch_size=6)
        .skip(3)
        .batch(4)
    ),
}


def double(row: dict[str, Any]) -> dict[str, Any]:
    return {"b": row["a"] * 2}


async def double_slowly(row: dict[str, Any]) -> dict[str, Any]:
    return {"b": row["a"] * 2}


def tens(row: dict[str, Any]) -> dict[str, Any]:
    return {"ten": row["a"] // 10}


def odd(row: dict[str, Any]) -> bool:
    return row["a"] % 2 == 1


def odd_batch(batch: dict[str, list[Any]]) -> list[bool]:
    return [a % 2 == 1 for a in batch["a"]]


def explode(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [v for v in values for _ in range(2)] for name, values in batch.items()}


@pytest.mark.parametrize("chain", CHAINS.values(), ids=CHAINS)
def test_a_state_after_any_row_goes_on_exactly(numbers: Any, chain: Any) -> None:
    stream = chain(numbers(100, 6))
    whole = list(stream)
    for cut in range(0, len(whole) + 1, max(1, len(whole) // 12)):
        rows = iter(stream)
        seen = [next(rows) for _ in range(cut)]
        text = json.dumps(stream.state_dict())
        fresh = chain(numbers(100, 6))
        fresh.load_state_dict(json.loads(text))

        assert seen + list(fresh) == whole
        assert len(text) < 10_000


def test_a_state_is_small_whatever_the_buffer_holds(numbers: Any) -> None:
    stream = numbers(60_000, 12).shuffle(seed=1, buffer_size=10_000)
    rows = iter(stream)
    for _ in range(30_000):
        next(rows)

    assert len(json.dumps(stream.state_dict())) < 2_000


def test_a_generator_of_another_kind_is_restored_too(numbers: Any) -> None:
    stream = numbers(200).shuffle(
        generator=np.random.Generator(np.random.MT19937(3)), buffer_size=20
    )
    whole = list(stream)
    rows = iter(stream)
    seen = [next(rows) for _ in range(77)]
    text = json.dumps(stream.state_dict())
    stream.load_state_dict(json.loads(text))

    assert seen + list(stream) == whole
    assert len(text) < 10_000


def test_the_iteration_after_a_resumed_one_is_whole(numbers: Any) -> None:
    stream = numbers(10)
    rows = iter(stream)
    next(rows)
    stream.load_state_dict(stream.state_dict())

    assert len(list(stream)) == 9
    assert len(list(stream)) == 10


def test_a_state_brings_its_epoch(numbers: Any) -> None:
    stream = numbers(50, 5).shuffle(seed=1, buffer_size=10)
    stream.set_epoch(2)
    whole = list(stream)
    rows = iter(stream)
    seen = [next(rows) for _ in range(20)]
    state = stream.state_dict()
    fresh = numbers(50, 5).shuffle(seed=1, buffer_size=10)
    fresh.load_state_dict(state)

    assert fresh.epoch == 2
    assert seen + list(fresh) == whole


def test_another_epoch_begins_anew(numbers: Any) -> None:
    stream = numbers(50, 5)
    rows = iter(stream)
    next(rows)
    stream.load_state_dict(stream.state_dict())
    stream.set_epoch(1)

    assert len(list(stream)) == 50


def test_a_state_taken_before_the_first_row_is_the_beginning(numbers: Any) -> None:
    stream = numbers(10)
    list(stream)
    rows = iter(stream)
    stream.load_state_dict(stream.state_dict())
    del rows

    assert len(list(stream)) == 10


def test_a_state_of_other_data_is_refused(parquet: Any) -> None:
    state = IterableDataset.from_parquet(parquet(100)).state_dict()

    with pytest.raises(StreamStateError, match="digest of the data"):
        IterableDataset.from_parquet(parquet(99)).load_state_dict(state)


def test_a_state_of_other_steps_is_refused(numbers: Any) -> None:
    state = numbers(100).shuffle(seed=1).state_dict()

    with pytest.raises(StreamStateError, match="digest of the steps"):
        numbers(100).shuffle(seed=2).load_state_dict(state)


def test_something_else_is_no_state(numbers: Any) -> None:
    with pytest.raises(StreamStateError, match="what state_dict"):
        numbers(3).load_state_dict({"epoch": 0})


def test_the_error_survives_pickling() -> None:
    import pickle

    error = StreamStateError("the version", "1", "2", "start anew")

    assert str(pickle.loads(pickle.dumps(error))) == str(error)
