"""The formats by name; each is imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.formatting.base import Formatter
    from crucible_datasets.schema import Features

_HOME = {
    None: ("python", "PythonFormatter"),
    "arrow": ("arrow", "ArrowFormatter"),
    "numpy": ("numpy", "NumpyFormatter"),
    "pandas": ("pandas", "PandasFormatter"),
    "polars": ("polars", "PolarsFormatter"),
    "torch": ("torch", "TorchFormatter"),
    "jax": ("jax", "JaxFormatter"),
    "custom": ("custom", "CustomFormatter"),
}
_ALIASES = {
    "python": None,
    "pa": "arrow",
    "pyarrow": "arrow",
    "np": "numpy",
    "pd": "pandas",
    "pl": "polars",
    "pt": "torch",
    "pytorch": "torch",
    "tf": "tensorflow",
}
_NEEDS = {"pandas": "pandas", "torch": "torch", "jax": "jax"}

TABLES = ("arrow", "pandas", "polars")
"""The formats that give columns as whole arrays, not as lazy ``Column`` objects."""


def canonical_name(name: str | None) -> str | None:
    """The format that ``name``, perhaps an alias, stands for."""
    return _ALIASES.get(name, name) if name is not None else None


def formatter_for(name: str | None, features: Features | None, kwargs: dict[str, Any]) -> Formatter:
    """What makes the objects of a format.

    Args:
        name: a canonical name.
        features: of the table that will be formatted; None leaves stored values as they are.
        kwargs: for the function that makes an array, such as ``dtype``.

    Raises:
        ValueError: there is no such format, or its library is not installed.
    """
    if name == "tensorflow":
        raise ValueError(
            "the tensorflow format is not supported; "
            "use 'numpy', or a transform that calls tensorflow"
        )
    if name not in _HOME:
        known = [known for known in _HOME if known != "custom"]
        raise ValueError(f"format type should be one of {known}, but got {name!r}")
    if name in _NEEDS and find_spec(_NEEDS[name]) is None:
        raise ValueError(f"the {name} format needs {_NEEDS[name]}: pip install {_NEEDS[name]}")
    module, cls = _HOME[name]
    formatter: Formatter = getattr(import_module(f"crucible_datasets.formatting.{module}"), cls)(
        features, **kwargs
    )
    return formatter
