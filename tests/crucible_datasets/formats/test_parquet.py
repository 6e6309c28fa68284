from __future__ import annotations

import pickle
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.errors import FileFormatError, SchemaError
from crucible_datasets.formats.sources import local_file
from crucible_datasets.schema import ClassLabel, Features, Value

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_datasets.formats.base import DataFile


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """Write a table: ``written(table, "a.parquet", **options of pyarrow)``."""

    def write(table: pa.Table, name: str = "a.parquet", **options: Any) -> DataFile:
        pq.write_table(table, tmp_path / name, **options)
        return local_file(tmp_path / name)

    return write


NUMBERS = pa.table({"n": list(range(100)), "s": [str(n) for n in range(100)]})


@pytest.mark.parametrize("start", [0, 1, 9, 10, 55, 99, 100, 1000])
def test_a_shard_starts_at_any_row(written: Any, scan: Any, start: int) -> None:
    [shard] = scan("parquet", written(NUMBERS, row_group_size=10)).shards()
    found = [n for b in shard.batches(start=start, batch_size=7) for n in b.column(0).to_pylist()]
    assert found == list(range(start, 100))


def test_a_piece_is_a_row_group_that_knows_its_rows_and_survives_pickling(
    written: Any, scan: Any
) -> None:
    pieces = scan("parquet", written(NUMBERS, row_group_size=40)).shards(pieces=True)
    again = pickle.loads(pickle.dumps(pieces))
    assert [piece.num_rows() for piece in again] == [40, 40, 20]
    assert [b.column(0)[0].as_py() for piece in again for b in piece.batches()] == [0, 40, 80]
    assert len(pickle.dumps(pieces[0])) < 1000


def test_a_predicate_keeps_rows_and_gives_only_the_columns_asked_for(
    written: Any, scan: Any
) -> None:
    [shard] = scan("parquet", written(NUMBERS)).shards()
    [batch] = shard.batches(columns=["s"], predicate=pl.col("n") > 97, start=50)
    assert batch.to_pylist() == [{"s": "98"}, {"s": "99"}]


def test_large_rows_come_in_smaller_batches(written: Any, scan: Any) -> None:
    table = pa.table({"x": [bytes([n]) * (3 << 20) for n in range(12)]})
    file = written(table, compression="none", use_dictionary=False)
    [shard] = scan("parquet", file).shards()
    sizes = [batch.num_rows for batch in shard.batches(batch_size=1000)]
    assert sum(sizes) == 12
    assert max(sizes) <= 6


def test_the_metadata_give_the_features(written: Any, scan: Any) -> None:
    features = Features({"y": ClassLabel(names=["no", "yes"]), "n": Value("int64")})
    table = pa.table({"y": [0, 1], "n": [5, 6]}, schema=features.arrow_schema)
    assert scan("parquet", written(table)).features == features


def test_features_cast_and_reorder(written: Any, scan: Any) -> None:
    features = Features({"s": Value("int32"), "n": Value("string")})
    found = scan("parquet", written(NUMBERS.slice(0, 2)), features=features)
    assert found.read().to_pylist() == [{"s": 0, "n": "0"}, {"s": 1, "n": "1"}]
    assert found.lazy().collect().to_dicts() == found.read().to_pylist()


def test_another_file_may_lack_columns_but_have_no_others(written: Any, scan: Any) -> None:
    first = written(NUMBERS.slice(0, 1), "a.parquet")
    lacking = written(pa.table({"n": [7]}), "b.parquet")
    other = written(pa.table({"n": [7], "z": [1]}), "c.parquet")
    assert scan("parquet", first, lacking).read().to_pylist()[1] == {"n": 7, "s": None}
    with pytest.raises(SchemaError, match=r"c\.parquet.*'z'"):
        scan("parquet", first, other).read()


def test_columns_and_filters_are_options(written: Any, scan: Any) -> None:
    file = written(NUMBERS)
    assert scan("parquet", file, columns=["s"]).read().column_names == ["s"]
    found = scan("parquet", file, filters=[("n", ">", 97)])
    assert found.num_rows() == 2
    assert found.read(["s"]).column(0).to_pylist() == ["98", "99"]
    with pytest.raises(ValueError, match="nope"):
        scan("parquet", file, columns=["nope"])


def test_bad_files_can_be_left_out(written: Any, put: Any, scan: Any) -> None:
    good, bad = written(NUMBERS), put("bad.parquet", b"PAR1 no more")
    with pytest.raises(FileFormatError, match=r"bad\.parquet"):
        scan("parquet", bad, good)
    assert scan("parquet", bad, good, on_bad_files="skip").num_rows() == 100
    with pytest.warns(UserWarning, match=r"bad\.parquet"):
        scan("parquet", bad, good, on_bad_files="warn")


@pytest.mark.parametrize("name", ["", "*", "a.b", "😀 ü", "x[0]", "^n$", "column_0"])
def test_a_column_may_be_called_anything(written: Any, scan: Any, name: str) -> None:
    found = scan("parquet", written(pa.table({name: [1, 2], "other": ["x", "y"]})))
    assert found.read([name]).to_pylist() == [{name: 1}, {name: 2}]
    assert found.read().column_names == [name, "other"]


def test_a_dot_is_no_path_into_a_struct(written: Any, scan: Any) -> None:
    table = pa.table({"a": [{"b": 1}], "a.b": [2]})
    assert scan("parquet", written(table)).read(["a.b"]).to_pylist() == [{"a.b": 2}]


def test_a_split_may_be_empty(written: Any, scan: Any) -> None:
    found = scan("parquet", written(NUMBERS.slice(0, 0)))
    assert found.num_rows() == 0
    assert found.read().schema == NUMBERS.schema
    assert found.shards(pieces=True) == []
    assert found.lazy().collect().height == 0


def test_five_thousand_columns(written: Any, scan: Any) -> None:
    table = pa.table({f"c{n}": [n] for n in range(5000)})
    found = scan("parquet", written(table))
    assert found.read(["c4999", "c0"]).to_pylist() == [{"c4999": 4999, "c0": 0}]


def test_a_thousand_files_of_ten_rows(tmp_path: Path, scan: Any) -> None:
    files = []
    for number in range(1000):
        path = tmp_path / f"{number:04}.parquet"
        pq.write_table(pa.table({"n": range(number * 10, number * 10 + 10)}), path)
        files.append(local_file(path))
    found = scan("parquet", *files)
    assert found.num_rows() == 10_000
    assert found.read().column(0).to_pylist() == list(range(10_000))
    assert found.lazy().select(pl.col("n").sum()).collect().item() == sum(range(10_000))


ODD: dict[str, pa.Table] = {
    "lists of lists": pa.table({"x": [[[1, None], []], None, [None, [2]]]}),
    "lists of structs of lists": pa.table({"x": [[{"y": [1]}, {"y": None}], [], None]}),
    "decimals": pa.table({"x": pa.array([Decimal("1.23"), None], pa.decimal128(10, 2))}),
    "large decimals": pa.table({"x": pa.array([Decimal("1.5")], pa.decimal256(50, 1))}),
    "dates and times": pa.table(
        {
            "d": [date(2020, 1, 2)],
            "t": pa.array([time(1, 2, 3)], pa.time64("us")),
            "s": pa.array([datetime(2020, 1, 2)], pa.timestamp("ms", tz="UTC")),
            "l": pa.array([timedelta(seconds=5)], pa.duration("s")),
        }
    ),
    "large text and bytes": pa.table(
        {"s": pa.array(["a"], pa.large_string()), "b": pa.array([b"\0"], pa.large_binary())}
    ),
    "fixed lists and bytes": pa.table(
        {
            "l": pa.array([[1, 2]], pa.list_(pa.int32(), 2)),
            "b": pa.array([b"abc"], pa.binary(3)),
        }
    ),
    "dictionaries": pa.table({"x": pa.array(["a", "b", "a"]).dictionary_encode()}),
    "maps": pa.table({"x": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64()))}),
    "half floats": pa.table({"x": pa.array([1.5, None], pa.float16())}),
    "small and unsigned integers": pa.table(
        {"a": pa.array([1], pa.int8()), "b": pa.array([2**64 - 1], pa.uint64())}
    ),
    "nothing but nulls": pa.table({"x": pa.nulls(3)}),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_types_are_read_as_pyarrow_reads_them(written: Any, scan: Any, name: str) -> None:
    file = written(ODD[name])
    found = scan("parquet", file)
    expected = pq.read_table(file.path).to_pylist()
    if name == "maps":  # a list of pairs, as the peer has it
        expected = [{"x": [{"key": k, "value": v} for k, v in row["x"]]} for row in expected]
    assert found.read().to_pylist() == expected
    assert found.read().schema == found.features.storage_schema.remove_metadata()


def test_int96_timestamps_are_read(written: Any, scan: Any) -> None:
    table = pa.table({"x": pa.array([datetime(2020, 1, 2, 3)], pa.timestamp("ns"))})
    found = scan("parquet", written(table, use_deprecated_int96_timestamps=True))
    assert found.read().column(0).cast(pa.timestamp("us")).to_pylist() == [datetime(2020, 1, 2, 3)]


@pytest.mark.parametrize(
    "options",
    [
        {"use_dictionary": False, "column_encoding": "DELTA_BINARY_PACKED"},
        {"data_page_version": "2.0"},
        {"version": "1.0"},
        {"compression": "gzip"},
        {"compression": "brotli"},
        {"compression": "lz4"},
        {"write_statistics": False},
        {"data_page_size": 16, "row_group_size": 3},
    ],
    ids=str,
)
def test_old_and_new_encodings_are_read(written: Any, scan: Any, options: Any) -> None:
    table = NUMBERS.select(["n"])
    assert scan("parquet", written(table, **options)).read().equals(table)


def test_empty_row_groups_are_passed_over(tmp_path: Path, scan: Any) -> None:
    path = tmp_path / "a.parquet"
    with pq.ParquetWriter(path, NUMBERS.schema) as writer:
        for part in (
            NUMBERS.slice(0, 0),
            NUMBERS.slice(0, 2),
            NUMBERS.slice(0, 0),
            NUMBERS.slice(2, 1),
        ):
            writer.write_table(part)
    found = scan("parquet", local_file(path))
    assert [n for b in found.batches() for n in b.column(0).to_pylist()] == [0, 1, 2]
    assert [piece.num_rows() for piece in found.shards(pieces=True)] == [2, 1]
