"""The order of rows by the values of columns, or of expressions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.table.memory import numbers_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.table.selection import Positions
    from crucible_datasets.table.table import Table

_PLACEMENTS = {
    "at_start": "at_start",
    "first": "at_start",
    "at_end": "at_end",
    "last": "at_end",
}


def sorted_positions(
    table: Table,
    keys: Any,
    reverse: bool | Sequence[bool],
    null_placement: str,
) -> Positions:
    """The positions of the rows in sorted order; equal rows stay as they are.

    Args:
        table: the rows.
        keys: a column, several, or Polars expressions; the first decides first.
        reverse: descending; one for all keys or one a key.
        null_placement: ``at_start`` or ``at_end``, also called ``first`` and ``last``.

    Raises:
        ValueError: there is no such column, or an option is not one of those.
    """
    wanted = [keys] if isinstance(keys, str) or _is_expression(keys) else list(keys)
    if isinstance(reverse, bool):
        reverse = [reverse] * len(wanted)
    elif len(reverse) != len(wanted):
        raise ValueError(f"reverse has {len(reverse)} values for {len(wanted)} columns to sort by")
    if null_placement not in _PLACEMENTS:
        raise ValueError(
            f"null_placement must be one of {sorted(_PLACEMENTS)}, not {null_placement!r}"
        )
    names = [key for key in wanted if not _is_expression(key)]
    for name in names:
        if name not in table.columns:
            raise ValueError(f"there is no column {name!r} to sort by: {table.column_names}")
    values = _key_table(table, wanted)
    ways = ["descending" if down else "ascending" for down in reverse]
    return numbers_in(_sort_indices(values, ways, _PLACEMENTS[null_placement]))


def _sort_indices(values: pa.Table, ways: Sequence[str], nulls: str) -> pa.Array:
    if int(pa.__version__.partition(".")[0]) >= 25:
        return pc.sort_indices(
            values, sort_keys=[(f"{index}", way, nulls) for index, way in enumerate(ways)]
        )
    return pc.sort_indices(
        values,
        sort_keys=[(f"{index}", way) for index, way in enumerate(ways)],
        null_placement=nulls,
    )


def _key_table(table: Table, keys: Sequence[Any]) -> pa.Table:
    if not any(_is_expression(key) for key in keys):
        read = table.to_arrow(list(dict.fromkeys(keys)))
        return pa.table({f"{index}": read.column(key) for index, key in enumerate(keys)})
    import polars as pl

    frame = table.lazy().select(
        [
            (pl.col(key) if isinstance(key, str) else key).alias(f"{index}")
            for index, key in enumerate(keys)
        ]
    )
    return frame.collect().to_arrow()


def _is_expression(key: Any) -> bool:
    return type(key).__module__.startswith("polars")
