"""Lines of JSON as tables of a known schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json

from crucible_datasets.schema import json_lines
from crucible_datasets.schema.json_types import EXACT
from crucible_datasets.schema.value import Value
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
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
        table = _read(chunk, validator.features)
        if table is not None and not (validator.mode != "off" and _may_lose_digits(table)):
            validator.report.rows += table.num_rows
            return table
    rows = json_lines.parse(chunk, file=place.file, first_line=first_line)
    json_lines.refuse_duplicates_among(rows, chunk, file=place.file, first_line=first_line)
    lines = json_lines.line_numbers(chunk, first_line)
    return validator.check_rows(rows, place, lines=lines)


def reads_directly(features: Features) -> bool:
    """Whether pyarrow's JSON reader alone reads such features as we would."""
    return bool(features) and all(
        isinstance(feature, Value) and feature.dtype in _DIRECT for _, feature in leaves(features)
    )


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
    return ends["min"] is not None and (ends["min"] < -EXACT or ends["max"] > EXACT)


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


def _read(chunk: bytes, features: Features) -> pa.Table | None:
    """The rows as pyarrow reads them with that schema; None if it refuses."""
    schema = features.storage_schema
    try:
        table = pyarrow.json.read_json(
            pa.BufferReader(chunk),
            read_options=pyarrow.json.ReadOptions(
                use_threads=False, block_size=min(len(chunk) + 1, 2**31 - 1)
            ),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior="error"
            ),
        )
        table.validate()  # the reader makes broken arrays of lists of nothing but nulls
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return table.replace_schema_metadata(schema.metadata)
