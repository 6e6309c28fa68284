"""Python objects as the plain values that Arrow stores, and back to what readers get."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from typing import Any

from crucible_datasets.schema.json_value import Json, loads
from crucible_datasets.schema.lists import LargeList, List
from crucible_datasets.schema.value import Value
from crucible_datasets.schema.visit import leaves

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


Decode = Callable[[Any, Any], Any]


def decoder_of(feature: Any) -> Decode | None:
    """What makes of a stored value what readers get; None where that is the value itself.

    Made once and called often: it takes the value and, for media that are links into the Hub, a
    dict of repository id -> token.
    """
    if isinstance(feature, dict):
        return _struct_decoder({name: decoder_of(inner) for name, inner in feature.items()})
    if isinstance(feature, (List, LargeList)):
        return _list_decoder(decoder_of(feature.feature))
    if not hasattr(feature, "decode_example") or not getattr(feature, "decode", True):
        return None
    if type(feature) is Json:
        return lambda value, _tokens: None if value is None else loads(value)
    decode = feature.decode_example
    return lambda value, tokens: None if value is None else decode(value, token_per_repo_id=tokens)


def _struct_decoder(fields: dict[str, Decode | None]) -> Decode | None:
    decoders = {name: decode for name, decode in fields.items() if decode is not None}
    if not decoders:
        return None

    def decode_struct(value: Any, tokens: Any) -> Any:
        if value is None:
            return None
        decoded = dict(value)
        for name, decode in decoders.items():
            if name in decoded:
                decoded[name] = decode(decoded[name], tokens)
        return decoded

    return decode_struct


def _list_decoder(decode: Decode | None) -> Decode | None:
    if decode is None:
        return None
    return lambda value, tokens: (
        None if value is None else [decode(element, tokens) for element in value]
    )


def decode_value(feature: Any, value: Any, token_per_repo_id: Any = None) -> Any:
    """A stored value as what readers get.

    Args:
        feature: the feature of the value.
        value: what is stored.
        token_per_repo_id: repository id -> token, for media that are links into the Hub.
    """
    decode = decoder_of(feature)
    return value if decode is None else decode(value, token_per_repo_id)
