"""Both libraries, and what a call comes to with each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from crucible_datasets import settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Ours:
    """Ours, under the names of the peer."""

    def __init__(self) -> None:
        from crucible_datasets import combine, schema
        from crucible_datasets.dataset.dataset import Dataset
        from crucible_datasets.dataset.dict import DatasetDict
        from crucible_datasets.load import load_from_disk

        self.Dataset = Dataset
        self.DatasetDict = DatasetDict
        self.concatenate_datasets = combine.concatenate_datasets
        self.interleave_datasets = combine.interleave_datasets
        self.load_from_disk = load_from_disk
        for name in (
            "Features",
            "Value",
            "ClassLabel",
            "List",
            "LargeList",
            "Json",
            "Array2D",
            "Image",
        ):
            setattr(self, name, getattr(schema, name))


def comparable(value: Any) -> Any:
    """A result in plain values."""
    kind = type(value)
    home = kind.__module__.partition(".")[0]
    if home in {"datasets", "crucible_datasets"}:
        if isinstance(value, dict) and kind.__name__ == "DatasetDict":
            return {str(name): comparable(ds) for name, ds in value.items()}
        if kind.__name__ == "Dataset":
            return (
                "Dataset",
                value.to_list(),
                repr(value.features),
                None if value.split is None else str(value.split),
                value.format["type"],
                sorted(value.format["columns"]),
            )
        if kind.__name__ == "Column":
            return ("Column", list(value), repr(value))
        return repr(value)
    if isinstance(value, np.ndarray):
        return ("array", str(value.dtype), [comparable(v) for v in value.tolist()])
    if isinstance(value, np.generic):
        return ("number", str(value.dtype), value.item())
    if home == "pandas":
        return ("pandas", kind.__name__, str(value.to_dict()), str(getattr(value, "dtypes", "")))
    if home == "polars":
        return (
            "polars",
            kind.__name__,
            str(value),
            str(getattr(value, "schema", "")),
        )
    if home == "pyarrow":
        return (
            "arrow",
            kind.__name__,
            str(getattr(value, "schema", value.type if hasattr(value, "type") else "")),
            value.to_pylist(),
        )
    if isinstance(value, dict):
        return {name: comparable(inner) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [comparable(inner) for inner in value]
    if isinstance(value, float) and value != value:
        return "NaN"
    return value


def outcome(call: Callable[[Any], Any], library: Any) -> Any:
    """What a call comes to: plain values, or the builtin kind of its error."""
    try:
        return comparable(call(library))
    except Exception as error:
        return ("error", builtin_kind(error))


def builtin_kind(error: BaseException) -> str:
    """The most particular builtin class of an error."""
    return next(kind.__name__ for kind in type(error).__mro__ if kind.__module__ == "builtins")


@pytest.fixture(scope="session")
def peer() -> Any:
    import datasets

    datasets.disable_progress_bars()
    return datasets


@pytest.fixture(scope="session")
def ours() -> Ours:
    return Ours()


@pytest.fixture(scope="session")
def same(peer: Any, ours: Ours) -> Callable[[Callable[[Any], Any]], None]:
    """Check that a call comes to the same with both libraries."""

    def check(call: Callable[[Any], Any]) -> None:
        theirs = outcome(call, peer)
        mine = outcome(call, ours)
        assert mine == theirs

    return check


@pytest.fixture(autouse=True)
def own_cache(alone: None) -> Iterator[None]:
    """Keep results of ``map`` out of the cache of whoever runs the tests."""
    settings.reload()
    yield
    settings.reload()
