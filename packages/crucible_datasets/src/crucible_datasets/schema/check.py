"""``Checker``: a value beside its feature, and every place where the two disagree.

It looks at values one by one and knows where it is, so it is slow and says much;
:func:`conforms` looks at many values at once and says only whether all of them fit.
"""

from __future__ import annotations

import datetime as dt
import math
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any

from crucible_datasets.schema import dtypes, moments
from crucible_datasets.schema.class_label import ClassLabel
from crucible_datasets.schema.coerce import NOT_POSSIBLE, coerce_scalar
from crucible_datasets.schema.json_lines import kind_of, pointer_part
from crucible_datasets.schema.json_value import Json, dumps
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# pointer, expected, found, the value, hint
Emit = "Callable[[str, str, str, Any, str], None]"

_NONE = frozenset({type(None)})
_RANGES = {
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
    "float16": (-(2**11), 2**11),
    "float32": (-(2**24), 2**24),
    "float64": (-(2**53), 2**53),
}
_LARGEST = {"float16": 65504.0, "float32": 3.4028234663852886e38}


def python_types(dtype: str, *, texts: bool) -> frozenset[type] | None:
    """The Python types that a scalar takes as they are; None if that is for Arrow to say."""
    if dtype in dtypes.STRINGS:
        return frozenset({str})
    if dtype in dtypes.INTEGERS:
        return frozenset({int})
    if dtype in dtypes.FLOATS:
        return frozenset({int, float})
    if dtype in dtypes.BOOLEANS:
        return frozenset({bool})
    if dtype in ("binary", "large_binary", "binary_view"):
        return frozenset({bytes, str}) if texts else frozenset({bytes})
    return frozenset() if dtype == "null" else None


def conforms(feature: Any, values: Sequence[Any], *, texts: bool = True) -> bool:
    """Whether all values fit the feature without any conversion that could lose something.

    Args:
        feature: what they should be.
        values: the values.
        texts: whether texts may spell times, decimals and bytes, as they have to in JSON.
    """
    if isinstance(feature, Json):
        return True
    kinds = set(map(type, values)) - _NONE
    if not kinds:
        return True
    if isinstance(feature, dict):
        objects = [value for value in values if value is not None]
        return kinds <= {dict} and _objects_conform(feature, objects, texts)
    if isinstance(feature, (List, LargeList)):
        if not kinds <= {list, tuple}:
            return False
        lists = [value for value in values if value is not None]
        size = feature.length if isinstance(feature, List) else -1
        if size >= 0 and not all(len(value) == size for value in lists):
            return False
        return conforms(feature.feature, list(chain.from_iterable(lists)), texts=texts)
    if isinstance(feature, ClassLabel):
        return _labels_conform(feature, kinds, values)
    if not isinstance(feature, Value):
        return _can_be_built(feature, values)
    if moments.is_moment(feature):
        return moments.takes(feature, values, texts=texts)
    allowed = python_types(feature.dtype, texts=texts)
    if allowed is None:
        return _can_be_built(feature, values)
    if not kinds <= allowed:
        return False
    if feature.dtype in _RANGES and int in kinds:
        lowest, highest = _RANGES[feature.dtype]
        whole = [value for value in values if type(value) is int]
        if min(whole) < lowest or highest < max(whole):
            return False
    if feature.dtype in _LARGEST and float in kinds:
        largest = _LARGEST[feature.dtype]
        floats = (abs(value) for value in values if type(value) is float)
        return all(value <= largest or not math.isfinite(value) for value in floats)
    return True


def _objects_conform(feature: dict[str, Any], objects: list[dict[str, Any]], texts: bool) -> bool:
    known = feature.keys()
    return all(value.keys() <= known for value in objects) and all(
        conforms(inner, [value.get(name) for value in objects], texts=texts)
        for name, inner in feature.items()
    )


def _labels_conform(feature: ClassLabel, kinds: set[type], values: Sequence[Any]) -> bool:
    if not kinds <= {str, int}:
        return False
    try:
        for value in set(values):
            if value is not None:
                feature.encode_example(value)
    except ValueError:
        return False
    return True


def _can_be_built(feature: Any, values: Sequence[Any]) -> bool:
    from crucible_datasets.schema.columns import NOT_BUILT, build_array

    try:
        build_array(feature, values)
    except NOT_BUILT:
        return False
    return True


class Checker:
    """Checks values one by one.

    Args:
        emit: called for each disagreement, with the pointer, what was expected, what was found,
            the value, and a hint. It may raise.
        convert: whether scalars are converted where that loses nothing, before they are refused.
        texts: whether texts may spell times, decimals and bytes.
    """

    def __init__(
        self,
        emit: Callable[[str, str, str, Any, str], None],
        *,
        convert: bool = False,
        texts: bool = True,
    ) -> None:
        self._emit = emit
        self._convert = convert
        self._texts = texts

    def row(self, features: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
        """A row as it can be stored: None in place of what disagrees."""
        return self._object(features, row, "", "row")

    def value(self, feature: Any, value: Any, pointer: str) -> Any:
        """A value as it can be stored: None in place of what disagrees."""
        if value is None or isinstance(feature, Json):
            return value
        if isinstance(feature, dict):
            if type(value) is dict:
                return self._object(feature, value, pointer, "object")
            return self._refuse(feature, value, pointer)
        if isinstance(feature, (List, LargeList)):
            return self._list(feature, value, pointer)
        if not conforms(feature, [value], texts=self._texts):
            converted = _converted(feature, value) if self._convert else NOT_POSSIBLE
            if converted is NOT_POSSIBLE:
                return self._refuse(feature, value, pointer)
            value = converted
        is_moment = isinstance(feature, Value) and moments.is_moment(feature)
        return moments.plain(feature, value) if is_moment else value

    def _object(
        self, feature: dict[str, Any], value: dict[str, Any], pointer: str, what: str
    ) -> dict[str, Any]:
        for key in value:
            if key not in feature:
                place = f"{pointer}/{pointer_part(key)}"
                known = ", ".join(map(repr, feature)) or "no keys"
                self._emit(place, known, f"the key {key!r}", value[key], _KEY_HINTS[what](key))
        return {
            name: self.value(inner, value.get(name), f"{pointer}/{pointer_part(name)}")
            for name, inner in feature.items()
        }

    def _list(self, feature: List | LargeList, value: Any, pointer: str) -> Any:
        if not isinstance(value, (list, tuple)):
            if self._convert and not isinstance(value, dict):
                return [self.value(feature.feature, value, f"{pointer}/0")]
            return self._refuse(feature, value, pointer)
        size = feature.length if isinstance(feature, List) else -1
        if size not in (-1, len(value)):
            hint = f"declare it as {List(feature.feature)} for any number of elements"
            self._emit(pointer, f"{size} elements", f"{len(value)}", value, hint)
            return None
        return [
            self.value(feature.feature, inner, f"{pointer}/{position}")
            for position, inner in enumerate(value)
        ]

    def _refuse(self, feature: Any, value: Any, pointer: str) -> None:
        found = describe(value)
        self._emit(pointer, str(feature), found, value, hint_for(feature, value))


def _converted(feature: Any, value: Any) -> Any:
    if isinstance(feature, Value) and moments.is_moment(feature) and type(value) in (int, float):
        made = moments.of_number(feature, value)
        return NOT_POSSIBLE if made is None else made
    converted = coerce_scalar(feature, value)
    if converted is NOT_POSSIBLE or not conforms(feature, [converted]):
        return NOT_POSSIBLE
    return converted


_KEY_HINTS: dict[str, Callable[[str], str]] = {
    "row": lambda key: f"add {key!r} to features=, or leave features= out to infer them",
    "object": lambda key: (
        f"add {key!r} to the feature of this object, or declare it as Json() to keep any keys"
    ),
}


def describe(value: Any) -> str:
    """What was found, in words: ``an integer``, ``the string '2024-13-01'``."""
    if isinstance(value, str):
        return "a string"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"the integer {value}"
    if isinstance(value, (dt.date, dt.time, dt.timedelta, bytes, Decimal)):
        return f"a {type(value).__name__}"
    return kind_of(value)


def hint_for(feature: Any, value: Any) -> str:
    """The argument that would accept a value that a feature does not take."""
    fitting = fitting_feature(value)
    hints = []
    if _converted(feature, value) is not NOT_POSSIBLE:
        hints.append('validation="coerce" converts it')
    if isinstance(feature, ClassLabel):
        hints.append("add the name to the ClassLabel")
    if fitting is not None and str(fitting) != str(feature):
        hints.append(f"{fitting} in features= takes it")
    hints.append("Json() takes any value")
    return "; ".join(hints)


def fitting_feature(value: Any) -> Any | None:
    """The feature that one would declare for a scalar or a list of scalars; None if unclear."""
    if isinstance(value, bool):
        return Value("bool")
    if isinstance(value, int):
        return Value("int64") if -(2**63) <= value < 2**63 else None
    if isinstance(value, float):
        return Value("float64")
    if isinstance(value, str):
        return Value("string")
    if isinstance(value, list) and value:
        inner = fitting_feature(value[0])
        return None if inner is None else List(inner)
    return None


def shown(value: Any) -> str:
    """A value as the text of a snippet."""
    try:
        return dumps(value)
    except TypeError:
        return repr(value)
