"""The work of ``dataset_works`` written by hand with Polars and pyarrow: how fast it can get."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path


def files(folder: Path) -> list[str]:
    """The Parquet files, in order."""
    return sorted(str(path) for path in (folder / "parquet").glob("*.parquet"))


def frame(folder: Path) -> Any:
    """All of them as Polars scans them."""
    import polars as pl

    return pl.scan_parquet(files(folder))


def first_row(folder: Path, _: Path) -> Any:
    return frame(folder).head(1).collect().to_dicts()


def count_lines(folder: Path, _: Path) -> int:
    with open(folder / "chat.jsonl", "rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))


def rows(folder: Path, _: Path) -> None:
    import pyarrow.parquet as pq

    for path in files(folder):
        for batch in pq.ParquetFile(path).iter_batches(10_000):
            for start in range(0, batch.num_rows, 128):
                for _row in batch.slice(start, 128).to_pylist():
                    pass


def messages(folder: Path, _: Path) -> None:
    import pyarrow.parquet as pq

    for path in files(folder):
        pq.read_table(path, columns=["messages"]).column(0).to_pylist()


def ids(folder: Path, _: Path) -> Any:
    return frame(folder).select("id").collect().to_series().to_list()


def where(folder: Path, _: Path) -> Any:
    import polars as pl

    return frame(folder).select(pl.arg_where(pl.col("score") > 0.5)).collect()


def order(folder: Path, _: Path) -> Any:
    import polars as pl

    return frame(folder).select(pl.col("score").arg_sort()).collect()


def to_json(folder: Path, scratch: Path) -> None:
    frame(folder).sink_ndjson(scratch / "out.jsonl")


def to_polars(folder: Path, _: Path) -> Any:
    return frame(folder).collect()


def unique(folder: Path, _: Path) -> Any:
    return frame(folder).select("label").unique().collect()
