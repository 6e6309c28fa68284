"""CSV text, ours and as pandas reads it, which is what the peer stands on."""

from __future__ import annotations

import csv
import io
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crucible_datasets.formats import get_format
from crucible_datasets.formats.sources import local_file

fields = st.sampled_from(
    [
        "1", "0", "-7", "+5", " 3", "3 ", "01", "1.5", "-0.25", "1e5", ".5", "inf", "-inf", "nan",
        "NaN", "NA", "", "null", "None", "n/a", "True", "FALSE", "true", "x", "x y", "1_0", "0x1",
        "2020-01-01", "12:30",
        "ü", 'a"b', "a,b", "a\nb", "#", "-", "1,000", "t", "1.0",
    ]
)  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A CSV file whose columns hold a few kinds of text each, so that some are of one type."""
    width = draw(st.integers(1, 4))
    kinds = [draw(st.lists(fields, min_size=1, max_size=3)) for _ in range(width)]
    height = draw(st.integers(1, 5))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow([f"c{n}" for n in range(width)])
    for _ in range(height):
        writer.writerow([draw(st.sampled_from(kind)) for kind in kinds])
    return out.getvalue()


def pandas_rows(text: str, **options: Any) -> Any:
    table = pa.Table.from_pandas(pd.read_csv(io.StringIO(text), **options), preserve_index=False)
    types = {f.name: str(f.type).replace("large_string", "string") for f in table.schema}
    return types, table.to_pylist()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("csv") / "a.csv"


@settings(max_examples=120, deadline=None)
@given(text=tables())
@example(text="c0\n1\n\n2\n")
@example(text="c0,c1\n1\n")
def test_types_and_rows_are_those_of_pandas(text: str, place: Any) -> None:
    place.write_bytes(text.encode())
    found = get_format("csv").scan([local_file(place)], features=None, options={})
    types, rows = pandas_rows(text)
    ours = {f.name: str(f.type) for f in found.features.storage_schema}
    assert ours == types
    assert str(found.read().to_pylist()) == str(rows)
