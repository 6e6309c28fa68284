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

from crucible_datasets.discovery.hub import fetch
from crucible_datasets.load import load_dataset, load_dataset_builder
from crucible_datasets.stream import IterableDataset, from_scan
from hfhub import settings
from hfhub.local_hub import LocalHub

FILES = 3
GROUPS = 6


def parquet(seed: int) -> bytes:
    """6,000 rows in six row groups, over 1 MiB, that do not compress."""
    chance = random.Random(seed)
    n = 1000 * GROUPS
    table = pa.table(
        {
            "a": list(range(seed * n, seed * n + n)),
            "s": [chance.randbytes(120).hex() for _ in range(n)],
        }
    )
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=1000, use_dictionary=False)
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


def digest(stream: IterableDataset) -> str:
    found = hashlib.sha256()
    for row in stream:
        found.update(json.dumps(row).encode())
    return found.hexdigest()


def opened() -> IterableDataset:
    return load_dataset("me/rows", split="train", streaming=True)


def stream_through_faults(hub: LocalHub, times: int) -> int:
    """Read everything while answers fail; how many did."""
    faults = [
        hub.faults.cut(after=30_000, path="*.parquet", origin="cdn", times=times, chance=0.3),
        hub.faults.status(503, path="*.parquet", times=times, chance=0.3),
        hub.faults.status(500, path="*.parquet", origin="cdn", times=times, chance=0.3),
        hub.faults.expired_link(path="*.parquet", origin="cdn", times=times, chance=0.3),
    ]
    stream = opened()
    whole = digest(stream)
    rounds = 0
    while sum(fault.hits for fault in faults) < times and rounds < times:
        rounds += 1
        assert digest(stream) == whole
    hits = sum(fault.hits for fault in faults)
    hub.faults.clear()
    assert whole == digest(opened())
    return hits


def test_cuts_errors_and_expired_links_change_no_row(hub: LocalHub) -> None:
    assert stream_through_faults(hub, 10) >= 10


@pytest.mark.slow
def test_a_hundred_faults_in_an_epoch_change_no_row(hub: LocalHub) -> None:
    assert stream_through_faults(hub, 100) >= 100


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


def test_files_are_kept_while_they_are_streamed(hub: LocalHub) -> None:
    builder = load_dataset_builder("me/rows")
    (scan,) = builder.scans(["train"]).values()
    stream = from_scan(scan, fetch=fetch)
    first = digest(stream)
    hub.clear_requests()

    assert digest(stream) == first == digest(opened())
    assert not [seen for seen in hub.requests if seen.path.endswith(".parquet")]
