"""What the formats that make arrays have in common: nested values, media, stacking."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from crucible_datasets.formatting.arrays import batch_arrays

if TYPE_CHECKING:
    import pyarrow as pa

    from crucible_datasets.schema import Features


class TensorFormatter:
    """Arrays of one library; a subclass says how one is made, and how several are stacked."""

    def __init__(self, features: Features | None = None) -> None:
        self.features = features

    def leaf(self, value: Any) -> Any:
        """One value that holds no other."""
        raise NotImplementedError

    def image(self, pixels: np.ndarray[Any, Any]) -> Any:
        """A decoded image, given height first, in the type of its pixels."""
        raise NotImplementedError

    def stacked(self, values: list[Any]) -> Any:
        """The elements of a list as one object, where they fit together."""
        raise NotImplementedError

    def row(self, table: pa.Table) -> dict[str, Any]:
        """The only row."""
        row = {name: array[0] for name, array in batch_arrays(table, self.features).items()}
        if self.features is not None:
            row = self.features.decode_example(row)
        return {name: self.made(value) for name, value in row.items()}

    def column(self, table: pa.Table) -> Any:
        """The only column."""
        return next(iter(self.batch(table).values()))

    def batch(self, table: pa.Table) -> dict[str, Any]:
        """Arrays by column."""
        batch: dict[str, Any] = dict(batch_arrays(table, self.features))
        if self.features is not None:
            batch = self.features.decode_batch(batch)
        made = {name: self.made(values) for name, values in batch.items()}
        return {
            name: self.stacked(values) if isinstance(values, list) else values
            for name, values in made.items()
        }

    def made(self, value: Any) -> Any:
        """A value, however nested, with arrays in place of numbers."""
        if isinstance(value, dict):
            return {name: self.made(inner) for name, inner in value.items()}
        if "PIL" in sys.modules and type(value).__module__.startswith("PIL."):
            return self.image(np.asarray(value))
        if "torch" in sys.modules and type(value).__module__ == "torch":
            value = value.detach().cpu().numpy()[()]
        elif hasattr(value, "__array__") and not isinstance(value, (np.ndarray, np.generic)):
            value = value.__array__()
        if isinstance(value, np.ndarray) and value.dtype == object:
            return self.stacked([self.made(inner) for inner in value])
        if isinstance(value, (list, tuple)):
            return self.stacked([self.made(inner) for inner in value])
        return self.leaf(value)
