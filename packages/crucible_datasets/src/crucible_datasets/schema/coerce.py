"""Scalars as other scalars, where that loses nothing that one would miss."""

from __future__ import annotations

import math
from typing import Any

from crucible_datasets.schema import dtypes
from crucible_datasets.schema.json_value import dumps
from crucible_datasets.schema.value import Value


class _NotPossible:
    def __repr__(self) -> str:
        return "NOT_POSSIBLE"


NOT_POSSIBLE = _NotPossible()

_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}


def coerce_scalar(feature: Any, value: Any) -> Any:
    """``value`` as a scalar of the feature, or ``NOT_POSSIBLE``.

    Numbers and objects become their JSON text; text becomes the number, or the truth, that it
    spells; whole floats become integers.
    """
    if not isinstance(feature, Value) or value is None:
        return NOT_POSSIBLE
    if feature.dtype in dtypes.STRINGS:
        return _text(value)
    if feature.dtype in dtypes.INTEGERS:
        return _integer(value)
    if feature.dtype in dtypes.FLOATS:
        return _float(value)
    if feature.dtype in dtypes.BOOLEANS:
        return _truth(value)
    return NOT_POSSIBLE


def _text(value: Any) -> Any:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return NOT_POSSIBLE
    try:
        return dumps(value)
    except TypeError:
        return NOT_POSSIBLE


def _integer(value: Any) -> Any:
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, float):
        return int(value) if math.isfinite(value) and value.is_integer() else NOT_POSSIBLE
    if isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return NOT_POSSIBLE
    return NOT_POSSIBLE


def _float(value: Any) -> Any:
    if not isinstance(value, (bool, int, float, str)):
        return NOT_POSSIBLE
    try:
        made = float(value)
    except (ValueError, OverflowError):
        return NOT_POSSIBLE
    return made if isinstance(value, str) or made == value or math.isnan(made) else NOT_POSSIBLE


def _truth(value: Any) -> Any:
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        return _TRUTHS.get(value.strip().lower(), NOT_POSSIBLE)
    return NOT_POSSIBLE
