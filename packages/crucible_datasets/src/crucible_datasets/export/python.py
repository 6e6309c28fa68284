"""``Json`` columns decoded, media left as they are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.schema.json_value import Json, loads
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.visit import leaves

if TYPE_CHECKING:
    from crucible_datasets.schema import Features


def json_names(features: Features) -> list[str]:
    """The columns that hold ``Json`` somewhere."""
    return [
        name
        for name, feature in features.items()
        if any(isinstance(leaf, Json) for _, leaf in leaves(feature))
    ]


def json_decoded(rows: list[dict[str, Any]], features: Features) -> list[dict[str, Any]]:
    """``rows``, changed in place: JSON texts as the values that they are."""
    for name in json_names(features):
        feature = features[name]
        for row in rows:
            row[name] = decoded(row[name], feature)
    return rows


def json_columns(columns: dict[str, list[Any]], features: Features) -> dict[str, list[Any]]:
    """``columns``, changed in place: JSON texts as the values that they are."""
    for name in json_names(features):
        columns[name] = [decoded(value, features[name]) for value in columns[name]]
    return columns


def decoded(value: Any, feature: Any) -> Any:
    """A stored value with its JSON texts as the values that they are."""
    if value is None:
        return None
    if isinstance(feature, Json):
        return loads(value)
    if isinstance(feature, dict):
        return {key: decoded(inner, feature[key]) for key, inner in value.items()}
    if isinstance(feature, (List, LargeList)):
        return [decoded(inner, feature.feature) for inner in value]
    return value
