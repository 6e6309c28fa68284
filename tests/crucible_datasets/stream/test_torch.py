"""Streams in torch's ``DataLoader``. Skipped where torch is not installed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.stream import IterableDataset

torch_data = pytest.importorskip("torch.utils.data", reason="torch is not installed")

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.filterwarnings("ignore")  # torch and fork warn in their own ways

WAYS = [
    pytest.param({"num_workers": 0}, id="in the process"),
    pytest.param({"num_workers": 1, "multiprocessing_context": "fork"}, id="1 forked"),
    pytest.param({"num_workers": 4, "multiprocessing_context": "fork"}, id="4 forked"),
    pytest.param({"num_workers": 2, "multiprocessing_context": "spawn"}, id="2 spawned"),
    pytest.param(
        {"num_workers": 2, "multiprocessing_context": "fork", "persistent_workers": True},
        id="2 persistent",
    ),
]


def first(rows: list[Any]) -> Any:
    return rows[0]


def plus_one(row: dict[str, Any]) -> dict[str, Any]:
    return {"a": row["a"] + 1}


@pytest.fixture
def one_file(tmp_path: Path) -> str:
    """200 rows in 8 row groups of one Parquet file."""
    path = tmp_path / "rows.parquet"
    table = pa.table({"a": pa.array(range(200), pa.int64())})
    pq.write_table(table, path, row_group_size=25)
    return str(path)


def loaded(stream: IterableDataset, **options: Any) -> list[int]:
    loader = torch_data.DataLoader(
        stream, batch_size=None, timeout=60 * (options["num_workers"] > 0), **options
    )
    return [int(row["a"]) for row in loader]


@pytest.mark.parametrize("way", WAYS)
def test_every_row_comes_exactly_once(way: dict[str, Any], one_file: str) -> None:
    stream = IterableDataset.from_parquet(one_file)

    assert sorted(loaded(stream, **way)) == list(range(200))


@pytest.mark.parametrize("way", WAYS)
def test_every_row_comes_once_through_a_shuffle_and_a_function(
    way: dict[str, Any], one_file: str
) -> None:
    stream = IterableDataset.from_parquet(one_file).shuffle(seed=3, buffer_size=30).map(plus_one)

    assert sorted(loaded(stream, **way)) == list(range(1, 201))


def test_one_file_feeds_all_workers_evenly(one_file: str) -> None:
    stream = IterableDataset.from_parquet(one_file).map(with_worker)
    loader = torch_data.DataLoader(stream, batch_size=None, num_workers=4)
    workers = [int(row["worker"]) for row in loader]

    assert {worker: workers.count(worker) for worker in set(workers)} == {
        0: 50,
        1: 50,
        2: 50,
        3: 50,
    }


def with_worker(row: dict[str, Any]) -> dict[str, Any]:
    return {"worker": torch_data.get_worker_info().id}


def test_persistent_workers_see_the_epoch(one_file: str) -> None:
    stream = IterableDataset.from_parquet(one_file).shuffle(seed=3, buffer_size=30)
    loader = torch_data.DataLoader(stream, batch_size=None, num_workers=2, persistent_workers=True)
    epochs = []
    for epoch in range(3):
        stream.set_epoch(epoch)
        epochs.append([int(row["a"]) for row in loader])

    assert epochs[0] != epochs[1] != epochs[2]
    assert all(sorted(rows) == list(range(200)) for rows in epochs)


def test_tensors_are_collated(one_file: str) -> None:
    stream = IterableDataset.from_parquet(one_file).with_format("torch")
    loader = torch_data.DataLoader(stream, batch_size=50)

    assert [batch["a"].shape for batch in loader] == [(50,)] * 4


def test_an_expression_in_a_forked_worker_says_what_to_set(one_file: str) -> None:
    import polars as pl

    stream = IterableDataset.from_parquet(one_file).filter(pl.col("a") > 10)
    loader = torch_data.DataLoader(
        stream, batch_size=None, num_workers=1, multiprocessing_context="fork"
    )

    with pytest.raises(Exception, match="multiprocessing_context='spawn'"):
        next(iter(loader))


@pytest.mark.parametrize("workers", [0, 2])
@pytest.mark.parametrize("cut", [1, 17, 90])
def test_a_stateful_loader_goes_on_exactly(one_file: str, workers: int, cut: int) -> None:
    stateful = pytest.importorskip(
        "torchdata.stateful_dataloader", reason="torchdata is not installed"
    )

    def loader() -> Any:
        stream = IterableDataset.from_parquet(one_file).shuffle(seed=3, buffer_size=30)
        return stateful.StatefulDataLoader(
            stream, batch_size=2, num_workers=workers, snapshot_every_n_steps=1
        )

    whole = [batch["a"].tolist() for batch in loader()]
    interrupted = loader()
    rows = iter(interrupted)
    seen = [next(rows)["a"].tolist() for _ in range(cut)]
    state = interrupted.state_dict()
    del rows

    again = loader()
    again.load_state_dict(state)
    assert seen + [batch["a"].tolist() for batch in again] == whole


def test_nodes_split_the_rows_among_their_workers(one_file: str) -> None:
    from crucible_datasets.stream import split_by_node

    stream = IterableDataset.from_parquet(one_file).reshard()
    rows: list[int] = []
    for rank in range(2):
        rows += loaded(split_by_node(stream, rank, 2), num_workers=2)

    assert sorted(rows) == list(range(200))
    assert json.dumps(stream.state_dict())


@pytest.mark.parametrize("after", [0, 1, 3])
def test_a_loader_goes_on_with_another_number_of_workers(one_file: str, after: int) -> None:
    stateful = pytest.importorskip(
        "torchdata.stateful_dataloader", reason="torchdata is not installed"
    )
    stream = IterableDataset.from_parquet(one_file).map(plus_one)
    loader = stateful.StatefulDataLoader(
        stream, batch_size=None, num_workers=2, snapshot_every_n_steps=1
    )
    rows = iter(loader)
    seen = [int(next(rows)["a"]) for _ in range(37)]
    state = loader.state_dict()
    del rows
    fresh = IterableDataset.from_parquet(one_file).map(plus_one)
    fresh.load_state_dict(state)

    assert sorted(seen + loaded(fresh, num_workers=after)) == list(range(1, 201))
