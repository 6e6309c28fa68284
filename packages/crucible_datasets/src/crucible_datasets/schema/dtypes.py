"""The names of scalar types, and the Arrow types that they stand for.

The grammar is that of ``datasets``: pyarrow's own names, ``timestamp[us, tz=UTC]``,
``time32[s]``, ``duration[ms]``, ``decimal128(10, 2)``, ``fixed_size_binary[16]``. A name is checked
without pyarrow; only :func:`arrow_type` and :func:`dtype_name` load it.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

INTEGERS = frozenset(
    {"int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"},
)
FLOATS = frozenset({"float16", "float32", "float64"})
STRINGS = frozenset({"string", "utf8", "large_string", "large_utf8", "string_view"})
BOOLEANS = frozenset({"bool", "bool_"})
_OTHER = frozenset(
    {
        "null",
        "date32",
        "date64",
        "binary",
        "large_binary",
        "binary_view",
        "month_day_nano_interval",
        "uuid",
        "bool8",
    }
)
PLAIN = INTEGERS | FLOATS | STRINGS | BOOLEANS | _OTHER
_ALIASES = {"float": "float32", "double": "float64"}

_TIMESTAMP = re.compile(r"timestamp\[(s|ms|us|ns)(?:,\s*tz=([a-zA-Z0-9/_+\-:]*))?\]")
_DURATION = re.compile(r"duration\[(s|ms|us|ns)\]")
_TIME = re.compile(r"time(?:32\[(s|ms)\]|64\[(us|ns)\])")
_DECIMAL = re.compile(r"decimal(128|256)\((\d+),\s*(-?\d+)\)")
_FIXED_BINARY = re.compile(r"fixed_size_binary\[(\d+)\]")

_EXAMPLES = {
    "timestamp": "timestamp[us] or timestamp[us, tz=Europe/Berlin]",
    "duration": "duration[s] or duration[us]",
    "time": "time32[s], time32[ms], time64[us] or time64[ns]",
    "decimal": "decimal128(10, 2) or decimal256(40, 6)",
    "fixed_size_binary": "fixed_size_binary[16]",
}


@lru_cache(maxsize=1024)
def normal_dtype(dtype: str) -> str:
    """The name that a type goes by: ``float`` is ``float32``, ``double`` is ``float64``.

    Raises:
        ValueError: if there is no such type; the text says how it is written.
    """
    name = _ALIASES.get(dtype, dtype)
    if name in PLAIN:
        return name
    if name == "json":
        raise ValueError("'json' is not the name of a scalar type; use Json() as the feature")
    for pattern in (_TIMESTAMP, _DURATION, _TIME, _DECIMAL, _FIXED_BINARY):
        if pattern.fullmatch(name):
            return name
    for start, examples in _EXAMPLES.items():
        if name.startswith(start):
            raise ValueError(f"{dtype!r} is not a {start} type; write {examples}")
    raise ValueError(
        f"{dtype!r} is not the name of a scalar type; there are {', '.join(sorted(PLAIN))}, and "
        + ", ".join(_EXAMPLES.values())
    )


@lru_cache(maxsize=1024)
def arrow_type(dtype: str) -> pa.DataType:
    """The Arrow type that a name stands for.

    Raises:
        ValueError: if there is no such type.
    """
    import pyarrow as pa

    name = normal_dtype(dtype)
    if name in PLAIN:
        return getattr(pa, "bool_" if name == "bool" else name)()
    if found := _TIMESTAMP.fullmatch(name):
        unit, zone = found.groups()
        return pa.timestamp(unit, zone)
    if found := _DURATION.fullmatch(name):
        return pa.duration(found[1])
    if found := _TIME.fullmatch(name):
        return pa.time32(found[1]) if found[1] else pa.time64(found[2])
    if found := _DECIMAL.fullmatch(name):
        make = pa.decimal128 if found[1] == "128" else pa.decimal256
        return make(int(found[2]), int(found[3]))
    found = _FIXED_BINARY.fullmatch(name)
    assert found is not None, name
    return pa.binary(int(found[1]))


@lru_cache(maxsize=1024)
def dtype_name(arrow: pa.DataType) -> str:
    """The name of a scalar Arrow type; a dictionary goes by the name of its values.

    Raises:
        ValueError: for nested types and those that have no name here.
    """
    import pyarrow as pa

    types = pa.types
    if types.is_dictionary(arrow):
        return dtype_name(arrow.value_type)
    text = str(arrow)
    if text in _ARROW_NAMES:
        return _ARROW_NAMES[text]
    if types.is_timestamp(arrow):
        return f"timestamp[{arrow.unit}, tz={arrow.tz}]" if arrow.tz else text
    if types.is_time(arrow) or types.is_duration(arrow):
        return text
    if types.is_decimal128(arrow) or types.is_decimal256(arrow):
        bits = 128 if types.is_decimal128(arrow) else 256
        return f"decimal{bits}({arrow.precision}, {arrow.scale})"
    if types.is_fixed_size_binary(arrow):
        return f"fixed_size_binary[{arrow.byte_width}]"
    raise ValueError(
        f"the Arrow type {arrow} has no feature type; cast the column to another type first"
    )


_ARROW_NAMES = {
    "null": "null",
    "bool": "bool",
    "int8": "int8",
    "int16": "int16",
    "int32": "int32",
    "int64": "int64",
    "uint8": "uint8",
    "uint16": "uint16",
    "uint32": "uint32",
    "uint64": "uint64",
    "halffloat": "float16",
    "float": "float32",
    "double": "float64",
    "date32[day]": "date32",
    "date64[ms]": "date64",
    "binary": "binary",
    "large_binary": "large_binary",
    "binary_view": "binary_view",
    "string": "string",
    "large_string": "large_string",
    "string_view": "string_view",
}
