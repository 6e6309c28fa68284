"""pandas, pyarrow and DuckDB read through it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hfhub.filesystem import HfFileSystem

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

ROOT = "datasets/ann/tables"


def parquet(start: int) -> bytes:
    buffer = io.BytesIO()
    numbers = list(range(start, start + 1000))
    table = pa.table({"n": numbers, "s": [str(number) for number in numbers]})
    pq.write_table(table, buffer, row_group_size=100)
    return buffer.getvalue()


@pytest.fixture
def fs(local_hub: LocalHub, registered: None) -> HfFileSystem:
    local_hub.add(
        "ann/tables",
        {"p/0.parquet": parquet(0), "p/1.parquet": parquet(1000), "t.csv": b"a,b\n1,x\n2,y\n"},
    )
    return HfFileSystem(skip_instance_cache=True)


def test_pandas_reads_csv_and_parquet(fs: HfFileSystem) -> None:
    pd = pytest.importorskip("pandas")
    assert pd.read_csv(f"hf://{ROOT}/t.csv")["b"].tolist() == ["x", "y"]
    frame = pd.read_parquet(f"hf://{ROOT}/p/1.parquet", columns=["n"])
    assert frame["n"].tolist() == list(range(1000, 2000))


def test_pyarrow_reads_a_folder_as_a_dataset(fs: HfFileSystem) -> None:
    import pyarrow.dataset as ds

    dataset = ds.dataset(f"{ROOT}/p", filesystem=fs, format="parquet")
    assert dataset.count_rows() == 2000
    found = dataset.to_table(columns=["s"], filter=ds.field("n") == 1234)
    assert found.to_pydict() == {"s": ["1234"]}


def test_pyarrow_reads_one_column_of_one_row_group_and_no_more(local_hub, fs) -> None:
    with fs.open(f"{ROOT}/p/0.parquet", cache_type="none") as file:
        local_hub.clear_requests()
        table = pq.ParquetFile(file).read_row_group(3, columns=["n"])
    assert table["n"].to_pylist() == list(range(300, 400))
    assert sum(seen.nbytes for seen in local_hub.requests if seen.origin == "cdn") < 80_000


def test_duckdb_reads_parquet(fs: HfFileSystem) -> None:
    duckdb = pytest.importorskip("duckdb")
    with duckdb.connect() as connection:
        connection.register_filesystem(fs)
        query = f"select count(*), sum(n) from read_parquet('hf://{ROOT}/p/*.parquet')"
        assert connection.execute(query).fetchall() == [(2000, sum(range(2000)))]
        query = f"select b from read_csv('hf://{ROOT}/t.csv') where a = 2"
        assert connection.execute(query).fetchall() == [("y",)]


def test_polars_reads_what_is_opened(fs: HfFileSystem) -> None:
    pl = pytest.importorskip("polars")
    with fs.open(f"{ROOT}/p/0.parquet") as file:
        assert pl.read_parquet(file, columns=["n"])["n"].sum() == sum(range(1000))
