"""Remote Parquet files: what is fetched of them, and how much of that is held."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.formats import ranges
from crucible_datasets.formats.ranges import RangeFile, Shared, chunk_ranges

KIB = 1 << 10


class Remote:
    """A file in memory that notes what is asked for."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.size = len(data)
        self.asked: list[tuple[int, int]] = []
        self._lock = threading.Lock()

    def read_ranges(self, wanted: Sequence[tuple[int, int]]) -> list[bytes]:
        with self._lock:
            self.asked += wanted
        return [self.data[start:stop] for start, stop in wanted]

    def hold(self) -> None:
        pass

    def let_go(self) -> None:
        pass


def rows(count: int) -> pa.Table:
    chance = random.Random(1)
    texts = [chance.randbytes(chance.randrange(200)).hex() for _ in range(count)]
    return pa.table({"a": range(count), "s": texts, "b": [i % 3 for i in range(count)]})


def remote(table: pa.Table, group: int) -> Remote:
    out = io.BytesIO()
    pq.write_table(table, out, row_group_size=group, data_page_size=8 * KIB)
    return Remote(out.getvalue())


def read(file: Remote, columns: list[str] | None = None) -> pa.Table:
    with RangeFile(Shared(file)) as stream:
        parquet = pq.ParquetFile(stream, pre_buffer=False, buffer_size=4 * KIB)
        groups = range(parquet.num_row_groups)
        stream.plan(chunk_ranges(parquet.metadata, groups, columns))
        parts = [
            batch
            for group in groups
            for batch in parquet.iter_batches(100, row_groups=[group], columns=columns)
        ]
    return pa.Table.from_batches(parts)


def tail(file: Remote) -> tuple[int, int]:
    return (max(0, file.size - ranges.TAIL), file.size)


def test_a_row_group_comes_with_one_request() -> None:
    table = rows(4000)
    file = remote(table, 1000)

    assert read(file) == table
    assert len(file.asked) == 1 + 4
    assert tail(file) in file.asked
    spans = sorted(set(file.asked) - {tail(file)})
    assert spans[0][0] == 0
    assert all(before[1] == after[0] for before, after in pairwise(spans))


@pytest.mark.parametrize("columns", [None, ["s"], ["a", "b"]])
def test_of_a_large_row_group_a_window_comes_at_a_time(
    monkeypatch: pytest.MonkeyPatch, columns: list[str] | None
) -> None:
    monkeypatch.setattr(ranges, "GROUP_BYTES", 64 * KIB)
    monkeypatch.setattr(ranges, "WINDOW", 4 * KIB)
    table = rows(9000)
    file = remote(table, 5000)

    assert read(file, columns) == (table if columns is None else table.select(columns))
    asked = [span for span in file.asked if span != tail(file)]
    assert len(asked) == len(set(asked))  # nothing is fetched twice
    assert max(stop - start for start, stop in asked) <= 64 * KIB
    if columns is None:
        assert sum(stop - start for start, stop in asked) <= file.size


def test_a_read_that_was_not_planned_is_fetched_by_itself() -> None:
    file = Remote(random.Random(2).randbytes(200 * KIB))
    with RangeFile(Shared(file)) as stream:
        stream.plan([[(1000, 2000)]])
        stream.seek(500)
        assert stream.read(10) == file.data[500:510]
        stream.seek(1500)
        assert stream.read(100) == file.data[1500:1600]
        assert stream.read(1000) == file.data[1600:2600]
