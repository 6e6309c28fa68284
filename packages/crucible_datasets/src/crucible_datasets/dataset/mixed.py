"""Values whose type differs from row to row, stored as ``Json`` where they do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema.arrow import feature_of_type
from crucible_datasets.schema.json_value import Json
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
    from collections.abc import Sequence


def mixed_feature(values: Sequence[Any], *, always: bool = False) -> Any:
    """The feature of ``values`` with ``Json`` where dicts differ in their keys or types differ.

    Args:
        values: plain Python values; None is left out of account.
        always: give the feature even if nothing is mixed.

    Returns:
        None if nothing is mixed, unless ``always``.
    """
    feature = _feature([value for value in values if value is not None])
    if always or any(isinstance(leaf, Json) for _, leaf in leaves(feature)):
        return feature
    return None


def _feature(values: Sequence[Any]) -> Any:
    """The feature of values that are not None."""
    if not values:
        return Value("null")
    if all(isinstance(value, dict) for value in values):
        keys = values[0].keys()
        if not keys or any(value.keys() != keys for value in values):
            return Json()
        return {
            key: _feature([value[key] for value in values if value[key] is not None])
            for key in keys
        }
    if all(isinstance(value, (list, tuple)) for value in values):
        return List(_feature([inner for value in values for inner in value if inner is not None]))
    if any(isinstance(value, (dict, list, tuple)) for value in values):
        return Json()
    try:
        return feature_of_type(pa.array(values).type)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return Json()


def encode_mixed(values: Sequence[Any], feature: Any) -> list[Any]:
    """``values`` with JSON text where ``feature`` says ``Json``.

    Args:
        values: plain Python values.
        feature: theirs.
    """
    if isinstance(feature, Json):
        return [feature.encode_example(value) for value in values]
    if not any(isinstance(leaf, Json) for _, leaf in leaves(feature)):
        return list(values)
    if isinstance(feature, dict):
        return [None if value is None else _encoded_dict(value, feature) for value in values]
    assert isinstance(feature, (List, LargeList)), feature
    return [None if value is None else encode_mixed(value, feature.feature) for value in values]


def _encoded_dict(value: dict[str, Any], feature: dict[str, Any]) -> dict[str, Any]:
    return {
        key: encode_mixed([inner], feature[key])[0] if key in feature else inner
        for key, inner in {**dict.fromkeys(feature), **value}.items()
    }
