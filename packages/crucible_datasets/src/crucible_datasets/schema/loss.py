"""What Arrow's casts, called safe, drop in silence: a time of day, digits, all that is not zero."""

from __future__ import annotations

import pyarrow as pa

from crucible_datasets import compute as pc


def may_lose(before: pa.DataType, after: pa.DataType) -> bool:
    """Whether some value of one type, wherever nested, would lose a part as the other."""
    types = pa.types
    if types.is_struct(before) and types.is_struct(after):
        return any(
            may_lose(field.type, after.field(field.name).type)
            for field in before
            if after.get_field_index(field.name) >= 0
        )
    if types.is_nested(before) or types.is_nested(after):
        inner, made = getattr(before, "value_type", None), getattr(after, "value_type", None)
        return inner is not None and made is not None and may_lose(inner, made)
    if types.is_boolean(after):
        return bool(types.is_integer(before) or types.is_floating(before))
    if types.is_floating(after):
        narrower = types.is_floating(before) and after.bit_width < before.bit_width
        whole = types.is_float16(after) and types.is_integer(before)
        return bool(narrower or whole or types.is_decimal(before))
    return bool(types.is_timestamp(before) and (types.is_date(after) or types.is_time(after)))


def loses(before: pa.Array, after: pa.Array) -> bool:
    """Whether ``after``, which was cast from ``before``, lacks a part of a value."""
    types = pa.types
    if not may_lose(before.type, after.type):
        return False
    if types.is_struct(before.type):
        children = dict(zip([field.name for field in after.type], after.flatten(), strict=True))
        return any(
            loses(child, children[field.name])
            for field, child in zip(before.type, before.flatten(), strict=True)
            if field.name in children
        )
    if types.is_nested(before.type):
        return loses(before.flatten(), after.flatten())
    if types.is_floating(before.type) and types.is_floating(after.type):
        # Digits beyond the narrower type's are not missed; a number that became infinite is.
        grown = pc.and_(pc.is_inf(after), pc.invert(pc.is_inf(before.cast(pa.float64()))))
        return bool(pc.any(grown).as_py())
    try:
        return not after.cast(before.type).equals(before)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return True
