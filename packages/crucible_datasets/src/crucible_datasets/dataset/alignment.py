"""Datasets of different columns as datasets of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.dataset.casting import cast_columns
from crucible_datasets.schema import Features, LargeList, List, Value
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

_NOTHING = Value("null")


def common_features(all_features: Sequence[Features]) -> Features:
    """The columns of all, in order of appearance; null takes the type that another has.

    Raises:
        ValueError: a column has different types.
    """
    found: dict[str, Any] = {}
    for features in all_features:
        for name, feature in features.items():
            found[name] = _common(found[name], feature, name) if name in found else feature
    return Features(found)


def _common(one: Any, other: Any, place: str) -> Any:
    if one == other or is_null(other):
        return one
    if is_null(one):
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            key: _common(one[key], other[key], f"{place}.{key}")
            if key in one and key in other
            else {**one, **other}[key]
            for key in {**one, **other}
        }
    if type(one) is type(other) and isinstance(one, (List, LargeList)):
        inner = _common(one.feature, other.feature, f"{place}[]")
        if isinstance(one, LargeList):
            return LargeList(inner)
        return List(inner, length=one.length if one.length == other.length else -1)
    raise ValueError(
        f"the features can't be aligned: column {place!r} is {one} in one dataset and {other} in "
        "another; cast one of them first"
    )


def is_null(feature: Any) -> bool:
    """Whether nothing but null, or lists of it, was found where the feature comes from."""
    if isinstance(feature, (List, LargeList)):
        return is_null(feature.feature)
    return bool(feature == _NOTHING)


def aligned(table: Table, before: Features, features: Features) -> Table:
    """``table`` with all columns of ``features``, in their order; those that it lacks are null.

    Raises:
        ValueError: a column can't become what ``features`` say.
    """
    schema = features.storage_schema
    missing = [name for name in features if name not in table.columns]
    if missing:
        nulls = {name: pa.nulls(table.num_rows, schema.field(name).type) for name in missing}
        table = table.with_columns(Table.from_arrow(pa.table(nulls)))
    known = Features({name: before.get(name, features[name]) for name in features})
    return cast_columns(table, known, features)
