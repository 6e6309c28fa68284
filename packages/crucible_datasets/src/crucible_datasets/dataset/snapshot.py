"""What nested values were, so that an edit in place can be seen later.

A snapshot is one flat list of lengths, keys and leaves. Leaves that nobody touched are the same
objects later, so that comparing two snapshots is cheap: making the values anew from Arrow to compare
with cost four times as much. Being flat it gives the garbage collector nothing to look through;
copies of the lists and dicts made it run four times as often.
"""

from __future__ import annotations

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
    flat: list[Any] = []
    if _is_list(kind) and _is_record(kind.value_type):  # chats
        for messages in values:
            if messages is None:
                flat.append(None)
                continue
            flat.append(len(messages))
            for message in messages:
                if message is None:
                    flat.append(None)
                else:
                    flat += message
                    flat += message.values()
    elif _is_list(kind) and not pa.types.is_nested(kind.value_type):
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
