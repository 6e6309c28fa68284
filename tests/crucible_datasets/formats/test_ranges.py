"""Remote Parquet: what crosses the wire."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.load import load_dataset
from hfhub import settings
from hfhub.local_hub import LocalHub

GROUPS = 4


def parquet(seed: int) -> bytes:
    """40,000 rows of five columns in four row groups, over 1 MiB, that do not compress."""
    chance = random.Random(seed)
    n = 10_000 * GROUPS
    columns = {name: pa.array([chance.random() for _ in range(n)]) for name in "abcd"}
    columns["id"] = pa.array(range(n))
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, row_group_size=10_000, use_dictionary=False)
    return out.getvalue()


@pytest.fixture
def hub(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with LocalHub() as hub:
        hub.add(
            "me/numbers", {f"train-{i}.parquet": parquet(i) for i in range(2)}, lfs=["*.parquet"]
        )
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
        settings.reload()
        yield hub
    monkeypatch.undo()
    settings.reload()


def bodies(hub: LocalHub) -> list[Any]:
    """The answers that carried bytes of data files."""
    return [seen for seen in hub.requests if seen.path.endswith(".parquet") and seen.status < 300]


def test_the_first_row_takes_five_requests_at_most(hub: LocalHub) -> None:
    stream = load_dataset("me/numbers", split="train", streaming=True)
    assert next(iter(stream))["id"] == 0

    answered = [seen for seen in hub.requests if not 300 <= seen.status < 400]
    assert len(answered) <= 5, answered


def test_a_full_pass_takes_two_requests_a_row_group_at_most(hub: LocalHub) -> None:
    stream = load_dataset("me/numbers", split="train", streaming=True)
    hub.clear_requests()

    assert sum(1 for _ in stream) == 2 * 10_000 * GROUPS
    assert len(bodies(hub)) <= 2 * (2 * GROUPS + 2)


def test_only_the_selected_column_crosses_the_wire(hub: LocalHub) -> None:
    stream = load_dataset("me/numbers", split="train", streaming=True).select_columns("id")
    hub.clear_requests()
    rows = [row["id"] for row in stream]

    size = sum(
        pq.ParquetFile(io.BytesIO(parquet(i))).metadata.row_group(g).column(4).total_compressed_size
        for i in range(2)
        for g in range(GROUPS)
    )
    footers = 2 * (64 << 10)
    assert rows == list(range(10_000 * GROUPS)) * 2
    assert sum(seen.nbytes for seen in bodies(hub)) <= 1.1 * size + footers


def test_a_second_pass_resolves_nothing_anew(hub: LocalHub) -> None:
    stream = load_dataset("me/numbers", split="train", streaming=True)
    list(stream.take(10))
    hub.clear_requests()
    list(stream.take(10))

    assert not [seen for seen in hub.requests if seen.origin == "hub"]
