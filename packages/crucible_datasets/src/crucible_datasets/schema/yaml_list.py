"""Features as the list that a README's ``dataset_info`` holds, and back.

::

    - name: messages              a column
      list:                       a list of structs
      - name: role
        dtype: string
    - name: label
      dtype:
        class_label:
          names: {'0': bad, '1': good}
    - name: image
      dtype: image                a type without settings
"""

from __future__ import annotations

import re
from typing import Any

from crucible_datasets.schema.dtypes import normal_dtype

_LISTS = {"list": "List", "large_list": "LargeList", "sequence": "List"}


def features_to_yaml(spec: dict[str, Any]) -> list[dict[str, Any]]:
    """The YAML list of what ``Features.to_dict`` gives."""
    return [{"name": name, **_written(inner)} for name, inner in spec.items()]


def features_from_yaml(columns: list[dict[str, Any]]) -> dict[str, Any]:
    """What ``Features.to_dict`` would give for a YAML list.

    Raises:
        TypeError: if a part is neither dict nor list.
        ValueError: if class labels are not numbered 0, 1, 2, ...
    """
    return _read_fields(columns)


def _written(spec: Any) -> dict[str, Any]:
    if isinstance(spec, (list, tuple)):  # the list of old: [feature]
        return {"list": _shortened(_written(spec[0]))}
    if not isinstance(spec, dict):
        raise TypeError(f"a feature is written as a dict or a list, not as {spec!r}")
    kind = spec.get("_type")
    if kind is None or isinstance(kind, dict):
        return {"struct": [{"name": name, **_written(inner)} for name, inner in spec.items()]}
    settings = {key: _plain(value) for key, value in spec.items() if key != "_type"}
    if kind == "Value":
        return settings
    if kind in ("List", "LargeList"):
        inner = _shortened(_written(spec["feature"]))
        settings.pop("feature")
        return {"list" if kind == "List" else "large_list": inner, **settings}
    name = _snake(kind)
    if not settings:
        return {"dtype": name}
    if kind == "ClassLabel" and isinstance(settings.get("names"), list):
        # the Hub's server wants strings for keys
        settings["names"] = {str(n): label for n, label in enumerate(settings["names"])}
    return {"dtype": {name: settings}}


def _shortened(inner: dict[str, Any]) -> Any:
    return next(iter(inner.values())) if list(inner) in (["dtype"], ["struct"]) else inner


def _read_fields(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        field["name"]: _read({key: value for key, value in field.items() if key != "name"})
        for field in fields
    }


def _read(written: Any) -> Any:
    if isinstance(written, list):
        return _read_fields(written)
    if not isinstance(written, dict):
        raise TypeError(f"a feature is written as a dict or a list, not as {written!r}")
    if not written:
        return {}
    kind, settings = next(iter(written.items()))
    rest = {key: value for key, value in written.items() if key != kind}
    if kind in _LISTS:
        inner = {"dtype": settings} if isinstance(settings, str) else settings
        if kind == "sequence" and isinstance(inner, list):  # the dict of lists of old
            return {
                name: {"feature": feature, **rest, "_type": "List"}
                for name, feature in _read_fields(inner).items()
            }
        return {"feature": _read(inner), **rest, "_type": _LISTS[kind]}
    if kind == "struct":
        return _read(settings)
    if kind != "dtype":
        return _with_settings(kind, settings)
    if not isinstance(settings, str):
        return _read(settings)
    try:
        normal_dtype(settings)
    except ValueError:
        return {"_type": _camel(settings)}
    return {**written, "_type": "Value"}


def _with_settings(kind: str, settings: dict[str, Any]) -> dict[str, Any]:
    if kind == "class_label" and isinstance(settings.get("names"), dict):
        names = settings["names"]
        numbers = sorted(names, key=int)
        if [int(number) for number in numbers] != list(range(len(numbers))):
            raise ValueError(
                f"class labels must be numbered 0 to {len(numbers) - 1} without a gap, "
                f"but they are {', '.join(map(str, numbers))}"
            )
        settings = {**settings, "names": [names[number] for number in numbers]}
    return {"_type": _camel(kind), **settings}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value


def _snake(name: str) -> str:
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()


def _camel(name: str) -> str:
    return _CAMEL.get(name) or "".join(part.capitalize() for part in name.split("_"))


# "array2_d" comes out right by the rule; these do not
_CAMEL = {"array2d": "Array2D", "array3d": "Array3D", "array4d": "Array4D", "array5d": "Array5D"}
