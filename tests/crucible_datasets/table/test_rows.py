"""Columns become the same rows, values and lists however they are cut."""

from __future__ import annotations

import datetime as dt
import gc
from decimal import Decimal
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_datasets.table import rows as module
from crucible_datasets.table.rows import columns_of, in_turn, iterate, pieces, rows_of, values_of

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAVES = {
    pa.int8(): st.integers(-128, 127),
    pa.float64(): st.floats(allow_nan=False),
    pa.string(): st.text(max_size=4),
    pa.binary(): st.binary(max_size=4),
    pa.bool_(): st.booleans(),
    pa.timestamp("us", "Europe/Berlin"): st.datetimes(
        dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1), timezones=st.just(dt.UTC)
    ),
    pa.date32(): st.dates(),
    pa.duration("ms"): st.timedeltas(dt.timedelta(-9), dt.timedelta(9)),
    pa.decimal128(6, 2): st.integers(-9999, 9999).map(lambda number: Decimal(number) / 100),
    pa.null(): st.none(),
}


def values(kind: pa.DataType) -> st.SearchStrategy[Any]:
    """Values of a type, None among them."""
    if pa.types.is_list(kind):
        made: st.SearchStrategy[Any] = st.lists(values(kind.value_type), max_size=3)
    elif pa.types.is_struct(kind):
        made = st.fixed_dictionaries({field.name: values(field.type) for field in kind})
    else:
        made = LEAVES[kind]
    return st.none() | made


KINDS = st.recursive(
    st.sampled_from(list(LEAVES)),
    lambda inner: (
        inner.map(pa.list_)
        | st.lists(inner, max_size=2).map(
            lambda kinds: pa.struct([(f"f{index}", kind) for index, kind in enumerate(kinds)])
        )
    ),
    max_leaves=4,
)


@st.composite
def batches(draw: st.DrawFn) -> pa.RecordBatch:
    """Rows of any nested types, cut out of more of them."""
    kinds = draw(st.lists(KINDS, min_size=1, max_size=3))
    count = draw(st.integers(0, 9))
    arrays = [
        pa.array(draw(st.lists(values(kind), min_size=count, max_size=count)), kind)
        for kind in kinds
    ]
    whole = pa.RecordBatch.from_arrays(arrays, names=[f"c{index}" for index in range(len(kinds))])
    start = draw(st.integers(0, count))
    return whole.slice(start, draw(st.integers(0, count - start)))


@given(batches())
def test_rows_values_and_columns_are_those_of_arrow(batch: pa.RecordBatch) -> None:
    columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}

    assert rows_of(batch) == list(iterate([batch])) == batch.to_pylist()
    assert columns_of(batch) == columns
    assert {name: values_of(batch.column(name)) for name in columns} == columns


@given(batches(), st.integers(1, 4))
def test_pieces_are_the_rows_in_order(batch: pa.RecordBatch, most: int) -> None:
    cut = list(pieces(batch, most))

    assert all(0 < piece.num_rows <= most for piece in cut)
    assert list(chain.from_iterable(piece.to_pylist() for piece in cut)) == batch.to_pylist()


def test_large_rows_are_converted_a_few_at_a_time() -> None:
    large = "x" * (module.BYTES_AT_ONCE // 4)
    batch = pa.record_batch({"text": [large] * 10})

    assert [piece.num_rows for piece in pieces(batch, 500)] == [3, 3, 3, 1]


def test_a_row_larger_than_a_piece_comes_by_itself() -> None:
    batch = pa.record_batch({"text": ["x" * (module.BYTES_AT_ONCE + 1)] * 2})

    assert [piece.num_rows for piece in pieces(batch, 500)] == [1, 1]


def test_rows_without_columns_keep_their_number() -> None:
    none = pa.record_batch({"a": [1, 2]}).select([])

    assert rows_of(none) == list(iterate([none])) == [{}, {}]


def test_the_collector_runs_while_rows_are_looked_at() -> None:
    batch = pa.record_batch({"a": [[1], [2]]})

    assert [gc.isenabled() for _ in iterate([batch])] == [True, True]


class Converter:
    """Notes how many parts were asked for when each was converted."""

    def __init__(self) -> None:
        self.taken = 0
        self.at_once: list[int] = []

    def parts(self) -> Iterator[int]:
        """As many as one likes."""
        while True:
            self.taken += 1
            yield self.taken

    def __call__(self, part: int) -> list[list[int]]:
        self.at_once.append(self.taken)
        return [[part], [part]]


def test_more_is_converted_in_one_go_while_values_are_kept() -> None:
    convert = Converter()

    kept = list(islice(chain.from_iterable(in_turn(convert.parts(), convert)), 14))

    assert kept == [[part] for part in range(1, 8) for _ in range(2)]
    assert convert.at_once == [1, 3, 3, 7, 7, 7, 7]


def test_values_that_nobody_keeps_are_made_a_part_at_a_time() -> None:
    convert = Converter()

    for _ in islice(chain.from_iterable(in_turn(convert.parts(), convert)), 14):
        pass

    assert convert.at_once == [1, 2, 3, 4, 5, 6, 7]


def test_what_comes_before_an_error_is_given_first() -> None:
    def parts() -> Iterator[list[list[int]]]:
        for part in range(5):
            yield [[part]]
        raise OSError("damaged")

    kept: list[list[int]] = []
    with pytest.raises(OSError, match="damaged"):
        kept.extend(chain.from_iterable(in_turn(parts(), list)))

    assert kept == [[part] for part in range(5)]


def test_parts_without_values_are_passed_over() -> None:
    assert list(chain.from_iterable(in_turn([[], [], [1], []], list))) == [1]
