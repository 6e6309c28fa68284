"""What nested values were, so that an edit in place can be seen later.

A snapshot is lengths, keys and leaves in a list or a few. Leaves that nobody touched are the same
objects later, so that comparing two snapshots is cheap. Making the values anew from Arrow to compare
with takes about as long, and a number that is none would never be the same. Being flat it gives the
garbage collector nothing to look through; copies of the lists and dicts made it run four times as
often.
"""

from __future__ import annotations

from itertools import chain
from typing import Any

import pyarrow as pa


def snapshot(values: list[Any], kind: pa.DataType) -> list[Any]:
    """What ``values`` are now; two snapshots are equal if nothing was edited in between.

    Args:
        values: of a column.
        kind: its Arrow type.

    Raises:
        AttributeError, TypeError, ValueError: something else was put in.
    """
    if not pa.types.is_nested(kind):
        return values.copy()
    if _is_list(kind) and _is_record(kind.value_type):  # chats
        try:
            return _records(values, [field.name for field in kind.value_type])
        except (LookupError, TypeError):
            pass  # there are nulls, or something else was put in
    flat: list[Any] = []
    if _is_list(kind) and not pa.types.is_nested(kind.value_type):
        for items in values:
            if items is None:
                flat.append(None)
            else:
                flat.append(len(items))
                flat += items
    else:
        for value in values:
            _flatten(value, flat)
    return flat


def _records(values: list[Any], names: list[str]) -> list[Any]:
    """Lengths, and the values by key: one dict after the other would take half as long again."""
    records = list(chain.from_iterable(values))
    columns = ([record[name] for record in records] for name in names)
    return [list(map(len, values)), list(map(len, records)), *columns]


def _is_list(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    )


def _is_record(kind: pa.DataType) -> bool:
    """Whether it is a struct of plain values."""
    return pa.types.is_struct(kind) and not any(pa.types.is_nested(field.type) for field in kind)


def _flatten(value: Any, flat: list[Any]) -> None:
    if isinstance(value, dict):
        flat.append(len(value))
        for name, item in value.items():
            flat.append(name)
            _flatten(item, flat)
    elif isinstance(value, (list, tuple)):
        flat.append(len(value))
        for item in value:
            _flatten(item, flat)
    else:
        flat.append(value)
