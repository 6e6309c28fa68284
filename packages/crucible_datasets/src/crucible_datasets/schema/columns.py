"""Python values as Arrow arrays of a feature's storage type, column by column."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.json

from crucible_datasets import compute as pc
from crucible_datasets.schema.array_extension import from_values
from crucible_datasets.schema.arrays import is_array_feature
from crucible_datasets.schema.arrow import arrow_type, storage_type
from crucible_datasets.schema.encode import to_python_objects
from crucible_datasets.schema.json_value import Json, dumps
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.schema.features import Features

NOT_BUILT = (
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    ArithmeticError,
    pa.ArrowNotImplementedError,
)
"""What making an array raises for values that are not of the feature's type."""


def build_table(rows: Sequence[dict[str, Any]], features: Features) -> pa.Table:
    """Parsed rows as a table of the storage types; keys that a row lacks are null.

    Values that :mod:`~crucible_datasets.schema.validate` has not seen may be cast by pyarrow, and
    keys that the features do not know are left out.

    Raises:
        One of NOT_BUILT: a value is not of its feature's type.
    """
    columns = [
        build_array(feature, [row.get(name) for row in rows]) for name, feature in features.items()
    ]
    schema = features.storage_schema
    if not columns:
        return empty_columns(len(rows), schema)
    return pa.Table.from_arrays(columns, schema=schema)


def empty_columns(rows: int, schema: pa.Schema) -> pa.Table:
    """A table without columns that knows its number of rows, which pyarrow forgets easily."""
    batch = pa.RecordBatch.from_struct_array(pa.array([{}] * rows, pa.struct([])))
    return pa.Table.from_batches([batch], schema)


def build_array(feature: Any, values: Sequence[Any]) -> pa.Array:
    """Values as an array of a feature's storage type.

    ``Json`` takes each value as it is and writes its text, strings too.

    Raises:
        ValueError, TypeError: from pyarrow, if a value is not of the feature's type.
    """
    if isinstance(feature, Json):
        return pa.array([None if v is None else dumps(v) for v in values], pa.string())
    if isinstance(feature, dict):
        return _structs(feature, values)
    if isinstance(feature, (List, LargeList)):
        return _lists(feature, values)
    if isinstance(feature, Value):
        return _scalars(feature.pa_type, values)
    if is_array_feature(feature):
        return from_values(list(values), feature.shape, feature.dtype)
    if hasattr(feature, "encode_example"):
        values = [
            None if v is None else feature.encode_example(to_python_objects(v)) for v in values
        ]
    return pa.array(values, storage_type(arrow_type(feature)))


def _structs(feature: dict[str, Any], values: Sequence[Any]) -> pa.Array:
    mask = [value is None for value in values]
    if not feature:
        return pa.array([None if null else {} for null in mask], pa.struct([]))
    children = [
        build_array(inner, [None if value is None else value.get(name) for value in values])
        for name, inner in feature.items()
    ]
    fields = [pa.field(n, child.type) for n, child in zip(feature, children, strict=True)]
    nulls = pa.array(mask, pa.bool_()) if any(mask) else None
    return pa.StructArray.from_arrays(children, fields=fields, mask=nulls)


def _lists(feature: List | LargeList, values: Sequence[Any]) -> pa.Array:
    size = feature.length if isinstance(feature, List) else -1
    if size >= 0:
        return _fixed_lists(feature, values, size)
    inner = build_array(
        feature.feature, list(chain.from_iterable(v for v in values if v is not None))
    )
    offsets, end = [0], 0
    for value in values:
        end += 0 if value is None else len(value)
        offsets.append(end)
    make = pa.LargeListArray if isinstance(feature, LargeList) else pa.ListArray
    mask = [value is None for value in values]
    places = pa.array(offsets, pa.int64() if isinstance(feature, LargeList) else pa.int32())
    nulls = pa.array(mask, pa.bool_()) if any(mask) else None
    return make.from_arrays(places, inner, mask=nulls)


def _fixed_lists(feature: Any, values: Sequence[Any], size: int) -> pa.Array:
    for value in values:
        if value is not None and len(value) != size:
            raise ValueError(f"a list has {len(value)} elements in place of {size}")
    filled = [[None] * size if value is None else value for value in values]
    inner = build_array(feature.feature, list(chain.from_iterable(filled)))
    mask = [value is None for value in values]
    nulls = pa.array(mask, pa.bool_()) if any(mask) else None
    return pa.FixedSizeListArray.from_arrays(inner, size, mask=nulls)


def _scalars(target: pa.DataType, values: Sequence[Any]) -> pa.Array:
    try:
        return pa.array(values, target)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        if not pa.types.is_temporal(target) and not pa.types.is_decimal(target):
            raise
        if not {str, type(None)}.issuperset(map(type, values)):
            raise
    return _parsed(target, values)


def _parsed(target: pa.DataType, texts: Sequence[str | None]) -> pa.Array:
    """Texts as times or decimals, read as pyarrow's JSON reader would."""
    if not pa.types.is_timestamp(target):
        return pc.cast(pa.array(texts, pa.string()), target)
    lines = "\n".join(dumps({"x": text}) for text in texts).encode()
    schema = pa.schema([pa.field("x", target)])
    read = pyarrow.json.read_json(
        pa.BufferReader(lines),
        read_options=pyarrow.json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
        parse_options=pyarrow.json.ParseOptions(explicit_schema=schema),
    )
    return read.column("x").combine_chunks()
