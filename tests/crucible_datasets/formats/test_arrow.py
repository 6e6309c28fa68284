from __future__ import annotations

import io
import random
from typing import Any

import pyarrow as pa
import pytest

from crucible_datasets.errors import FileFormatError, SchemaError
from crucible_datasets.schema import ClassLabel, Features


def ipc(table: pa.Table, make: Any) -> bytes:
    out = io.BytesIO()
    with make(out, table.schema) as writer:
        writer.write_table(table, max_chunksize=2)
    return out.getvalue()


TABLE = pa.table({"a": [1, 2, 3], "b": [["x"], [], None]})


@pytest.mark.parametrize("make", [pa.ipc.new_stream, pa.ipc.new_file], ids=["stream", "file"])
def test_both_kinds_of_files_are_read(put: Any, scan: Any, make: Any) -> None:
    found = scan("arrow", put("a.arrow", ipc(TABLE, make)))
    assert found.num_rows() == 3
    assert found.read().to_pylist() == TABLE.to_pylist()
    assert found.read(["b"]).column_names == ["b"]


def test_the_metadata_give_the_features(put: Any, scan: Any) -> None:
    features = Features({"y": ClassLabel(names=["no", "yes"])})
    table = pa.table({"y": [0, 1]}, schema=features.arrow_schema)
    assert scan("arrow", put("a.arrow", ipc(table, pa.ipc.new_stream))).features == features


def test_another_file_with_more_columns_is_an_error(put: Any, scan: Any) -> None:
    files = [
        put("a.arrow", ipc(pa.table({"a": [1]}), pa.ipc.new_file)),
        put("b.arrow", ipc(TABLE, pa.ipc.new_file)),
    ]
    with pytest.raises(SchemaError, match=r"b\.arrow.*'b'"):
        scan("arrow", *files).read()


def test_what_is_no_arrow_file_is_named(put: Any, scan: Any) -> None:
    with pytest.raises(FileFormatError, match=r"a\.arrow"):
        scan("arrow", put("a.arrow", b"not arrow at all"))


@pytest.mark.parametrize("make", [pa.ipc.new_stream, pa.ipc.new_file], ids=["stream", "file"])
def test_damaged_bytes_give_rows_or_an_error_that_names_the_file(
    put: Any, scan: Any, make: Any
) -> None:
    dice = random.Random(0)
    good = ipc(pa.table({"a": range(99), "b": [["x"], [], None] * 33}), make)
    refused = []
    for _ in range(200):
        bad = bytearray(good)
        for _ in range(dice.choice([1, 1, 3, 20])):
            bad[dice.randrange(len(bad))] ^= 1 << dice.randrange(8)
        cut = dice.choice([len(bad), len(bad), dice.randrange(len(bad))])
        try:
            scan("arrow", put("a.arrow", bytes(bad[:cut]))).read()
        except (FileFormatError, SchemaError) as error:
            refused.append(str(error))
    assert len(refused) > 50
    assert all("a.arrow" in said for said in refused)
