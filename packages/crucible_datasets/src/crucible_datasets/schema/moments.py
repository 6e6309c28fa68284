"""Times, dates, durations and decimals: which Python values they take whole."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crucible_datasets.schema.columns import NOT_BUILT, build_array

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.schema.value import Value

#: Kind of type -> Python types of its values.
_TAKEN: dict[str, tuple[type, ...]] = {
    "timestamp": (dt.datetime, dt.date),
    "date": (dt.date,),  # a datetime is one, too
    "time": (dt.time,),
    "duration": (dt.timedelta,),
    "decimal": (Decimal, int),
}


def is_moment(feature: Value) -> bool:
    """Whether the feature is of a type that this module knows."""
    return _kind(feature) in _TAKEN


def takes(feature: Value, values: Sequence[Any], *, texts: bool) -> bool:
    """Whether the feature stores all values, and nothing less: Arrow cuts them to its unit.

    Args:
        feature: a time, date, duration or decimal.
        values: of any type.
        texts: whether a text may spell a value, as in JSON, which has no other way.
    """
    given = [value for value in values if value is not None]
    taken = (*_TAKEN[_kind(feature)], *((str,) if texts else ()))
    if not all(isinstance(value, taken) and not isinstance(value, bool) for value in given):
        return False
    try:
        made = build_array(feature, given).to_pylist()
        return all(map(_whole, given, made))
    except NOT_BUILT:
        return False


def of_number(feature: Value, value: float) -> Any:
    """A number as what the feature stores, or None.

    Whole numbers count its units since 1970, or of a duration; decimals are as a float is written.
    """
    decimal = _kind(feature) == "decimal"
    if not decimal and not isinstance(value, int):
        return None
    made = Decimal(repr(value)) if decimal else value
    try:
        build_array(feature, [made])
    except NOT_BUILT:
        return None
    return made


def plain(feature: Value, value: Any) -> Any:
    """A value that fits, as one that can stand beside any other: pyarrow mixes no texts and numbers."""
    if not isinstance(value, (str, int)):
        return value
    try:
        return build_array(feature, [value])[0].as_py()
    except NOT_BUILT:  # beyond what Python's own types hold
        return value


def _kind(feature: Value) -> str:
    found = re.match("[a-z]*", feature.dtype)
    return found[0] if found else ""


def _whole(value: Any, made: Any) -> bool:
    if isinstance(value, str):
        return True
    if isinstance(value, dt.datetime) and not isinstance(made, dt.datetime):
        return bool(value.time() == dt.time() and value.date() == made)
    if isinstance(made, dt.datetime) and not isinstance(value, dt.datetime):
        value = dt.datetime.combine(value, dt.time())
    return bool(value == made)
