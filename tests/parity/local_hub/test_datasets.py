"""``datasets`` loads from our server what it would load from the Hub."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.local_hub import LocalHub

ROWS = [{"question": f"{i} + 1?", "answer": str(i + 1)} for i in range(50)]
README = """---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
---
"""


def parquet(rows: list[dict[str, str]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


@pytest.fixture(scope="module")
def result(hub: LocalHub, run_peer: Callable[[str], Any]) -> dict[str, Any]:
    hub.add(
        "ann/parquet",
        {
            "README.md": README,
            "main/train-00000-of-00001.parquet": parquet(ROWS),
            "main/test-00000-of-00001.parquet": parquet(ROWS[:3]),
        },
    )
    hub.add("ann/lines", {"train.jsonl": "".join(json.dumps(row) + "\n" for row in ROWS)})
    found: dict[str, Any] = run_peer("official_datasets.py")
    return found


def test_splits_come_from_the_card(result: dict[str, Any]) -> None:
    assert result["splits"] == {"train": 50, "test": 3}
    assert result["configs"] == ["main"]


@pytest.mark.parametrize("name", ["parquet", "jsonl", "streamed", "streamed jsonl"])
def test_rows_come_back_equal(name: str, result: dict[str, Any]) -> None:
    assert result[name] == ROWS
