"""Python objects as the plain values that Arrow stores, and back to what readers get."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from typing import Any

from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value
from crucible_datasets.schema.visit import leaves, requires_decoding

_PLAIN = (str, int, float, bool, bytes, type(None), dt.datetime, dt.date, dt.time, dt.timedelta)
_PLAIN_TYPES = frozenset(_PLAIN)


def to_python_objects(value: Any) -> Any:
    """NumPy, torch, jax, pandas, Polars and PIL objects, wherever nested, as plain ones.

    Of a list only the first element that says something is looked at: lists of plain values, which
    may be long, stay as they are. NumPy arrays stay arrays.
    """
    return _plain(value)[0]


def _plain(value: Any) -> tuple[Any, bool]:
    """The value, and whether it is another object than before."""
    kind = type(value)
    if kind in _PLAIN_TYPES:
        return value, False
    if isinstance(value, Mapping):
        return _plain_mapping(value)
    if isinstance(value, (list, tuple)):
        return _plain_list(value)
    return _foreign(value)


def _plain_mapping(value: Mapping[Any, Any]) -> tuple[Any, bool]:
    changed = not isinstance(value, dict)
    plain = {}
    for key, inner in value.items():
        plain[key], inner_changed = _plain(inner)
        changed = changed or inner_changed
    return (plain, True) if changed else (value, False)


def _plain_list(value: Any) -> tuple[Any, bool]:
    if not value:
        return value, False
    _, changed = _plain(first_telling(value))
    return ([_plain(inner)[0] for inner in value], True) if changed else (value, False)


def _foreign(value: Any) -> tuple[Any, bool]:
    home = type(value).__module__.partition(".")[0]
    if home == "numpy":
        import numpy as np

        if isinstance(value, np.ndarray):
            return (value[()], True) if value.ndim == 0 else (value, False)
        return value, False
    if home == "PIL":
        from crucible_datasets.media.image import encode_pil_image, is_pil_image

        return (encode_pil_image(value), True) if is_pil_image(value) else (value, False)
    if home == "torch" and hasattr(value, "detach"):
        array = value.detach().cpu()
        if str(array.dtype) == "torch.bfloat16":
            array = array.float()
        return _plain(array.numpy())[0], True
    if home == "polars":
        if hasattr(value, "to_dict"):  # a DataFrame
            return {name: series.to_list() for name, series in value.to_dict().items()}, True
        return (value.to_list(), True) if hasattr(value, "to_list") else (value, False)
    if "pandas" in sys.modules and home == "pandas":
        return _from_pandas(value)
    if hasattr(value, "__array__"):
        return _plain(value.__array__())[0], True
    return value, False


def _from_pandas(value: Any) -> tuple[Any, bool]:
    if hasattr(value, "to_pydatetime") and not hasattr(value, "index"):
        return value.to_pydatetime(), True
    if hasattr(value, "to_pytimedelta") and not hasattr(value, "index"):
        return value.to_pytimedelta(), True
    if hasattr(value, "columns"):
        return {name: _plain(value[name].tolist())[0] for name in value.columns}, True
    if hasattr(value, "tolist"):
        return _plain(value.tolist())[0], True
    return value, False


def first_telling(values: Any) -> Any:
    """The first element that is neither None nor an empty list, looked at deeply; else the last."""
    element = None
    for element in values:
        if _tells(element):
            break
    return element


def _tells(value: Any) -> bool:
    while isinstance(value, (list, tuple)):
        if not value:
            return False
        value = value[0]
    return value is not None


def encode_value(feature: Any, value: Any, *, top: bool = False) -> Any:
    """A plain value as the feature stores it.

    Of a list of scalars, the first element that says something decides whether the others are
    encoded too; labels, ``Json`` and media are always encoded.

    Args:
        feature: the feature of the value.
        value: what :func:`to_python_objects` gave.
        top: True for a row, which may not be None.

    Raises:
        ValueError: if a row is None, or the value can't be stored.
    """
    if isinstance(feature, dict):
        if value is None:
            if top:
                raise ValueError("a row is a dict, but this one is None")
            return None
        return {name: encode_value(inner, value.get(name)) for name, inner in feature.items()}
    if value is None:
        return None
    if isinstance(feature, (List, LargeList)):
        return _encode_list(feature.feature, value)
    encode = getattr(feature, "encode_example", None)
    return value if encode is None else encode(value)


def _encode_list(feature: Any, values: Any) -> list[Any]:
    if len(values) == 0:
        return list(values)
    if not all(isinstance(leaf, Value) for _, leaf in leaves(feature)):
        return [encode_value(feature, value) for value in values]
    first = _first_telling(values, feature)
    try:
        changed = bool(encode_value(feature, first) != first)
    except ValueError:  # the truth of an array comparison
        changed = False
    return [encode_value(feature, value) for value in values] if changed else list(values)


def _first_telling(values: Any, feature: Any) -> Any:
    element = None
    for element in values:
        inner, inside = element, feature
        while isinstance(inner, (list, tuple)) and isinstance(inside, (List, LargeList)):
            inner, inside = (inner[0], inside.feature) if inner else (None, None)
        if inner is not None:
            break
    return element


def decode_value(feature: Any, value: Any, token_per_repo_id: Any = None) -> Any:
    """A stored value as what readers get.

    Args:
        feature: the feature of the value.
        value: what is stored.
        token_per_repo_id: repository id -> token, for media that are links into the Hub.
    """
    if value is None:
        return None
    if isinstance(feature, dict):
        return {
            name: decode_value(feature[name], inner, token_per_repo_id)
            if requires_decoding(feature[name])
            else inner
            for name, inner in value.items()
        }
    if isinstance(feature, (List, LargeList)):
        inner = feature.feature
        if not requires_decoding(inner):
            return list(value)
        return [decode_value(inner, element, token_per_repo_id) for element in value]
    if hasattr(feature, "decode_example") and getattr(feature, "decode", True):
        return feature.decode_example(value, token_per_repo_id=token_per_repo_id)
    return value
