"""Files that are broken for good: named to the row group, or left out and counted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.errors import DatasetsError
from crucible_datasets.schema import Features, Value
from crucible_datasets.stream import IterableDataset
from crucible_datasets.stream.source import BrokenShardError
from hfhub.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def broken(tmp_path: Path) -> str:
    """100 rows in row groups of 10, the fourth of them overwritten."""
    path = tmp_path / "broken.parquet"
    table = pa.table({"a": list(range(100)), "s": [f"text number {i}" * 20 for i in range(100)]})
    pq.write_table(table, path, row_group_size=10, compression="zstd", use_dictionary=False)
    column = pq.ParquetFile(path).metadata.row_group(3).column(1)
    data = bytearray(path.read_bytes())
    start = column.data_page_offset
    data[start : start + column.total_compressed_size] = b"\xff" * column.total_compressed_size
    path.write_bytes(bytes(data))
    return str(path)


def test_the_error_names_the_file_and_the_row_group(broken: str) -> None:
    seen = []
    with pytest.raises((BrokenShardError, DatasetsError)) as caught:
        for row in IterableDataset.from_parquet(broken):
            seen.append(row["a"])  # noqa: PERF401 # it is cut off

    text = str(caught.value) + "".join(getattr(caught.value, "__notes__", []))
    assert "broken.parquet" in text
    assert "row group 3" in text
    assert seen == list(range(30))


def test_what_can_be_read_is_read_when_told_so(broken: str) -> None:
    stream = IterableDataset.from_parquet(broken).skip_broken_shards()

    assert [row["a"] for row in stream] == [*range(30), *range(40, 100)]
    (place,) = stream.broken_shards
    assert "row group 3" in place


def test_a_file_that_is_no_parquet_is_left_out_whole(broken: str, tmp_path: Path) -> None:
    good = tmp_path / "good.parquet"
    pq.write_table(pa.table({"a": [1000], "s": ["x"]}), good)
    no_file = tmp_path / "none.parquet"
    pq.write_table(pa.table({"a": [1], "s": ["x"]}), no_file)
    stream = IterableDataset.from_parquet([str(no_file), str(good)]).skip_broken_shards()
    no_file.write_bytes(b"this is no Parquet file, whatever its name says")

    assert [row["a"] for row in stream] == [1000]
    assert len(stream.broken_shards) == 1


def test_leaving_out_resumes_exactly(broken: str) -> None:
    def chain() -> Any:
        return (
            IterableDataset.from_parquet(broken)
            .skip_broken_shards()
            .shuffle(seed=1, buffer_size=12)
            .map(lambda row: {"b": row["a"]}, remove_columns=["s"])
        )

    whole = list(chain())
    for cut in (1, 29, 33, 60):
        stream = chain()
        rows = iter(stream)
        seen = [next(rows) for _ in range(cut)]
        fresh = chain()
        fresh.load_state_dict(json.loads(json.dumps(stream.state_dict())))
        assert seen + list(fresh) == whole


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda data: data[:900] + bytes(99) + data[999:]]
)
def test_a_damaged_archive_is_named_or_left_out(
    tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    good, bad = tmp_path / "good.jsonl.gz", tmp_path / "bad.jsonl.gz"
    data = gzip.compress(b"".join(b'{"a": %d}\n' % i for i in range(1000)))
    good.write_bytes(data)
    bad.write_bytes(damage(data))
    features = Features({"a": Value("int64")})
    stream = IterableDataset.from_json([str(bad), str(good)], features=features)

    with pytest.raises(ArchiveError, match=r"bad\.jsonl\.gz"):
        list(stream)
    whole = stream.skip_broken_shards()
    assert [row["a"] for row in whole][-1000:] == list(range(1000))
    assert whole.broken_shards == [str(bad)]
