"""Lines of JSON as tables of a known schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.schema import json_lines
from crucible_datasets.schema.columns import build_table
from crucible_datasets.schema.json_block import read_block
from crucible_datasets.schema.json_types import EXACT
from crucible_datasets.schema.json_value import Json, dumps
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from crucible_datasets.schema.features import Features
    from crucible_datasets.schema.validate import Place, Validator


def lines_to_table(chunk: bytes, validator: Validator, place: Place) -> pa.Table:
    """Whole lines of JSON as a table of the validator's features.

    pyarrow reads them where it reads nothing wrongly; else they are parsed line by line.

    Args:
        chunk: the bytes; a byte order mark at the beginning is ignored.
        validator: knows the schema, and what becomes of mismatches.
        place: where the first line is.

    Raises:
        SchemaError: for a line that is not a JSON object, and for a mismatch unless the
            validator's mode is ``report``.
    """
    chunk = chunk.removeprefix(b"\xef\xbb\xbf")
    first_line = place.line or 1
    json_lines.check_utf8(chunk, file=place.file, first_line=first_line)
    if reads_directly(validator.features):
        table = _read(chunk, validator.schema)
        if table is not None and not (validator.mode != "off" and _may_lose_digits(table)):
            validator.report.rows += table.num_rows
            return table
    rows = json_lines.parse_quickly(chunk)
    build = build_from_text
    if rows is None:  # NaN, integers beyond 64 bits, or a line that is no object
        rows = json_lines.parse(chunk, file=place.file, first_line=first_line)
        build = build_table
    json_lines.refuse_duplicates_among(rows, chunk, file=place.file, first_line=first_line)
    lines = json_lines.line_numbers(chunk, first_line)
    return validator.check_rows(rows, place, lines=lines, build=build)


def build_from_text(rows: Sequence[dict[str, Any]], features: Features) -> pa.Table:
    """As ``build_table``, for rows that orjson read: written as JSON again, and read by pyarrow.

    That is as fast as making arrays of Python objects, and does not import pandas, as pyarrow does
    for those where pandas is installed.
    """
    known = all(_is_direct(leaf) or type(leaf) is Json for _, leaf in leaves(features))
    if not features or not known:
        return build_table(rows, features)
    encoders = {name: _encoder(feature) for name, feature in features.items()}
    texts = (
        orjson.dumps({n: row.get(n) if e is None else e(row.get(n)) for n, e in encoders.items()})
        for row in rows
    )
    table = _read(b"\n".join(texts), features.storage_schema)
    return build_table(rows, features) if table is None else table


def _encoder(feature: Any) -> Callable[[Any], Any] | None:
    """Writes the ``Json`` parts of a value as text; None if there are none."""
    if isinstance(feature, Json):
        return lambda value: None if value is None else dumps(value)
    if isinstance(feature, dict):
        fields = {name: _encoder(inner) for name, inner in feature.items()}
        if not any(fields.values()):
            return None
        return lambda value: (
            None
            if value is None
            else {n: value.get(n) if e is None else e(value.get(n)) for n, e in fields.items()}
        )
    if isinstance(feature, (List, LargeList)):
        encode = _encoder(feature.feature)
        if encode is None:
            return None
        return lambda value: None if value is None else [encode(inner) for inner in value]
    return None


def reads_directly(features: Features) -> bool:
    """Whether pyarrow's JSON reader alone reads such features as we would."""
    return bool(features) and all(_is_direct(leaf) for _, leaf in leaves(features))


def _is_direct(leaf: Any) -> bool:
    return isinstance(leaf, Value) and leaf.dtype in _DIRECT


def _may_lose_digits(table: pa.Table) -> bool:
    """Whether a float is so large that it may have been an integer, which was rounded."""
    return any(_has_large_float(column.combine_chunks()) for column in table.columns)


def _has_large_float(array: pa.Array) -> bool:
    if pa.types.is_struct(array.type):
        return any(_has_large_float(child) for child in array.flatten())
    if pa.types.is_list(array.type) or pa.types.is_large_list(array.type):
        return _has_large_float(array.flatten())
    if not pa.types.is_float64(array.type):
        return False
    ends = pc.min_max(array).as_py()
    return ends["min"] is not None and (ends["min"] <= -EXACT or ends["max"] >= EXACT)


# float32 and float16 would be parsed with another rounding, binary would be base64
_DIRECT = frozenset(
    {
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float64",
        "string",
        "large_string",
        "null",
        "timestamp[s]",
    }
)


def _read(chunk: bytes, schema: pa.Schema) -> pa.Table | None:
    """The rows as pyarrow reads them with that schema; None if it refuses."""
    table = read_block(chunk, schema, "error")
    return None if table is None else table.replace_schema_metadata(schema.metadata)
