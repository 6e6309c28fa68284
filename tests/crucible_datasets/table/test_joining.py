from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_datasets.table import joining
from crucible_datasets.table.joining import joined

TEXT = st.text(max_size=3)
KINDS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.int64(), st.integers(-5, 5)),
    (pa.uint8(), st.integers(0, 255)),
    (pa.float64(), st.floats(allow_nan=False)),
    (pa.bool_(), st.booleans()),
    (pa.string(), TEXT),
    (pa.large_binary(), st.binary(max_size=3)),
    (pa.date32(), st.dates()),
    (pa.decimal128(12, 2), st.decimals(-999, 999, places=2)),
    (pa.null(), st.none()),
    (pa.struct([]), st.just({})),
    (pa.list_(pa.int8(), 2), st.lists(st.integers(0, 9), min_size=2, max_size=2)),
    (pa.list_(pa.string()), st.lists(st.none() | TEXT, max_size=3)),
    (pa.large_list(pa.list_(pa.int16())), st.lists(st.lists(st.integers(0, 9)), max_size=3)),
    (
        pa.list_(pa.struct([("role", pa.string()), ("n", pa.int32())])),
        st.lists(
            st.none()
            | st.fixed_dictionaries({"role": st.none() | TEXT, "n": st.none() | st.integers(0, 9)}),
            max_size=3,
        ),
    ),
    (pa.dictionary(pa.int32(), pa.string()), TEXT),
]


@given(data=st.data())
def test_joined_rows_are_the_rows(data: st.DataObject) -> None:
    kind, values = data.draw(st.sampled_from(KINDS))
    blocks = []
    for part in data.draw(
        st.lists(st.lists(st.none() | values, max_size=12), min_size=1, max_size=4)
    ):
        array = pa.array(part, kind)
        start = data.draw(st.integers(0, len(part)))
        length = data.draw(st.integers(0, len(part)))
        blocks.append(pa.record_batch([array.slice(start, length)], names=["v"]))
    wanted = [row for block in blocks for row in block.to_pylist()]

    (one,) = joined(list(blocks), blocks[0].schema)

    one.validate(full=True)
    assert one.schema == blocks[0].schema
    assert one.to_pylist() == wanted


def test_blocks_stay_within_their_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = pa.table({"n": pa.array(range(1000), pa.int64())}).to_batches(max_chunksize=100)
    monkeypatch.setattr(joining, "BLOCK_BYTES", 1700)

    made = joined(list(blocks), blocks[0].schema)

    assert [block.num_rows for block in made] == [200] * 5
    assert pa.Table.from_batches(made).column("n").to_pylist() == list(range(1000))
