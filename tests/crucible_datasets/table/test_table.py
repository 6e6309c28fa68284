from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crucible_datasets.table.memory import MemorySource
from crucible_datasets.table.table import Table, concat, rebatched

CHATS = [
    {"id": 0, "messages": [{"role": "user", "content": "hé"}], "score": 0.5},
    {"id": 1, "messages": [], "score": None},
    {"id": 2, "messages": None, "score": 1.5},
    {"id": 3, "messages": [{"role": "user", "content": None}, None], "score": 2.5},
]


def chats() -> Table:
    return Table.from_arrow(pa.Table.from_pylist(CHATS))


def rows(table: Table) -> list[dict[str, Any]]:
    return table.to_arrow().to_pylist()


def blocks(values: list[Any], size: int) -> Table:
    """A table in blocks of ``size`` rows, as memory-mapped files have."""
    table = pa.table({"v": pa.array(values, pa.int64())})
    return Table.from_source(MemorySource(table.to_batches(max_chunksize=size), table.schema))


def test_a_column_of_nothing_but_nulls_reads_by_row() -> None:
    table = Table.from_arrow(pa.table({"a": [1, 2], "n": pa.nulls(2)}))
    assert table.row(1) == {"a": 2, "n": None}


@pytest.mark.parametrize("position", range(4))
def test_one_row_reads_as_all_rows_read(position: int) -> None:
    assert chats().row(position) == CHATS[position]


def test_many_chunks_are_joined_to_one() -> None:
    chunked = pa.concat_tables([pa.Table.from_pylist(CHATS)] * 3)

    assert all(c.num_chunks == 1 for c in Table.from_arrow(chunked).to_arrow().columns)


def test_selecting_twice_selects_from_the_selection() -> None:
    table = blocks(list(range(20)), 6).select_rows([9, 7, 5, 3]).select_rows(range(1, 3))

    assert rows(table) == [{"v": 7}, {"v": 5}]


def test_a_run_of_positions_is_kept_as_a_range() -> None:
    (part,) = blocks(list(range(20)), 6).select_rows([4, 5, 6]).parts

    assert part.rows == range(4, 7)


def test_columns_replaced_and_added_keep_the_selection_of_the_others() -> None:
    table = chats().select_rows([3, 0])
    other = Table.from_arrow(pa.table({"score": ["x", "y"], "new": [1, 2]}))

    together = table.with_columns(other)

    assert together.column_names == ["id", "messages", "score", "new"]
    assert [r["id"] for r in rows(together)] == [3, 0]
    assert [r["score"] for r in rows(together)] == ["x", "y"]
    assert together.row(1) == {**CHATS[0], "score": "y", "new": 2}


def test_renamed_columns_may_swap_names() -> None:
    table = chats().rename({"id": "score", "score": "id"})

    assert table.column_names == ["score", "messages", "id"]
    assert rows(table)[0]["score"] == 0


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="different names"):
        chats().rename({"id": "score"})


def test_a_table_without_columns_keeps_its_rows() -> None:
    table = chats().select_columns([])

    assert table.num_rows == 4
    assert rows(table.select_rows([0, 2])) == [{}, {}]


def test_a_table_pickles_with_its_selection() -> None:
    table = chats().select_rows([2, 1])

    assert rows(pickle.loads(pickle.dumps(table))) == rows(table)


def test_the_key_tells_rows_columns_and_order_apart() -> None:
    keys = {
        table.key()
        for table in (
            chats(),
            chats().select_rows([1, 0]),
            chats().select_rows([0, 1]),
            chats().rename({"id": "x"}),
            chats().drop(["id"]),
        )
    }

    assert len(keys) == 5
    assert chats().key() == chats().key()


def test_odd_column_names_reach_polars_as_they_are() -> None:
    names = ["", "*", "a.b", "^x$", "🎈"]
    table = Table.from_arrow(pa.table([pa.array([k]) for k in range(5)], names=names))

    assert table.select_columns(names[::-1]).lazy().collect().to_dicts() == [
        dict(zip(names[::-1], range(5)[::-1], strict=True))
    ]


@settings(max_examples=60, deadline=None)
@given(
    size=st.integers(1, 7),
    batch=st.integers(1, 9),
    pick=st.lists(st.integers(0, 24), max_size=30),
)
def test_gathers_slices_and_batches_agree(size: int, batch: int, pick: list[int]) -> None:
    values = list(range(100, 125))
    table = concat([blocks(values[:10], size), blocks(values[10:], size).select_rows(range(15))])
    wanted = [values[i] for i in pick]

    chosen = table.select_rows(pick)

    assert [r["v"] for r in rows(chosen)] == wanted
    assert table.gather(pick)["v"].to_pylist() == wanted
    assert [chosen.row(i)["v"] for i in range(len(pick))] == wanted
    streamed = list(chosen.batches(batch, exact=True))
    assert [v for b in streamed for v in b.column(0).to_pylist()] == wanted
    assert all(b.num_rows == batch for b in streamed[:-1])
    middle = table.batches(batch, start=3, stop=17)
    assert [v for b in middle for v in b.column(0).to_pylist()] == values[3:17]


def test_batches_are_cut_to_size_over_the_seams() -> None:
    parts = pa.table({"v": list(range(7))}).to_batches(max_chunksize=3)

    assert [b.num_rows for b in rebatched(parts, 5)] == [5, 2]


def test_positions_may_be_numpy_integers() -> None:
    table = blocks(list(range(9)), 4)

    assert table.gather(np.array([8, 0], dtype=np.int32))["v"].to_pylist() == [8, 0]
