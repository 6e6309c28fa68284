"""Columns beyond what 32-bit offsets reach, and nested columns in many chunks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from crucible_datasets.dataset.dataset import Dataset


@pytest.mark.slow  # 3 GB of memory, about 20 seconds
def test_a_text_column_over_two_gigabytes(tmp_path: object) -> None:
    text = "x" * (1 << 20)
    chunks = [pa.array([text] * 300) for _ in range(8)]
    made = Dataset(pa.table({"text": pa.chunked_array(chunks), "id": pa.array(range(2400))}))

    assert made.num_rows == 2400
    order = np.random.default_rng(0).permutation(2400)
    mixed = made.select(order)
    assert [row["id"] for row in mixed.select_columns("id")] == order.tolist()
    assert len(mixed[2399]["text"]) == 1 << 20
    assert sum(len(row["text"]) for row in mixed) == 2400 << 20
    assert made.filter(lambda row: row["id"] == 2399)[0]["text"] == text


def test_nested_columns_in_many_chunks() -> None:
    rows = [
        {"id": i, "chat": [{"role": "u", "content": f"{i}-{j}"} for j in range(i % 4)]}
        for i in range(600)
    ]
    schema = pa.Table.from_pylist(rows).schema
    table = pa.concat_tables([pa.Table.from_pylist([row], schema) for row in rows])
    made = Dataset(table)

    assert made.to_list() == rows
    assert list(made.shuffle(seed=1).sort("id")) == rows
    assert made[[599, 0, 300]]["chat"] == [rows[599]["chat"], [], rows[300]["chat"]]
    assert made.map(lambda row: {"n": len(row["chat"])})["n"][:] == [i % 4 for i in range(600)]
    assert made.filter(lambda row: len(row["chat"]) == 3).num_rows == 150
