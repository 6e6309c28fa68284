"""What a function of ``map`` may give, told apart and brought into one shape."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.dataset.lazy_row import LazyMapping

if TYPE_CHECKING:
    from collections.abc import Sequence


def names_in(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of rows, in order of appearance."""
    first = rows[0].keys()
    if all(row.keys() == first for row in rows):
        return list(first)
    return list(dict.fromkeys(name for row in rows for name in row))


def as_mapping(result: Any, removed: set[str], given: Any) -> Mapping[str, Any]:
    """The values that a function gave; of another lazy dict, those that were looked at or set."""
    if result is None:
        return {}
    if isinstance(result, LazyMapping):
        if result is given:  # edits in place are found otherwise
            return {}
        return {name: value for name, value in result.known().items() if name not in removed}
    if not isinstance(result, Mapping):
        raise TypeError(
            f"the function gave a {type(result).__name__} for one row and dicts for others"
        )
    return result


def as_table(result: Any) -> pa.Table:
    """A table of some library as an Arrow table.

    Raises:
        TypeError: it is none, and no dict either.
    """
    if isinstance(result, pa.Table):
        return result
    if isinstance(result, pa.RecordBatch):
        return pa.Table.from_batches([result])
    home = type(result).__module__.partition(".")[0]
    if home == "pandas" and hasattr(result, "columns"):
        return pa.Table.from_pandas(result)
    if home == "polars" and hasattr(result, "to_arrow") and hasattr(result, "columns"):
        return result.to_arrow()
    raise TypeError(
        f"the function gave a {type(result).__name__}; it must give a dict, "
        "an Arrow, pandas or Polars table, or None to change nothing"
    )


def one_row(table: pa.Table) -> pa.Table:
    """``table``, which a function gave for one row.

    Raises:
        ValueError: it has no row, or several; ``batched=True`` is for those.
    """
    if table.num_rows != 1:
        raise ValueError(
            f"the function gave a table of {table.num_rows} rows for one row; "
            "to give more or fewer, map with batched=True"
        )
    return table


def as_cells(values: list[Any]) -> Any:
    """What a function gave for single rows; Arrow arrays, of one value each, are one array."""
    if all(isinstance(value, (pa.Array, pa.ChunkedArray)) for value in values):
        chunks = [c for v in values for c in (v.chunks if isinstance(v, pa.ChunkedArray) else [v])]
        return pa.concat_arrays(chunks)
    return values


def as_column(values: Any) -> Any:
    """A column that a function gave for a batch.

    Raises:
        TypeError: it is no list or array.
    """
    if isinstance(values, (list, np.ndarray, pa.Array, pa.ChunkedArray)):
        return values
    home = type(values).__module__.partition(".")[0]
    if home in {"pandas", "polars", "torch", "jax", "jaxlib"} and hasattr(values, "__len__"):
        return np.asarray(values.detach().cpu()) if home == "torch" else values
    raise TypeError(
        f"with batched=True the function must give lists or arrays, but gave a "
        f"{type(values).__name__}"
    )
