from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.table.chats import chat_objects, is_chats

CHAT = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
THREE = pa.large_list(
    pa.struct([("role", pa.string()), ("content", pa.large_string()), ("name", pa.string())])
)
texts = st.none() | st.text(max_size=3)


@given(data=st.data(), kind=st.sampled_from([CHAT, THREE]))
def test_chats_are_the_objects_that_pyarrow_makes(data: st.DataObject, kind: pa.DataType) -> None:
    fields = {field.name: texts for field in kind.value_type}
    message = st.none() | st.fixed_dictionaries(fields)
    rows = data.draw(st.lists(st.none() | st.lists(message, max_size=3), max_size=6))
    start, length = data.draw(st.integers(0, len(rows))), data.draw(st.integers(0, 6))
    chats = pa.array(rows, kind).slice(start, length)

    made = chat_objects(chats)

    wanted = chats.to_pandas()
    assert made.dtype == wanted.dtype == object
    assert [type(row) for row in made] == [type(row) for row in wanted]
    assert [None if row is None else list(row) for row in made] == chats.to_pylist()


def test_texts_that_come_again_are_one_object() -> None:
    rows = [[{"role": "user", "content": str(i)}] for i in range(1500)]
    rows[7] = [{"role": None, "content": "7"}]

    made = chat_objects(pa.array(rows, CHAT))

    assert [list(row) for row in made] == rows
    assert len({id(row[0]["role"]) for row in made}) == 2


@pytest.mark.parametrize(
    "kind",
    [
        pa.list_(pa.string()),
        pa.list_(pa.struct([])),
        pa.list_(pa.struct([("n", pa.int64())])),
        pa.struct([("role", pa.string())]),
    ],
    ids=str,
)
def test_other_columns_are_left_to_pyarrow(kind: pa.DataType) -> None:
    assert not is_chats(kind)


@pytest.mark.parametrize("count", [0, 1, 4])
@pytest.mark.parametrize("names", [["m"], ["n", "m", "s"]])
def test_frames_with_chats_are_those_that_pyarrow_makes(count: int, names: list[str]) -> None:
    chats = [[{"role": "user", "content": "hi"}], None, [], [None]][:count]
    table = pa.table({"n": range(count), "m": pa.array(chats, CHAT), "s": ["a"] * count})
    ds = Dataset(table.select(names))

    frame = ds.to_pandas()

    assert list(frame.columns) == names
    assert_frame_equal(frame, table.select(names).to_pandas())
    assert all(isinstance(row, np.ndarray) for row in frame["m"] if row is not None)
