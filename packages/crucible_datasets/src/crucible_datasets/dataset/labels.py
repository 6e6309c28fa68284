"""Columns of labels: made of values, and renumbered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.schema import ClassLabel, List, Value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.table.table import Table


def encoded(
    table: Table, column: str, feature: Any, include_nulls: bool
) -> tuple[pa.ChunkedArray, ClassLabel]:
    """The values of a column as numbers of labels, the labels sorted by name.

    Args:
        table: the rows.
        column: which one.
        feature: what it holds.
        include_nulls: make ``None`` a label; else nulls stay null.

    Raises:
        ValueError: the column holds no plain values.
    """
    if not isinstance(feature, Value):
        raise ValueError(
            f"only a column of plain values can become labels, "
            f"and {column!r} is a {type(feature).__name__}"
        )
    values = table.to_arrow([column]).column(0)
    kinds = values.unique()
    names = {str(value) for value in kinds.to_pylist() if include_nulls or value is not None}
    label = ClassLabel(names=sorted(names))
    numbers = pa.array(
        [
            label.str2int(str(value)) if include_nulls or value is not None else None
            for value in kinds.to_pylist()
        ],
        pa.int64(),
    )
    # index_in finds each value among the different ones; null is one of them where there are nulls
    places = pc.index_in(values, value_set=kinds)
    return pa.chunked_array([numbers.take(chunk) for chunk in places.chunks], pa.int64()), label


def aligned(
    table: Table, column: str, feature: Any, label2id: Mapping[str, int]
) -> tuple[pa.ChunkedArray, Any]:
    """Labels renumbered as a model numbers them; names are compared in lower case.

    Args:
        table: the rows.
        column: of labels, or of lists of labels.
        feature: what it holds.
        label2id: names and their new numbers.

    Raises:
        KeyError: a label of the column has no new number.
        ValueError: the column holds no labels, or a new number is beyond the number of labels.
    """
    label = feature.feature if isinstance(feature, List) else feature
    if not isinstance(label, ClassLabel):
        raise ValueError(
            f"only a column of labels, or of lists of them, can be aligned, "
            f"and {column!r} is a {type(feature).__name__}"
        )
    ordered = dict(sorted(label2id.items(), key=lambda item: item[1]))
    numbers = {name.lower(): number for name, number in ordered.items()}
    new = ClassLabel(names=list(ordered))
    if max(numbers.values(), default=0) >= len(ordered):
        raise ValueError(
            f"{len(ordered)} labels are numbered from 0 to {len(ordered) - 1}: {ordered}"
        )

    def renumber(value: int | None) -> int | None:
        return None if value is None else numbers[label.int2str(value).lower()]

    values = table.to_arrow([column]).column(0).to_pylist()
    if isinstance(feature, List):
        lists = [None if v is None else [renumber(inner) for inner in v] for v in values]
        return pa.chunked_array([pa.array(lists, pa.list_(pa.int64()))]), List(new)
    return pa.chunked_array([pa.array([renumber(v) for v in values], pa.int64())]), new
