"""Streams over a Hub that fails: the same rows as over one that does not."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.load import load_dataset
from crucible_datasets.stream import IterableDataset
from hfhub import settings
from hfhub.local_hub import LocalHub

FILES = 3
GROUPS = 6


def parquet(seed: int, groups: int = GROUPS) -> bytes:
    """6,000 rows in some row groups, over 1 MiB, that do not compress."""
    chance = random.Random(seed)
    n = 1000 * GROUPS
    table = pa.table(
        {
            "a": list(range(seed * n, seed * n + n)),
            "s": [chance.randbytes(120).hex() for _ in range(n)],
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=n // groups, use_dictionary=False)
    return out.getvalue()


@pytest.fixture(scope="module")
def contents() -> dict[str, bytes]:
    return {f"train-{i}.parquet": parquet(i) for i in range(FILES)}


@pytest.fixture
def hub(contents: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with LocalHub() as hub:
        hub.add("me/rows", contents, lfs=["*.parquet"])
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
        monkeypatch.setenv("HFHUB_RETRY_DELAY", "0.01")
        settings.reload()
        yield hub
    monkeypatch.undo()
    settings.reload()


@pytest.fixture
def impatient(hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent server is given up soon; a request is tried more often than faults follow."""
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "0.3")
    monkeypatch.setenv("HFHUB_ATTEMPTS", "20")
    settings.reload()


def digest(stream: IterableDataset) -> str:
    found = hashlib.sha256()
    for row in stream:
        found.update(json.dumps(row).encode())
    return found.hexdigest()


def opened() -> IterableDataset:
    return load_dataset("me/rows", split="train", streaming=True)


def epoch_through_faults(hub: LocalHub, groups: int, times: int) -> list[int]:
    """Read all rows once while answers fail in every way; how often each way was met.

    Args:
        hub: gets a repository of three files, larger than what is fetched whole.
        groups: row groups of each file; each takes a request, and more where it fails.
        times: how often each way is met at most.
    """
    contents = {f"train-{i}.parquet": parquet(i, groups) for i in range(FILES)}
    hub.add("me/many", contents, lfs=["*.parquet"])
    where: Any = {"path": "*.parquet", "times": times, "chance": 0.15}
    bytes_of: Any = {**where, "origin": "cdn"}
    faults = [
        hub.faults.cut(after=9_000, **bytes_of),
        hub.faults.reset(after=5_000, **bytes_of),
        hub.faults.stall(30, after=7_000, **bytes_of),
        hub.faults.status(503, **where),
        hub.faults.status(500, **bytes_of),
        hub.faults.rate_limit(0, **bytes_of),
        hub.faults.expired_link(**bytes_of),
    ]
    stream = load_dataset("me/many", split="train", streaming=True)
    found = digest(stream)
    hub.faults.clear()
    assert found == digest(stream)
    return [fault.hits for fault in faults]


def test_an_epoch_with_every_kind_of_fault_has_the_same_rows(
    hub: LocalHub, impatient: None
) -> None:
    hits = epoch_through_faults(hub, 12, 3)

    assert sum(hits) >= 15, hits


@pytest.mark.slow
def test_an_epoch_with_a_hundred_faults_has_the_same_rows(hub: LocalHub, impatient: None) -> None:
    hits = epoch_through_faults(hub, 80, 16)

    assert sum(hits) >= 100, hits
    assert min(hits) >= 5, hits


def test_a_limit_of_requests_is_waited_for(hub: LocalHub) -> None:
    with hub.faults.rate_limit(1, path="*.parquet", times=2):
        assert digest(opened())


def test_a_resumed_stream_reads_no_row_group_before_its_place(hub: LocalHub) -> None:
    stream = opened()
    rows = iter(stream)
    for _ in range(8500):
        next(rows)
    state = json.loads(json.dumps(stream.state_dict()))
    rows.close()
    fresh = opened()
    list(fresh.take(1))
    hub.clear_requests()
    fresh.load_state_dict(state)

    assert next(iter(fresh))["a"] == 8500
    assert not [seen for seen in hub.requests if "train-0" in seen.path]
