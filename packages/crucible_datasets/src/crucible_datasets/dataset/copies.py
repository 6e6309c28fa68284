"""Copies of nested values that share their leaves: to see later whether somebody edited them.

Comparing such a copy with what it was made of is cheap: leaves that nobody touched are the same
objects. Making the values anew from Arrow to compare with costs four times as much.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

    Copier = Callable[[Any], Any]


def copies(values: list[Any], kind: pa.DataType) -> list[Any]:
    """A list of copies of ``values``, which are of the Arrow type ``kind``."""
    copier = _copier(kind)
    return values.copy() if copier is None else [copier(value) for value in values]


def _copier(kind: pa.DataType) -> Copier | None:
    """A function that copies one value, or None where values can't be changed."""
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return _list_copier(kind.value_type)
    if pa.types.is_struct(kind):
        return _struct_copier(kind)
    return deepcopy if pa.types.is_nested(kind) else None


def _list_copier(element: pa.DataType) -> Copier:
    inner = _copier(element)
    if inner is None:
        return lambda value: None if value is None else value.copy()
    if inner is _flat:  # the shape of chats: without a call for each message

        def of_dicts(value: Any) -> Any:
            if value is None:
                return None
            return [None if item is None else item.copy() for item in value]

        return of_dicts
    return lambda value: None if value is None else [inner(item) for item in value]


def _struct_copier(kind: pa.StructType) -> Copier:
    nested = {field.name: copier for field in kind if (copier := _copier(field.type)) is not None}
    if not nested:
        return _flat

    def copy(value: Any) -> Any:
        if value is None:
            return None
        return {**value, **{name: copier(value[name]) for name, copier in nested.items()}}

    return copy


def _flat(value: Any) -> Any:
    return None if value is None else value.copy()
