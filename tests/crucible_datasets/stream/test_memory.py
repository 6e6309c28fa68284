"""What is held of rows is bounded by their bytes, not by their number."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.stream import IterableDataset
from crucible_datasets.stream.cursor import Reader
from crucible_datasets.stream.node import Reading

ROWS = 2000


@pytest.fixture
def wide(tmp_path: Path) -> IterableDataset:
    """Rows of 20 KB, all different, in one row group."""
    path = tmp_path / "wide.parquet"
    texts = [f"{i:020000}" for i in range(ROWS)]
    pq.write_table(pa.table({"n": range(ROWS), "s": texts}), path, compression="zstd")
    return IterableDataset.from_parquet(str(path))


@pytest.mark.parametrize("shuffled", [False, True], ids=["in order", "shuffled"])
def test_wide_rows_travel_few_at_a_time(wide: IterableDataset, shuffled: bool) -> None:
    stream = wide.shuffle(seed=1, buffer_size=100) if shuffled else wide
    sizes = [bundle.nbytes for bundle in Reader(stream.node, Reading()).bundles()]  # type: ignore[union-attr]

    assert sum(sizes) > ROWS * 20_000
    assert max(sizes) < 2 << 20
