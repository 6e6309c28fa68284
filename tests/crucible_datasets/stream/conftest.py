"""What the tests of streams share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.stream import IterableDataset

if TYPE_CHECKING:
    from pathlib import Path

Numbers = Callable[..., IterableDataset]


@pytest.fixture
def numbers() -> Numbers:
    """Makes ``n`` rows ``{"a": i, "s": "i"}`` in some shards."""

    def make(n: int = 20, shards: int = 1) -> IterableDataset:
        columns = {"a": list(range(n)), "s": [str(i) for i in range(n)]}
        return IterableDataset.from_dict(columns, num_shards=shards)

    return make


@pytest.fixture
def parquet(tmp_path: Path) -> Callable[..., str]:
    """Writes ``n`` rows ``{"a": i, "s": "i"}`` in row groups of ``group`` rows; the path."""

    def write(n: int = 100, group: int = 10, name: str = "rows") -> str:
        path = tmp_path / f"{name}.parquet"
        table = pa.table({"a": list(range(n)), "s": [str(i) for i in range(n)]})
        pq.write_table(table, path, row_group_size=group)
        return str(path)

    return write
