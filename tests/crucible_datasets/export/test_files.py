from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import sqlite3
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.schema import Features, Json, Value

if TYPE_CHECKING:
    from pathlib import Path

OPENERS: dict[str, Any] = {"": open, ".gz": gzip.open, ".bz2": bz2.open, ".xz": lzma.open}


@pytest.mark.parametrize("end", OPENERS)
def test_json_lines_are_compressed_as_the_name_says(ds: Dataset, tmp_path: Path, end: str) -> None:
    path = tmp_path / f"rows.jsonl{end}"

    written = ds.to_json(path)

    with OPENERS[end](path, "rb") as file:
        data = file.read()
    assert len(data) == written
    assert [json.loads(line) for line in data.splitlines()] == ds.to_list()


@pytest.mark.parametrize("orient", ["records", "split", "index", "columns", "values"])
def test_json_is_laid_out_as_pandas_does(ds: Dataset, orient: str) -> None:
    plain = ds.select_columns(["id", "text", "score"])
    buffer = io.BytesIO()
    plain.to_json(buffer, orient=orient, lines=False)
    options = {"index": False} if orient == "split" else {}
    expected = pd.DataFrame(plain.to_list()).to_json(orient=orient, **options)

    assert json.loads(buffer.getvalue()) == json.loads(expected)


def test_json_tables_have_a_schema(ds: Dataset) -> None:
    buffer = io.BytesIO()
    ds.select_columns(["id", "text"]).to_json(buffer, orient="table")

    found = json.loads(buffer.getvalue())
    assert found["schema"]["fields"] == [
        {"name": "id", "type": "integer"},
        {"name": "text", "type": "string"},
    ]
    assert found["data"] == ds.select_columns(["id", "text"]).to_list()


def test_large_integers_with_nulls_stay_integers(tmp_path: Path) -> None:
    made = Dataset.from_dict({"n": [2**60 + 1, None]})
    made.to_json(tmp_path / "n.jsonl")

    assert (tmp_path / "n.jsonl").read_text() == f'{{"n":{2**60 + 1}}}\n{{"n":null}}\n'


def test_json_columns_are_written_as_json(tmp_path: Path) -> None:
    values = [{"a": 1}, [1, "x"], None]
    Dataset.from_dict({"j": values}, features=Features({"j": Json()})).to_json(tmp_path / "j.jsonl")

    lines = (tmp_path / "j.jsonl").read_text().splitlines()
    assert [json.loads(line)["j"] for line in lines] == values


def test_times_are_milliseconds_as_in_pandas(tmp_path: Path) -> None:
    features = Features({"t": Value("timestamp[us]")})
    moment = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC).replace(tzinfo=None)
    Dataset.from_dict({"t": [moment]}, features=features).to_json(tmp_path / "t.jsonl")

    assert json.loads((tmp_path / "t.jsonl").read_text()) == {"t": 1704164645000}


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="base64"):
        Dataset.from_dict({"b": [b"\xff\xfe"]}).to_json(tmp_path / "b.jsonl")

    assert not (tmp_path / "b.jsonl").exists()


def test_an_unknown_compression_is_refused(ds: Dataset, tmp_path: Path) -> None:
    with pytest.raises(NotImplementedError, match="zip"):
        ds.to_json(tmp_path / "x", compression="zip")


def test_csv_has_a_header_and_empty_cells_for_none(ds: Dataset, tmp_path: Path) -> None:
    written = ds.select_columns(["id", "text"]).to_csv(tmp_path / "rows.csv")

    text = (tmp_path / "rows.csv").read_text()
    assert written == len(text)
    assert text.splitlines()[:5] == ["id,text", "0,row 0", "1,row 1", "2,row 2", "3,"]


def test_csv_takes_the_options_of_pandas(ds: Dataset, tmp_path: Path) -> None:
    ds.select_columns(["id"]).to_csv(tmp_path / "rows.csv", sep=";", quoting=1, index=True)

    assert (tmp_path / "rows.csv").read_text().splitlines()[:2] == ['"";"id"', '"0";"0"']


def test_parquet_keeps_the_features(ds: Dataset, tmp_path: Path) -> None:
    ds.cast_column("id", Value("int8")).to_parquet(tmp_path / "rows.parquet", batch_size=4)

    file = pq.ParquetFile(tmp_path / "rows.parquet")
    assert file.num_row_groups == 3
    assert Features.from_arrow_schema(file.schema_arrow)["id"] == Value("int8")
    assert file.read().to_pylist() == ds.to_list()


def test_sql_tables_hold_the_rows(ds: Dataset, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "rows.db") as connection:
        assert ds.to_sql('odd "name"', connection) == 10
        found = connection.execute('select id, text, chat from "odd ""name"""').fetchall()
    connection.close()

    assert found[1] == (1, "row 1", '[{"role": "user", "content": "c0"}]')


def test_an_sql_table_is_not_replaced_unasked(ds: Dataset, tmp_path: Path) -> None:
    where = f"sqlite:///{tmp_path / 'rows.db'}"
    ds.to_sql("rows", where)

    with pytest.raises(ValueError, match="if_exists"):
        ds.to_sql("rows", where)
    assert ds.to_sql("rows", where, if_exists="append") == 10


def test_decimals_keep_their_digits_in_json() -> None:
    buffer = io.BytesIO()
    Dataset.from_dict({"d": [Decimal("0.10000000000000000555"), None]}).to_json(buffer)
    assert buffer.getvalue() == b'{"d":"0.10000000000000000555"}\n{"d":null}\n'


def test_a_row_with_a_huge_integer_is_still_json() -> None:
    features = Features({"a": Json(), "b": Value("float64")})
    buffer = io.BytesIO()
    Dataset.from_dict({"a": [2**70], "b": [float("nan")]}, features=features).to_json(buffer)
    assert buffer.getvalue() == b'{"a":%d,"b":null}\n' % 2**70
