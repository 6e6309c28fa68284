"""Chains of operations, drawn at random: the peer's rows and order, and exact resumption."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import datasets as peer
import datasets.distributed
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crucible_datasets import stream
from crucible_datasets.info import DatasetInfo
from crucible_datasets.schema import Features
from crucible_datasets.stream.opening import RowsShard
from crucible_datasets.stream.source import TableSource
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from pathlib import Path

LAW = settings(
    deadline=None, max_examples=25, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)

Chain = list[tuple[str, dict[str, Any]]]


def columns(n: int, first: int = 0) -> dict[str, list[Any]]:
    numbers = range(first, first + n)
    return {
        "a": list(numbers),
        "s": [f"row {i}" for i in numbers],
        "l": [[i] * (1 + i % 3) for i in numbers],
    }


def ours(n: int, shards: int, first: int = 0) -> stream.IterableDataset:
    table = pa.table(columns(n, first))
    features = Features.from_arrow_schema(table.schema)
    rows = Table.from_arrow(table)
    each, more = divmod(n, shards)
    starts = [each * i + min(i, more) for i in range(shards + 1)]
    runs = tuple(RowsShard(rows, a, b) for a, b in itertools.pairwise(starts))
    return stream.IterableDataset(TableSource(runs, features), DatasetInfo(features=features))


def theirs(n: int, shards: int, first: int = 0) -> peer.IterableDataset:
    return peer.Dataset.from_dict(columns(n, first)).to_iterable_dataset(num_shards=shards)


def double(row: dict[str, Any]) -> dict[str, Any]:
    return {"b": row["a"] * 2}


def number(row: dict[str, Any], index: int) -> dict[str, Any]:
    return {"i": index}


def twice(batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return {name: [value for value in values for _ in range(2)] for name, values in batch.items()}


def odd_text(row: dict[str, Any]) -> bool:
    return len(str(row)) % 2 == 1


def keep_some(batch: dict[str, list[Any]]) -> list[bool]:
    return [len(str(values)) % 3 > 0 for values in zip(*batch.values(), strict=True)]


sizes = st.integers(1, 40)
seeds = st.integers(0, 5)
steps = st.one_of(
    st.tuples(st.just("shuffle"), st.fixed_dictionaries({"seed": seeds, "buffer_size": sizes})),
    st.tuples(
        st.just("shuffle"),
        st.fixed_dictionaries(
            {"seed": seeds, "buffer_size": sizes, "max_buffer_input_shards": st.integers(1, 4)}
        ),
    ),
    st.tuples(st.just("take"), st.fixed_dictionaries({"n": st.integers(0, 80)})),
    st.tuples(st.just("skip"), st.fixed_dictionaries({"n": st.integers(0, 30)})),
    st.tuples(st.just("repeat"), st.fixed_dictionaries({"num_times": st.integers(1, 2)})),
    st.just(("map", {"function": double})),
    st.just(("map", {"function": number, "with_indices": True})),
    st.tuples(
        st.just("map"),
        st.fixed_dictionaries(
            {"function": st.just(twice), "batched": st.just(True), "batch_size": sizes}
        ),
    ),
    st.just(("filter", {"function": odd_text})),
    st.tuples(
        st.just("filter"),
        st.fixed_dictionaries(
            {"function": st.just(keep_some), "batched": st.just(True), "batch_size": sizes}
        ),
    ),
    st.just(("rename_column", {"original_column_name": "s", "new_column_name": "t"})),
    st.just(("remove_columns", {"column_names": ["l"]})),
    st.just(("select_columns", {"column_names": ["a"]})),
)
FINAL = st.tuples(
    st.just("batch"),
    st.fixed_dictionaries({"batch_size": sizes, "drop_last_batch": st.booleans()}),
)


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    """Up to five operations that can follow each other."""
    found: Chain = []
    present = {"a", "s", "l"}
    for name, arguments in draw(st.lists(steps, max_size=5)):
        if name == "rename_column" and not ({"s"} <= present and "t" not in present):
            continue
        if name == "rename_column":
            present = (present - {"s"}) | {"t"}
        if name == "remove_columns":
            if "l" not in present:
                continue
            present = present - {"l"}
        if name == "select_columns":
            present = {"a"}
        found.append((name, arguments))
    if draw(st.booleans()):
        found.append(draw(FINAL))
    return found


def applied(dataset: Any, chain: Chain) -> Any:
    for name, arguments in chain:
        dataset = getattr(dataset, name)(**arguments)
    return dataset


@LAW
@given(chain=chains(), n=st.integers(1, 90), shards=st.integers(1, 14), epoch=st.integers(0, 2))
def test_rows_and_their_order_are_the_peers(chain: Chain, n: int, shards: int, epoch: int) -> None:
    shards = min(n, shards)
    mine, other = applied(ours(n, shards), chain), applied(theirs(n, shards), chain)
    mine.set_epoch(epoch)
    other.set_epoch(epoch)

    assert list(mine) == list(other)


@LAW
@given(
    chain=chains(),
    n=st.integers(1, 90),
    shards=st.integers(1, 14),
    epoch=st.integers(0, 1),
    cuts=st.lists(st.floats(0, 1), min_size=1, max_size=3),
)
def test_a_stream_cut_anywhere_goes_on_exactly(
    chain: Chain, n: int, shards: int, epoch: int, cuts: list[float]
) -> None:
    dataset = applied(ours(n, min(n, shards)), chain)
    dataset.set_epoch(epoch)
    whole = list(dataset)

    state = None
    seen: list[Any] = []
    for cut in sorted(cuts):
        dataset = applied(ours(n, min(n, shards)), chain)
        dataset.set_epoch(epoch)
        if state is not None:
            dataset.load_state_dict(state)
        rows = iter(dataset)
        while len(seen) < int(cut * len(whole)):
            seen.append(next(rows))
        text = json.dumps(dataset.state_dict())
        assert len(text) < 10_000
        state = json.loads(text)
    dataset.load_state_dict(state)

    assert seen + list(dataset) == whole


@LAW
@given(
    sizes=st.lists(st.integers(1, 25), min_size=1, max_size=4),
    shards=st.integers(1, 4),
    weights=st.lists(st.integers(1, 9), min_size=4, max_size=4),
    random=st.booleans(),
    seed=seeds,
    stopping=st.sampled_from(
        ["first_exhausted", "all_exhausted", "all_exhausted_without_replacement"]
    ),
    below=st.sampled_from(
        [[], [("shuffle", {"seed": 1, "buffer_size": 5})], [("map", {"function": double})]]
    ),
    above=st.sampled_from(
        [[], [("shuffle", {"seed": 2, "buffer_size": 7})], [("take", {"n": 30})]]
    ),
    epoch=st.integers(0, 1),
    cut=st.floats(0, 1),
)
def test_interleaved_streams_are_the_peers_and_resume(
    sizes: list[int],
    shards: int,
    weights: list[int],
    random: bool,
    seed: int,
    stopping: Any,
    below: Chain,
    above: Chain,
    epoch: int,
    cut: float,
) -> None:
    weights = weights[: len(sizes)]
    chances = [weight / sum(weights) for weight in weights] if random else None
    mine = applied(
        stream.interleave(
            [applied(ours(n, min(n, shards), 100 * i), below) for i, n in enumerate(sizes)],
            chances,
            seed,
            stopping_strategy=stopping,
        ),
        above,
    )
    other = applied(
        peer.interleave_datasets(
            [applied(theirs(n, min(n, shards), 100 * i), below) for i, n in enumerate(sizes)],
            chances,
            seed,
            stopping_strategy=stopping,
        ),
        above,
    )
    mine.set_epoch(epoch)
    other.set_epoch(epoch)
    whole = list(mine)
    assert whole == list(other)

    rows = iter(mine)
    seen = [next(rows) for _ in range(int(cut * len(whole)))]
    mine.load_state_dict(json.loads(json.dumps(mine.state_dict())))
    assert seen + list(mine) == whole


@LAW
@given(
    sizes=st.lists(st.integers(1, 25), min_size=1, max_size=4),
    shards=st.integers(1, 4),
    above=st.sampled_from(
        [[], [("shuffle", {"seed": 2, "buffer_size": 7})], [("take", {"n": 30})]]
    ),
    epoch=st.integers(0, 1),
    cut=st.floats(0, 1),
)
def test_concatenated_streams_are_the_peers_and_resume(
    sizes: list[int], shards: int, above: Chain, epoch: int, cut: float
) -> None:
    mine = applied(
        stream.concatenate([ours(n, min(n, shards), 100 * i) for i, n in enumerate(sizes)]), above
    )
    other = applied(
        peer.concatenate_datasets(
            [theirs(n, min(n, shards), 100 * i) for i, n in enumerate(sizes)]
        ),
        above,
    )
    mine.set_epoch(epoch)
    other.set_epoch(epoch)
    whole = list(mine)
    assert whole == list(other)

    rows = iter(mine)
    seen = [next(rows) for _ in range(int(cut * len(whole)))]
    mine.load_state_dict(json.loads(json.dumps(mine.state_dict())))
    assert seen + list(mine) == whole


@LAW
@given(
    chain=chains(),
    n=st.integers(1, 60),
    shards=st.integers(1, 8),
    world=st.integers(1, 5),
    strategy=st.sampled_from(["auto", "examples"]),
)
def test_every_node_reads_what_it_reads_with_the_peer(
    chain: Chain, n: int, shards: int, world: int, strategy: Any
) -> None:
    shards = min(n, shards)
    for rank in range(world):
        mine = stream.split_by_node(applied(ours(n, shards), chain), rank, world, strategy)
        other = datasets.distributed.split_dataset_by_node(
            applied(theirs(n, shards), chain), rank, world, strategy
        )
        assert mine.num_shards == other.num_shards
        assert list(mine) == list(other)


@LAW
@given(
    chain=chains(),
    n=st.integers(1, 60),
    shards=st.integers(1, 8),
    parts=st.integers(1, 5),
    contiguous=st.booleans(),
)
def test_shards_of_a_stream_are_the_peers(
    chain: Chain, n: int, shards: int, parts: int, contiguous: bool
) -> None:
    shards = min(n, shards)
    mine, other = applied(ours(n, shards), chain), applied(theirs(n, shards), chain)
    assert mine.num_shards == other.num_shards
    parts = min(parts, other.num_shards)
    for index in range(parts):
        part = mine.shard(parts, index, contiguous)
        assert list(part) == list(other.shard(parts, index, contiguous))


@LAW
@given(
    chain=chains(), n=st.integers(1, 60), shards=st.integers(1, 8), size=sizes, drop=st.booleans()
)
def test_batches_are_the_peers(chain: Chain, n: int, shards: int, size: int, drop: bool) -> None:
    shards = min(n, shards)
    mine, other = applied(ours(n, shards), chain), applied(theirs(n, shards), chain)

    assert list(mine.iter(size, drop_last_batch=drop)) == list(
        other.iter(size, drop_last_batch=drop)
    )


@pytest.mark.parametrize("form", ["list", "field", "indented"])
def test_the_order_of_json_documents(tmp_path: Path, form: str) -> None:
    files = []
    for part in range(2):
        rows = [{"a": 100 * part + i} for i in range(20)]
        text = {
            "list": json.dumps(rows),
            "field": json.dumps({"data": rows}),
            "indented": "\n".join(json.dumps(row, indent=1) for row in rows),
        }[form]
        files.append(str(tmp_path / f"{part}.json"))
        (tmp_path / f"{part}.json").write_text(text)
    options = {"field": "data"} if form == "field" else {}

    def shuffled(rows: Any) -> list[Any]:
        return list(rows.shuffle(seed=1, buffer_size=4, max_buffer_input_shards=2))

    mine = stream.IterableDataset.from_json(files, **options)
    assert shuffled(mine) == shuffled(peer.IterableDataset.from_json(files, **options))
