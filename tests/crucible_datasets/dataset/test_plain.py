"""Lists of plain values become the arrays that ``pa.array`` makes, without pandas."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crucible_datasets.dataset.plain import array_of, plain_array

INTEGERS = st.integers(-(2**63), 2**63 - 1)
PLAIN = [INTEGERS, st.floats(allow_nan=False), st.booleans(), st.text(max_size=4), st.nothing()]


@given(st.one_of([st.lists(st.none() | values, max_size=20) for values in PLAIN]))
def test_plain_values_are_what_arrow_makes_of_them(values: list[Any]) -> None:
    made = plain_array(values)

    assert made is not None
    made.validate(full=True)
    assert made.type == pa.array(values).type
    assert made.equals(pa.array(values))


def test_a_number_that_is_none_stays_one() -> None:
    made = plain_array([float("nan"), None])

    assert made is not None
    assert made.null_count == 1
    assert str(made[0].as_py()) == "nan"


@pytest.mark.parametrize(
    "values", [[1, 2.0], [True, 1], [2**63], [b"x"], [[1]], [{"a": 1}], ["a", 1]], ids=str
)
def test_other_values_are_left_to_arrow(values: list[Any]) -> None:
    assert plain_array(values) is None


def test_the_wanted_type_counts() -> None:
    assert array_of([1, 2], pa.int8()).type == pa.int8()


def test_what_arrow_refuses_is_refused() -> None:
    with pytest.raises(UnicodeEncodeError):
        array_of(["\ud800"])


CALLS = """
import sys
from crucible_datasets import Dataset
ds = Dataset.from_list([{"id": 2, "text": "b"}, {"id": 1, "text": None}])
ds = ds.map(lambda row: {"long": row["id"] * 2, "share": row["id"] / 2, "odd": row["id"] == 1})
ds = ds.map(lambda rows: {"text": [str(t) for t in rows["text"]]}, batched=True)
ds = ds.filter(lambda row: row["odd"] is not None).sort("id").add_column("more", ["x", "y"])
assert [row["text"] for row in ds] == ["None", "b"], ds.to_list()
assert "pandas" not in sys.modules
"""


def test_plain_columns_never_import_pandas() -> None:
    subprocess.run([sys.executable, "-c", CALLS], check=True)
