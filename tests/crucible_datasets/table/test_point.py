from __future__ import annotations

from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from crucible_datasets.table.point import value_reader

TEXT = st.text(max_size=4)
MAYBE = st.none() | TEXT
KINDS: list[tuple[pa.DataType, st.SearchStrategy[Any]]] = [
    (pa.string(), TEXT),
    (pa.large_binary(), st.binary(max_size=3)),
    (pa.int16(), st.integers(-9, 9)),
    (pa.list_(pa.float64()), st.lists(st.floats(allow_nan=False), max_size=3)),
    *(
        (
            pa.list_(pa.struct([("role", pa.string()), ("content", second)])),
            st.lists(message, max_size=3),
        )
        for second in (pa.string(), pa.large_string())
        for message in (
            st.fixed_dictionaries({"role": TEXT, "content": TEXT}),
            st.fixed_dictionaries({"role": TEXT, "content": MAYBE}),
            st.none() | st.fixed_dictionaries({"role": TEXT, "content": TEXT}),
        )
    ),
    (
        pa.large_list(pa.struct([("role", pa.string()), ("n", pa.int8())])),
        st.lists(st.fixed_dictionaries({"role": MAYBE, "n": st.none() | st.integers(0, 9)})),
    ),
]


@given(data=st.data())
def test_values_are_read_as_pyarrow_reads_them(data: st.DataObject) -> None:
    kind, values = data.draw(st.sampled_from(KINDS))
    rows = data.draw(st.lists(st.one_of(values, values, st.none()), max_size=8))
    start, length = data.draw(st.integers(0, len(rows))), data.draw(st.integers(0, 8))
    array = pa.array(rows, kind).slice(start, length)

    read = value_reader(array)

    assert [read(i) for i in range(len(array))] == array.to_pylist()
