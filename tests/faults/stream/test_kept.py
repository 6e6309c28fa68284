"""``cache="write"``: what a stream reads whole is in the cache, verified; nothing else is."""

from __future__ import annotations

import gzip
import io
import json
import random
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.load import load_dataset
from crucible_datasets.stream import IterableDataset
from hfhub import hf_hub_download, settings
from hfhub.errors import IntegrityError, LocalEntryNotFoundError
from hfhub.local_hub import LocalHub

FILES = 3
ROWS = 4000


def table(number: int) -> pa.Table:
    chance = random.Random(number)
    texts = [chance.randbytes(200).hex() for _ in range(ROWS)]
    return pa.table({"a": range(number * ROWS, (number + 1) * ROWS), "s": texts})


def as_parquet(rows: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(rows, out, row_group_size=500, use_dictionary=False, compression="none")
    return out.getvalue()


def as_lines(rows: pa.Table) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows.to_pylist())


def packed(rows: pa.Table) -> bytes:
    return gzip.compress(as_lines(rows), mtime=0)


KINDS = {"parquet": as_parquet, "jsonl": as_lines, "jsonl.gz": packed}


@pytest.fixture(scope="module")
def contents() -> dict[str, dict[str, bytes]]:
    return {
        kind: {f"train-{i}.{kind}": write(table(i)) for i in range(FILES)}
        for kind, write in KINDS.items()
    }


@pytest.fixture
def hub(contents: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[LocalHub]:
    with LocalHub() as hub:
        for kind, files in contents.items():
            hub.add(f"me/{kind}", files, lfs=["*"])
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
        settings.reload()
        yield hub
    monkeypatch.undo()
    settings.reload()


def opened(kind: str = "parquet", cache: Any = "write") -> IterableDataset:
    return load_dataset(f"me/{kind}", split="train", streaming=True, cache=cache)


def in_cache(kind: str = "parquet") -> list[int]:
    """Which of the files are there, whole."""
    found = []
    for number in range(FILES):
        try:
            path = hf_hub_download(
                f"me/{kind}", f"train-{number}.{kind}", repo_type="dataset", local_files_only=True
            )
        except LocalEntryNotFoundError:
            continue
        assert Path(path).read_bytes() == KINDS[kind](table(number))
        found.append(number)
    return found


def asked(hub: LocalHub) -> int:
    """Requests for data files since the last call."""
    count = sum(bool(seen.file) and seen.method == "GET" for seen in hub.requests)
    hub.clear_requests()
    return count


def numbers(rows: Any) -> list[int]:
    return [row["a"] for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_the_second_epoch_makes_no_request(hub: LocalHub, kind: str) -> None:
    plain = numbers(opened(kind, cache=None))
    once = asked(hub)
    stream = opened(kind)

    assert numbers(stream) == plain == list(range(FILES * ROWS))
    assert 0 < asked(hub) <= once + FILES  # keeping asks for nothing twice
    assert in_cache(kind) == list(range(FILES))
    assert numbers(stream) == numbers(opened(kind)) == plain
    assert asked(hub) == 0


def test_the_parquet_files_of_a_stream_cost_no_more_requests_when_they_are_kept(
    hub: LocalHub,
) -> None:
    numbers(opened(cache=None))
    once = asked(hub)
    numbers(opened())

    assert asked(hub) == once


@pytest.mark.parametrize("kind", ["parquet", "jsonl"])
def test_a_stream_broken_off_leaves_whole_files_only(hub: LocalHub, kind: str) -> None:
    rows = iter(opened(kind))
    assert numbers(islice(rows, ROWS + 700)) == list(range(ROWS + 700))
    rows.close()  # type: ignore[attr-defined] # a generator's

    assert 0 in in_cache(kind)
    assert 2 not in in_cache(kind)
    assert numbers(opened(kind)) == list(range(FILES * ROWS))
    assert in_cache(kind) == [0, 1, 2]


def test_a_resumed_stream_completes_the_files_that_it_goes_on_in(hub: LocalHub) -> None:
    stream = opened()
    rows = iter(stream)
    before = numbers(islice(rows, ROWS + 700))
    state = json.loads(json.dumps(stream.state_dict()))
    rows.close()  # type: ignore[attr-defined]
    stream = opened()
    stream.load_state_dict(state)

    assert before + numbers(stream) == list(range(FILES * ROWS))
    assert in_cache() == [0, 1, 2]


def test_a_shuffled_stream_keeps_its_files_too(hub: LocalHub) -> None:
    rows = numbers(opened().shuffle(seed=1, buffer_size=1000))

    assert sorted(rows) == list(range(FILES * ROWS))
    assert in_cache() == [0, 1, 2]


def test_files_of_which_columns_were_read_are_not_kept(hub: LocalHub) -> None:
    assert numbers(opened().select_columns("a")) == list(range(FILES * ROWS))
    assert in_cache() == []


def test_cuts_and_errors_do_not_keep_a_file_from_being_kept(hub: LocalHub) -> None:
    where: Any = {"path": "*.parquet", "origin": "cdn", "times": 4, "chance": 0.4}
    with hub.faults.cut(after=20_000, **where), hub.faults.expired_link(**where):
        assert numbers(opened()) == list(range(FILES * ROWS))
    assert in_cache() == [0, 1, 2]


def test_bytes_that_are_not_those_promised_are_not_kept(hub: LocalHub) -> None:
    # a number of the first row group, behind the request for the footer: no reader notices
    with (
        hub.faults.corrupt(at=1000, path="train-0*", origin="cdn", times=1, skip=1),
        pytest.raises(IntegrityError, match=r"train-0\.parquet"),
    ):
        numbers(opened())
    assert in_cache() == []
    assert numbers(opened()) == list(range(FILES * ROWS))
    assert in_cache() == [0, 1, 2]
