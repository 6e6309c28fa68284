"""Tables beside a schema: what fits passes through, what does not is located."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import ClassLabel, Features, Image, Json, List, Value
from crucible_datasets.schema.validate import Place, Validator, validate

INTS = Features({"a": Value("int32")})


def test_a_table_that_fits_comes_in_the_storage_types() -> None:
    features = Features(
        {
            "a": Value("int32"),
            "f": Value("float64"),
            "s": Value("string"),
            "l": ClassLabel(names=["no", "yes"]),
            "j": Json(),
            "i": Image(),
            "n": List({"x": Value("string"), "y": Value("int8")}),
        }
    )
    table = pa.table(
        {
            "n": pa.array([[{"y": 1, "x": "a"}], None]),
            "a": pa.array([1, None], pa.int64()),
            "f": pa.array([1, 2], pa.int8()),
            "s": pa.array(["x", "y"], pa.large_string()),
            "l": ["yes", None],
            "j": [{"b": 1}, None],
            "i": [b"png", None],
        }
    )

    checked = Validator(features).check(table)

    assert checked.schema == features.storage_schema
    assert checked.to_pylist() == [
        {
            "a": 1,
            "f": 1.0,
            "s": "x",
            "l": 1,
            "j": '{"b":1}',
            "i": {"bytes": b"png", "path": None},
            "n": [{"x": "a", "y": 1}],
        },
        {"a": None, "f": 2.0, "s": "y", "l": None, "j": None, "i": None, "n": None},
    ]


def test_a_column_that_is_not_there_is_null_unless_one_is_strict() -> None:
    features, table = Features({"a": Value("int8"), "b": Json()}), pa.table({"a": [1]})

    for mode in ("coerce", "off"):
        assert Validator(features, mode).check(table).to_pylist() == [{"a": 1, "b": None}]
    with pytest.raises(SchemaError, match="coerce") as refused:
        Validator(features).check(table)
    assert refused.value.pointer == "/b"
    assert [m.pointer for m in validate([(table, Place())] * 3, features)] == ["/b"]


def test_the_first_mismatch_is_raised_with_file_row_and_hint() -> None:
    table = pa.table({"a": pa.array([1, 2, 2**40, 2**41])})

    with pytest.raises(SchemaError) as refused:
        Validator(INTS).check(table, Place("x.parquet", row=100))

    error = refused.value
    assert (error.file, error.row, error.line, error.pointer) == ("x.parquet", 102, None, "/a")
    assert "int32" in error.expected
    assert str(2**40) in error.found
    assert "Value('int64')" in error.hint
    assert pickle.loads(pickle.dumps(error)).facts() == error.facts()


def test_numbers_are_no_text_unless_one_asks_for_it() -> None:
    features, table = Features({"a": Value("string")}), pa.table({"a": [5, None]})

    with pytest.raises(SchemaError, match="coerce"):
        Validator(features).check(table)

    assert Validator(features, "coerce").check(table).to_pylist() == [{"a": "5"}, {"a": None}]


def test_a_mismatch_deep_inside_is_pointed_at() -> None:
    features = Features({"m": List({"r": ClassLabel(names=["user", "bot"])})})
    rows = [{"m": [{"r": "user"}]}, {"m": [{"r": "bot"}, {"r": "tool"}]}]

    with pytest.raises(SchemaError) as refused:
        Validator(features).check(pa.Table.from_pylist(rows))

    assert (refused.value.row, refused.value.pointer) == (1, "/m/1/r")


def test_a_column_that_is_not_declared_is_refused() -> None:
    with pytest.raises(SchemaError, match="'b'") as refused:
        Validator(INTS).check(pa.table({"a": [1], "b": ["x"]}), Place("x.csv"))

    assert refused.value.pointer == "/b"


@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_a_report_has_every_mismatch_and_the_rest_is_kept(chunk: int) -> None:
    values = [n if n % 10 else 2**40 + n for n in range(100)]
    column = pa.chunked_array([values[at : at + chunk] for at in range(0, 100, chunk)])
    validator = Validator(INTS, "report")

    checked = validator.check(pa.table({"a": column}), Place("x.parquet"))

    assert checked["a"].to_pylist() == [n if n % 10 else None for n in range(100)]
    assert [mismatch.row for mismatch in validator.report] == list(range(0, 100, 10))
    assert validator.report.rows == 100


def test_a_report_keeps_so_many_and_counts_all() -> None:
    tables = [
        (pa.table({"a": ["x"] * 30}), Place("one.csv")),
        (pa.table({"a": ["y"] * 30}), Place("two.csv", row=30)),
    ]

    report = validate(tables, INTS, limit=40)

    assert (report.total, len(report), report.rows) == (60, 40, 60)
    assert report[39].facts()["file"] == "two.csv"
    assert report.to_arrow().num_rows == 40
    assert report.to_polars().columns == [
        *("file", "row", "line", "pointer", "expected", "found", "snippet", "hint"),
    ]
    assert "60 mismatches" in str(report)


def test_a_report_of_what_fits_is_empty() -> None:
    report = validate([(pa.table({"a": [1, None]}), Place())], INTS)

    assert report.ok
    assert report.to_arrow().num_rows == 0
    report.raise_first()


def test_switched_off_it_leaves_everything_to_the_cast() -> None:
    assert Validator(INTS, "off").check(pa.table({"a": ["5"]})).to_pylist() == [{"a": 5}]
    with pytest.raises(ValueError, match="five"):
        Validator(INTS, "off").check(pa.table({"a": ["five"]}))


def test_another_mode_is_refused() -> None:
    with pytest.raises(ValueError, match="'coerce'"):
        Validator(INTS, "loose")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("feature", "value", "coerced"),
    [
        (Value("string"), True, "true"),
        (Value("string"), 0.5, "0.5"),
        (Value("string"), [1, "x"], '[1,"x"]'),
        (Value("int64"), " 5 ", 5),
        (Value("int64"), 5.0, 5),
        (Value("float64"), "0.5", 0.5),
        (Value("float64"), 2**60, float(2**60)),
        (Value("bool"), "True", True),
        (Value("bool"), 0, False),
        (List(Value("string")), "x", ["x"]),
        (List(Value("string")), [5, None], ["5", None]),
        ({"a": Value("string")}, {"a": 5}, {"a": "5"}),
    ],
)
def test_values_are_coerced_where_nothing_is_lost(feature: Any, value: Any, coerced: Any) -> None:
    features = Features({"x": feature})

    checked = Validator(features, "coerce").check_rows([{"x": value}])

    assert checked.to_pylist() == [{"x": coerced}]


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        (Value("int64"), 5.5),
        (Value("int64"), "5.0"),
        (Value("int8"), 300),
        (Value("bool"), 2),
        (Value("float64"), "half"),
        (List(Value("string")), {"a": 1}),
        ({"a": Value("string")}, "x"),
        ({"a": Value("string")}, {"b": 1}),
        (ClassLabel(names=["x"]), "y"),
        (Value("timestamp[s]"), "soon"),
    ],
)
def test_values_that_would_lose_something_are_refused(feature: Any, value: Any) -> None:
    with pytest.raises(SchemaError):
        Validator(Features({"x": feature}), "coerce").check_rows([{"x": value}])


@pytest.mark.parametrize("mode", ["strict", "coerce"])
@pytest.mark.parametrize(
    ("feature", "kept", "lost"),
    [
        (Value("bool"), 1, 2),
        (Value("bool"), 0.0, 0.5),
        (Value("float32"), 0.1, 1e300),
        (Value("float16"), 0.5, 1e300),
        (Value("date32"), dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 12)),
        (Value("time64[us]"), None, dt.datetime(2020, 1, 1, 12)),
        (Value("float64"), Decimal("0.50"), Decimal("0.12345678901234567891")),
        (List(Value("bool")), [1, None], [0, 2]),
        ({"x": List(Value("date32"))}, {"x": None}, {"x": [dt.datetime(2020, 1, 1, 12)]}),
    ],
    ids=str,
)
def test_what_an_arrow_cast_would_drop_in_silence_is_refused(
    feature: Any, kept: Any, lost: Any, mode: Any
) -> None:
    features = Features({"a": feature})
    column = pa.array([kept, None, lost])

    with pytest.raises(SchemaError) as refused:
        Validator(features, mode).check(pa.table({"a": column.slice(1)}))

    assert refused.value.row == 1
    if mode == "coerce":
        assert Validator(features, mode).check(pa.table({"a": column.slice(0, 2)})).num_rows == 2


UTC = dt.UTC
FOUND: list[tuple[pa.DataType, list[Any]]] = [
    (pa.int8(), [0, 1, -1, 127]),
    (pa.int64(), [0, 2, 300, 2**53, 2**53 + 1, -(2**63)]),
    (pa.uint64(), [2**64 - 1]),
    (pa.float16(), [0.5, 1.0]),
    (pa.float64(), [0.0, 1.0, 0.1, 2.5, 1e300, float("inf"), 2.0**53 + 2]),
    (pa.bool_(), [True, False]),
    (pa.string(), ["true", "1", "0.5", "2020-01-01", "12:00:00", "x", "", " 7 "]),
    (pa.binary(), [b"1", b"\xff"]),
    (pa.timestamp("us"), [dt.datetime(2020, 1, 1), dt.datetime(2020, 1, 1, 12, 0, 0, 5)]),
    (pa.timestamp("us", "UTC"), [dt.datetime(2020, 1, 1, tzinfo=UTC)]),
    (pa.date32(), [dt.date(2020, 1, 1)]),
    (pa.date64(), [dt.date(2020, 1, 1)]),
    (pa.time64("us"), [dt.time(1, 2, 3), dt.time(1, 2, 3, 4)]),
    (pa.duration("us"), [dt.timedelta(seconds=3), dt.timedelta(microseconds=5)]),
    (pa.decimal128(10, 2), [Decimal("1.25"), Decimal("3.00")]),
    (pa.decimal256(50, 20), [Decimal("1.12345678901234567890")]),
]
DTYPES = """int8 int64 uint64 float16 float32 float64 bool string large_string binary timestamp[s]
    timestamp[us] timestamp[us,tz=UTC] date32 date64 time32[s] time64[us] duration[s] duration[us]
    decimal128(10,2) decimal128(38,20)"""


def _itself(value: Any) -> Any:
    return value


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize("dtype", DTYPES.split())
@pytest.mark.parametrize(("kind", "values"), FOUND, ids=[str(kind) for kind, _ in FOUND])
def test_strictly_a_value_stays_what_it_is_or_is_refused(
    kind: pa.DataType, values: list[Any], dtype: str, listed: bool
) -> None:
    feature: Any = Value(dtype.replace(",", ", "))
    for value in values:
        column = pa.array([[value]] if listed else [value], pa.list_(kind) if listed else kind)
        features = Features({"a": List(feature) if listed else feature})
        try:
            checked = Validator(features).check(pa.table({"a": column}))
        except SchemaError:
            continue
        [made] = checked.column("a").to_pylist()[0] if listed else checked.column("a").to_pylist()
        if isinstance(value, dt.date) and type(value) is not type(made):
            as_moment = dt.datetime.combine(value, dt.time())
            assert as_moment in (made, dt.datetime.combine(made, dt.time()))
        else:
            narrow: Any = np.dtype(dtype).type if dtype in ("float16", "float32") else _itself
            assert made == narrow(value)


@pytest.mark.parametrize(
    ("feature", "value"),
    [
        (Value("timestamp[s]"), 2.5),
        (Value("date32"), 5.0),
        (Value("duration[s]"), Decimal(3)),
        (Value("time64[us]"), True),
        (Value("timestamp[s]"), 2**100),
        (Value("float64"), 2**53 + 1),
        (Value("decimal128(10, 2)"), 0.125),
    ],
    ids=str,
)
def test_numbers_are_no_times_and_keep_their_digits(feature: Any, value: Any) -> None:
    for mode in ("strict", "coerce"):
        with pytest.raises(SchemaError):
            Validator(Features({"a": feature}), mode).check_rows([{"a": value}])


def test_whole_numbers_become_times_where_one_asks_for_it_and_texts_of_json_always() -> None:
    features = Features({"a": Value("timestamp[s]"), "b": Value("decimal128(10, 2)")})
    texts = [{"a": "2020-01-01T00:00:00", "b": "1.25"}, {"a": None, "b": 3}]

    assert Validator(features).check_rows(texts).num_rows == 2
    assert Validator(features, "coerce").check_rows([{"a": 60, "b": 0.1}]).to_pylist() == [
        {"a": dt.datetime(1970, 1, 1, 0, 1), "b": Decimal("0.1")}
    ]
    with pytest.raises(SchemaError, match="coerce"):
        Validator(features).check_rows([{"a": 60}])


def test_a_column_of_another_kind_is_counted_quickly_once_the_report_is_full() -> None:
    table = pa.table({"a": pa.array(["x", None] * 100_000)})

    report = validate([(table, Place())], INTS, limit=10)

    assert report.total == 100_000
    assert [found.row for found in report] == list(range(0, 20, 2))


def test_thousands_of_columns_are_checked_in_no_time() -> None:
    names = ["", "*", "a.b", "ü😀", *(f"c{number}" for number in range(3_000))]
    features = Features({name: Value("int32") for name in names})
    table = pa.table({name: [1] for name in names})

    checked = Validator(features).check(table)

    assert checked.schema == features.storage_schema


@pytest.mark.slow
def test_text_beyond_32_bit_offsets_comes_in_several_chunks() -> None:
    text = pa.array(["x" * 2**20], pa.large_string())
    table = pa.table({"a": pa.concat_arrays([text] * 2_100)})

    checked = Validator(Features({"a": Value("string")})).check(table)

    assert checked.num_rows == 2_100
    assert checked.column("a").num_chunks > 1
