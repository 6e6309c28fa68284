"""Parquet as other writers, other times and bad disks leave it: read as pyarrow reads it, or named."""

from __future__ import annotations

import random
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets import load_dataset
from crucible_datasets.errors import DatasetsError, FileFormatError

if TYPE_CHECKING:
    from pathlib import Path

COUNT = 300
DICE = random.Random(0)


def spread(values: list[Any]) -> list[Any]:
    """Many of them in runs and out of runs, some missing."""
    return [None if i % 7 == 3 else values[(i // 5 + i % 3) % len(values)] for i in range(COUNT)]


COLUMNS: dict[str, pa.Array] = {
    "bool": pa.array(spread([True, False])),
    "int32": pa.array(spread([0, 1, -5, 2**31 - 1]), pa.int32()),
    "int64": pa.array(spread([0, 2**63 - 1, -(2**63), 17])),
    "uint64": pa.array(spread([0, 2**64 - 1]), pa.uint64()),
    "float": pa.array(spread([0.5, -1.5, float("inf")]), pa.float32()),
    "double": pa.array(spread([0.1, 1e300])),
    "string": pa.array(spread(["", "a", "ab", "abc" * 40, "üü"])),
    "binary": pa.array(spread([b"", b"\0\1", b"x" * 50])),
    "fixed": pa.array(spread([b"abcd", b"\0\0\0\0"]), pa.binary(4)),
    "decimal": pa.array(spread([Decimal("1.25"), Decimal("-99.50")]), pa.decimal128(6, 2)),
    "date": pa.array(spread([date(1970, 1, 1), date(2038, 2, 3), date(1900, 1, 1)])),
    "time": pa.array(spread([time(1, 2, 3, 4)]), pa.time64("us")),
    "moment": pa.array(spread([datetime(2020, 1, 2, 3), datetime(1950, 1, 1)])),
    "zoned": pa.array(spread([datetime(2020, 1, 2, 3)]), pa.timestamp("us", tz="Europe/Berlin")),
    "lists": pa.array(spread([[[1, None], []], [], [None, [2]]])),
    "structs": pa.array(spread([{"a": 1, "b": [{"c": "x"}]}, {"a": None, "b": []}])),
}
TABLE = pa.table(COLUMNS)


def same_everywhere(path: Path, expected: list[dict[str, Any]]) -> None:
    """In order, by position, one column alone, and as a stream."""
    ds = load_dataset("parquet", data_files=str(path), split="train")
    assert ds.to_list() == expected
    picked = [len(expected) - 1, 0, len(expected) // 2]
    assert ds.select(picked).to_list() == [expected[i] for i in picked]
    last = ds.column_names[-1]
    assert ds[last][:] == [row[last] for row in expected]
    stream = load_dataset("parquet", data_files=str(path), split="train", streaming=True)
    assert list(stream) == expected


@pytest.mark.parametrize(
    "options",
    [
        {"version": "1.0"},
        {"version": "2.4", "data_page_version": "2.0"},
        {"use_dictionary": False},
        {"dictionary_pagesize_limit": 16},
        {"store_schema": False},
        {"use_compliant_nested_type": False},
        {"store_decimal_as_integer": True},
        {"write_page_index": True, "write_page_checksum": True},
        {"data_page_size": 32, "row_group_size": 50, "write_batch_size": 7},
        {"coerce_timestamps": "ms", "allow_truncated_timestamps": True},
        {"use_deprecated_int96_timestamps": True},
        {"flavor": "spark"},
        *({"compression": codec} for codec in ("none", "snappy", "gzip", "brotli", "lz4", "zstd")),
    ],
    ids=str,
)
def test_whatever_the_writer_was_told(tmp_path: Path, options: Any) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(TABLE, path, **options)

    same_everywhere(path, pq.read_table(path).to_pylist())


ENCODINGS = {
    "RLE": ["bool"],
    "DELTA_BINARY_PACKED": ["int32", "int64", "uint64", "date", "time", "moment"],
    "DELTA_LENGTH_BYTE_ARRAY": ["string", "binary"],
    "DELTA_BYTE_ARRAY": ["string", "binary", "fixed", "decimal"],
    "BYTE_STREAM_SPLIT": ["float", "double", "int32", "int64", "fixed", "decimal"],
    "PLAIN": ["bool", "int64", "double", "string", "fixed"],
}


@pytest.mark.parametrize("pages", ["1.0", "2.0"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_encoding(tmp_path: Path, encoding: str, pages: str) -> None:
    table = TABLE.select(ENCODINGS[encoding])
    path = tmp_path / "a.parquet"
    pq.write_table(
        table, path, use_dictionary=False, column_encoding=encoding, data_page_version=pages
    )
    assert encoding in pq.read_metadata(path).row_group(0).column(0).encodings

    same_everywhere(path, table.to_pylist())


@pytest.mark.parametrize("inside", ["alone", "in lists", "in structs"])
def test_int96_wherever_it_is(tmp_path: Path, inside: str) -> None:
    moments = pa.array(
        [datetime(2020, 1, 2, 3, 4, 5, 678901), None, datetime(1700, 1, 1), datetime(2200, 1, 1)],
        pa.timestamp("ns"),
    )
    column: pa.Array = moments
    if inside == "in lists":
        column = pa.ListArray.from_arrays([0, 1, 3, 3, 4], moments)
    elif inside == "in structs":
        column = pa.StructArray.from_arrays([moments], ["x"])
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"c": column}), path, use_deprecated_int96_timestamps=True)
    assert "int96" in str(pq.read_metadata(path).schema)

    same_everywhere(path, pq.read_table(path).to_pylist())


def test_row_groups_of_other_sizes_and_of_none(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, TABLE.schema) as writer:
        for start, size in ((0, 0), (0, 1), (1, 0), (1, 120), (121, 0), (121, 179), (300, 0)):
            writer.write_table(TABLE.slice(start, size), row_group_size=max(size, 1))

    same_everywhere(path, TABLE.to_pylist())


def test_columns_in_another_order_and_type_in_each_file(tmp_path: Path) -> None:
    pq.write_table(pa.table({"a": pa.array([1], pa.int64()), "b": ["x"]}), tmp_path / "1.parquet")
    pq.write_table(
        pa.table({"b": pa.array(["y"]).dictionary_encode(), "a": pa.array([2], pa.int8())}),
        tmp_path / "2.parquet",
    )

    ds = load_dataset("parquet", data_files=str(tmp_path / "*.parquet"), split="train")

    assert ds.to_list() == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


@pytest.mark.parametrize("kept", [0, 1, 4, 8, 100, -9, -4, -1])
def test_a_file_that_was_cut_is_named(tmp_path: Path, kept: int) -> None:
    path = tmp_path / "cut.parquet"
    pq.write_table(TABLE, path)
    path.write_bytes(path.read_bytes()[:kept])

    with pytest.raises(FileFormatError, match=r"cut\.parquet"):
        load_dataset("parquet", data_files=str(path), split="train").to_list()


@pytest.mark.parametrize("place", ["pages", "footer"])
def test_flipped_bytes_give_rows_or_an_error_that_names_the_file(
    tmp_path: Path, place: str
) -> None:
    path = tmp_path / "flipped.parquet"
    pq.write_table(
        TABLE.select(["int64", "double", "string", "lists"]), path, write_page_checksum=True
    )
    good = path.read_bytes()
    footer = len(good) - 8 - int.from_bytes(good[-8:-4], "little")
    low, high = (4, footer) if place == "pages" else (footer, len(good))
    refused: list[str] = []
    for _ in range(150):
        bad = bytearray(good)
        for _ in range(DICE.choice([1, 1, 3, 20])):
            bad[DICE.randrange(low, high)] ^= 1 << DICE.randrange(8)
        path.write_bytes(bad)
        try:
            load_dataset("parquet", data_files=str(path), split="train").to_list()
        except DatasetsError as error:
            refused.append(str(error))
        except UnicodeDecodeError:  # a checksum was among what was flipped
            with pytest.raises(UnicodeDecodeError):
                pq.read_table(path).to_pylist()
    assert len(refused) > 20
    assert all("flipped.parquet" in said for said in refused)
