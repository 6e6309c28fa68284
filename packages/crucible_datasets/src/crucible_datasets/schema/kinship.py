"""Arrow types and features that are of one kind, so that a cast between them is no conversion."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from crucible_datasets.schema.arrays import is_array_feature
from crucible_datasets.schema.class_label import ClassLabel
from crucible_datasets.schema.json_value import Json
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value


def is_kin(arrow: pa.DataType, feature: Any) -> bool:
    """Whether a column of that type may hold values of the feature.

    Wider and narrower types of one kind are kin (a cast tells whether the values fit), integers are
    kin to floats, anything to ``Json``; integers are not kin to strings.
    """
    types = pa.types
    if isinstance(arrow, pa.BaseExtensionType):
        return is_kin(arrow.storage_type, feature)
    if types.is_dictionary(arrow):
        return is_kin(arrow.value_type, feature)
    if types.is_null(arrow) or isinstance(feature, Json):
        return True
    if isinstance(feature, dict):
        return bool(types.is_struct(arrow)) and all(
            field.name in feature and is_kin(field.type, feature[field.name]) for field in arrow
        )
    if isinstance(feature, (List, LargeList)):
        return _is_list(arrow) and is_kin(arrow.value_type, feature.feature)
    if isinstance(feature, ClassLabel):
        return bool(types.is_integer(arrow)) or _is_text(arrow)
    if isinstance(feature, Value):
        return _same_kind(arrow, feature.pa_type)
    if is_array_feature(feature):
        return _is_list(arrow)
    # media and translations know themselves what they take
    return hasattr(feature, "cast_storage") or bool(types.is_struct(arrow))


def _same_kind(found: pa.DataType, wanted: pa.DataType) -> bool:
    types = pa.types
    if types.is_floating(wanted):
        return bool(types.is_floating(found) or types.is_integer(found))
    for kind in (types.is_integer, types.is_boolean, _is_text, _is_binary, types.is_decimal):
        if kind(wanted):
            return bool(kind(found))
    if types.is_timestamp(wanted) or types.is_date(wanted):
        return bool(types.is_timestamp(found) or types.is_date(found)) and (
            getattr(found, "tz", None) is None
        ) == (getattr(wanted, "tz", None) is None)
    return bool(found.id == wanted.id)


def _is_text(arrow: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_string(arrow) or types.is_large_string(arrow) or types.is_string_view(arrow)
    )


def _is_binary(arrow: pa.DataType) -> bool:
    types = pa.types
    return bool(
        types.is_binary(arrow)
        or types.is_large_binary(arrow)
        or types.is_binary_view(arrow)
        or types.is_fixed_size_binary(arrow)
    )


def _is_list(arrow: pa.DataType) -> bool:
    kinds = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list)
    return any(kind(arrow) for kind in kinds)
