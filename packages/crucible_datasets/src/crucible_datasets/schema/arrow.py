"""Features as Arrow types, and back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema import dtypes
from crucible_datasets.schema.array_extension import read_array_field, read_array_type
from crucible_datasets.schema.json_value import Json
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value

if TYPE_CHECKING:
    from collections.abc import Mapping


def arrow_type(feature: Any) -> pa.DataType:
    """The Arrow type of a feature, with the extension types of ``Json`` and the arrays.

    Raises:
        ValueError: if the feature can't be laid out.
    """
    if isinstance(feature, dict):
        return pa.struct({name: arrow_type(inner) for name, inner in feature.items()})
    if isinstance(feature, (list, tuple)):
        if len(feature) != 1:
            raise ValueError(f"write a list as List(feature), not as {feature!r}")
        return pa.list_(arrow_type(feature[0]))
    if isinstance(feature, LargeList):
        return pa.large_list(arrow_type(feature.feature))
    if isinstance(feature, List):
        return pa.list_(arrow_type(feature.feature), feature.length)
    return feature()


def storage_type(arrow: pa.DataType) -> pa.DataType:
    """An Arrow type with each extension type, wherever nested, replaced by what it is stored as."""
    if isinstance(arrow, pa.BaseExtensionType):
        return storage_type(arrow.storage_type)
    types = pa.types
    if types.is_struct(arrow):
        return pa.struct([_plain_field(field) for field in arrow])
    if types.is_large_list(arrow):
        return pa.large_list(storage_type(arrow.value_type))
    if types.is_fixed_size_list(arrow):
        return pa.list_(storage_type(arrow.value_type), arrow.list_size)
    if types.is_list(arrow):
        return pa.list_(storage_type(arrow.value_type))
    return arrow


def _plain_field(field: pa.Field) -> pa.Field:
    return pa.field(field.name, storage_type(field.type))


def feature_of_type(arrow: pa.DataType) -> Any:
    """The feature that holds values of an Arrow type.

    Raises:
        ValueError: if there is none.
    """
    types = pa.types
    if types.is_struct(arrow):
        return {field.name: feature_of_field(field) for field in arrow}
    if types.is_fixed_size_list(arrow):
        return List(feature_of_field(arrow.value_field), length=arrow.list_size)
    if types.is_list(arrow) or types.is_list_view(arrow):
        return List(feature_of_field(arrow.value_field))
    if types.is_large_list(arrow) or types.is_large_list_view(arrow):
        return LargeList(feature_of_field(arrow.value_field))
    if types.is_map(arrow):
        pair = {"key": feature_of_type(arrow.key_type), "value": feature_of_type(arrow.item_type)}
        return List(pair)
    if types.is_dictionary(arrow):
        return feature_of_type(arrow.value_type)
    if isinstance(arrow, pa.BaseExtensionType):
        if arrow.extension_name == "arrow.json":
            return Json()
        array = read_array_type(arrow)
        return feature_of_type(arrow.storage_type) if array is None else array
    return Value(dtypes.dtype_name(arrow))


def feature_of_field(field: pa.Field) -> Any:
    """The feature of a field, which may be an array whose extension type was not registered."""
    array = read_array_field(field.metadata)
    return feature_of_type(field.type) if array is None else array


def features_metadata(spec: Mapping[str, Any]) -> dict[str, str]:
    """The schema metadata that carry ``Features.to_dict()`` in Arrow and Parquet files."""
    return {"huggingface": json.dumps({"info": {"features": spec}})}


def declared_features(schema: pa.Schema) -> dict[str, Any] | None:
    """What the ``huggingface`` metadata of a schema say, or None if they say nothing.

    Raises:
        ValueError: if the metadata are not JSON.
    """
    if not schema.metadata or b"huggingface" not in schema.metadata:
        return None
    info = json.loads(schema.metadata[b"huggingface"]).get("info") or {}
    declared: dict[str, Any] | None = info.get("features")
    return declared
