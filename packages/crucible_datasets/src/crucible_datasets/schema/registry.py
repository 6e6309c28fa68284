"""Feature classes by the name that serialised features give them."""

from __future__ import annotations

import logging
from dataclasses import fields
from importlib import import_module
from typing import Any

from crucible_datasets.schema import FEATURE_TYPES

logger = logging.getLogger(__name__)

_REGISTERED: dict[str, type] = {}


def register_feature(feature_cls: type, feature_type: str) -> None:
    """Make a feature class of one's own known by a name, so that it survives serialisation.

    Args:
        feature_cls: a dataclass with a ``_type`` field that holds the name.
        feature_type: the name.
    """
    if feature_type in FEATURE_TYPES or feature_type in _REGISTERED:
        logger.warning("the feature type %r is registered anew", feature_type)
    _REGISTERED[feature_type] = feature_cls


def feature_class(name: str) -> type:
    """The class of that name.

    Raises:
        ValueError: if there is none.
    """
    if name in _REGISTERED:
        return _REGISTERED[name]
    if name not in FEATURE_TYPES:
        known = sorted([*FEATURE_TYPES, *_REGISTERED])
        raise ValueError(
            f"there is no feature type {name!r}, only {', '.join(known)}; "
            "a type of your own is made known with register_feature"
        )
    found: type = getattr(import_module(FEATURE_TYPES[name]), name)
    return found


def build_feature(spec: Any) -> Any:
    """The feature that a dict or list made by ``Features.to_dict`` describes.

    Raises:
        ValueError: if it names a type that there is not.
    """
    if isinstance(spec, list):
        return [build_feature(inner) for inner in spec]
    name = spec.get("_type")
    if name is None or isinstance(name, dict):  # a struct; it may have a field called _type
        return {key: build_feature(inner) for key, inner in spec.items()}
    cls = feature_class(name)
    if name in ("List", "LargeList", "Sequence"):
        rest = {key: value for key, value in spec.items() if key not in ("_type", "feature")}
        return cls(feature=build_feature(spec["feature"]), **rest)
    known = {part.name for part in fields(cls)}  # a newer release may have more
    return cls(**{k: v for k, v in spec.items() if k in known and k != "_type"})


def describe_feature(feature: Any) -> Any:
    """The inverse of :func:`build_feature`: the fields that are not at their default."""
    if isinstance(feature, dict):
        return {key: describe_feature(inner) for key, inner in feature.items()}
    if isinstance(feature, (list, tuple)):
        return type(feature)(describe_feature(inner) for inner in feature)
    if not hasattr(feature, "__dataclass_fields__"):
        return feature
    spec = {}
    for part in fields(feature):
        value = describe_feature(getattr(feature, part.name))
        if not part.init or value != part.default:
            spec[part.name] = value
    return spec
