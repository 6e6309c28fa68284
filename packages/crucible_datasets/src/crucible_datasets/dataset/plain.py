"""Python lists as Arrow arrays, without importing pandas.

``pa.array`` imports pandas wherever it is installed, to see whether what it got is a Series: 0.3 s of
the first ``map`` or ``from_list`` of a process. Plain numbers and texts can do without.
"""

from __future__ import annotations

import sys
from array import array
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

_NONE = type(None)
_LAST_OFFSET = 2**31 - 1


def array_of(values: Any, kind: pa.DataType | None = None) -> pa.Array | pa.ChunkedArray:
    """What ``pa.array(values, kind)`` makes of them."""
    if type(values) is list and "pandas" not in sys.modules:
        made = plain_array(values)
        if made is not None and kind in {None, made.type}:
            return made
    return pa.array(values, kind)


def plain_array(values: list[Any]) -> pa.Array | None:
    """The same of numbers or texts that are all of one type or None; nothing of other values."""
    kinds = set(map(type, values))
    valid = None
    if _NONE in kinds:
        kinds.remove(_NONE)
        present = np.fromiter((value is not None for value in values), np.bool_, len(values))
        valid = pa.py_buffer(np.packbits(present, bitorder="little"))
    if len(kinds) != 1:
        return None if kinds else pa.nulls(len(values))
    (kind,) = kinds
    if kind not in _MAKERS:
        return None
    if valid is not None:
        filling = kind()
        values = [filling if value is None else value for value in values]
    try:
        return _MAKERS[kind](values, valid)
    except OverflowError:  # a number beyond 64 bits, or more text than 32-bit offsets reach
        return None


def _integers(values: list[int], valid: pa.Buffer | None) -> pa.Array:
    numbers = pa.py_buffer(array("q", values))
    return pa.Array.from_buffers(pa.int64(), len(values), [valid, numbers])


def _floats(values: list[float], valid: pa.Buffer | None) -> pa.Array:
    numbers = pa.py_buffer(array("d", values))
    return pa.Array.from_buffers(pa.float64(), len(values), [valid, numbers])


def _booleans(values: list[bool], valid: pa.Buffer | None) -> pa.Array:
    bits = pa.py_buffer(np.packbits(np.array(values, np.bool_), bitorder="little"))
    return pa.Array.from_buffers(pa.bool_(), len(values), [valid, bits])


def _texts(values: list[str], valid: pa.Buffer | None) -> pa.Array:
    text = "".join(values)
    parts = values if text.isascii() else [value.encode() for value in values]
    ends = np.zeros(len(values) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, len(values)), out=ends[1:])
    if ends[-1] > _LAST_OFFSET:
        raise OverflowError
    offsets = pa.py_buffer(ends.astype(np.int32))
    return pa.Array.from_buffers(
        pa.string(), len(values), [valid, offsets, pa.py_buffer(text.encode())]
    )


_MAKERS: dict[type, Callable[..., pa.Array]] = {
    int: _integers,
    float: _floats,
    bool: _booleans,
    str: _texts,
}
