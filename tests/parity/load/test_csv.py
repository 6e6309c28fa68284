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

from crucible_datasets.errors import SchemaError
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
    end = draw(st.sampled_from(["\n", "\r\n"]))
    writer = csv.writer(out, lineterminator=end)
    writer.writerow([f"c{n}" for n in range(width)])
    for _ in range(height):
        writer.writerow([draw(st.sampled_from(kind)) for kind in kinds])
    return out.getvalue().removesuffix(draw(st.sampled_from(["", end])))


def pandas_rows(text: str, **options: Any) -> Any:
    table = pa.Table.from_pandas(pd.read_csv(io.StringIO(text), **options), preserve_index=False)
    types = {f.name: str(f.type).replace("large_string", "string") for f in table.schema}
    return types, table.to_pylist()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("csv") / "a.csv"


ODD = {
    "no end of the last line": ("a,b\n1,2", {}),
    "carriage returns alone": ("a,b\r1,2\r3,4", {}),
    "carriage returns alone, after lines that are skipped": ("x\ra,b\r1,2\r", {"skiprows": 1}),
    "a carriage return in a name": ('"a\rb",c\n1,2\n3,4\n', {}),
    "a comment": ('a,b\n"x#y",1 # z\n#q\n2,it"s#\n', {"comment": "#"}),
    "a comment sign in a text of two lines": ('a,b\n"x\n#y",1 # z\n2,3\n', {"comment": "#"}),
    "numbers for no value": ("a,b\n1,2\n0,3\n", {"na_values": [0]}),
    "one number for no value": ("a,b\n1,2\n0,3\n", {"na_values": 0}),
    "texts for no value by column": ("a,b\nx,x\n0,NA\n", {"na_values": {"a": "x"}}),
    "only those": (
        "a,b\nNA,NA\nq,0\n",
        {"na_values": {"a": ["q"]}, "keep_default_na": False},
    ),
    "no index": ("a,b\n1,2\n", {"index_col": False}),
    "a decimal comma": ("a;b\n0.5;1,5\n", {"sep": ";", "decimal": ","}),
    "columns by a function": ("a,b\n1,2\n", {"usecols": lambda name: name == "b"}),
    "spaces": ("a b\n1   2\n", {"sep": r"\s+"}),
}


@pytest.mark.parametrize("name", ODD)
def test_options_mean_what_they_mean_to_pandas(name: str, place: Any) -> None:
    text, options = ODD[name]
    place.write_bytes(text.encode())
    found = get_format("csv").scan([local_file(place)], features=None, options=options)
    types, rows = pandas_rows(text, **options)
    assert {f.name: str(f.type) for f in found.features.storage_schema} == types
    assert str(found.read().to_pylist()) == str(rows)


@pytest.mark.parametrize("options", [{}, {"comment": "#"}])
@pytest.mark.parametrize(
    ("text", "line"),
    [('a\n1\n"x\n', 3), ('a,b\n1,"x\n2,y\n', 2), ('a,b\n1,2\n3,"x', 3), ('"a\n', 1)],
)
def test_a_quote_that_is_not_closed_takes_in_no_rows(
    text: str, line: int, options: Any, place: Any
) -> None:
    place.write_bytes(text.encode())
    with pytest.raises(SchemaError, match=rf"a\.csv:{line}: expected another \""):
        get_format("csv").scan([local_file(place)], features=None, options=options)


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
