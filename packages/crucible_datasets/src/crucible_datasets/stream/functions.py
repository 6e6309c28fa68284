"""Which step a call of ``map`` or ``filter`` adds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.asynchronous import MapAsync
from crucible_datasets.stream.batched import FilterBatches, MapBatches
from crucible_datasets.stream.call import Call
from crucible_datasets.stream.columns import Remove
from crucible_datasets.stream.filter import Filter, Where
from crucible_datasets.stream.formatted import InFormat, MapFormatted, is_table
from crucible_datasets.stream.map import Map

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.schema import Features
    from crucible_datasets.stream.node import Node


def map_step(
    node: Node,
    function: Callable[..., Any] | None,
    *,
    formatting: Format | None,
    chunked: bool,
    with_indices: bool,
    input_columns: str | Sequence[str] | None,
    batched: bool,
    batch_size: int | None,
    drop_last_batch: bool,
    remove_columns: str | Sequence[str] | None,
    features: Features | None,
    fn_kwargs: Mapping[str, Any] | None,
) -> Node:
    """The step for ``map``; the arguments are those of :meth:`IterableDataset.map`."""
    remove = _names(remove_columns) or ()
    if function is None:
        return (
            Remove(node, remove, chunked)
            if remove
            else Map(node, Call(_nothing), (), features, chunked)
        )
    call = Call(function, _names(input_columns), with_indices, dict(fn_kwargs or {}))
    if call.is_async:
        size = batch_size if batched else None
        return MapAsync(node, call, remove, features, chunked, size, drop_last_batch)
    if formatting is not None and formatting.type is not None:
        if is_table(formatting) or batched:
            size = (batch_size or 0) if batched else None
            return MapFormatted(
                node, call, formatting, size, drop_last_batch, remove, features, False, chunked
            )
        return Map(InFormat(node, formatting), call, remove, features, chunked)
    if batched:
        return MapBatches(node, call, batch_size, drop_last_batch, remove, features, chunked)
    return Map(node, call, remove, features, chunked)


def filter_step(
    node: Node,
    function: Any,
    *,
    formatting: Format | None,
    chunked: bool,
    with_indices: bool,
    input_columns: str | Sequence[str] | None,
    batched: bool,
    batch_size: int | None,
    fn_kwargs: Mapping[str, Any] | None,
) -> Node:
    """The step for ``filter``; the arguments are those of :meth:`IterableDataset.filter`."""
    if type(function).__module__.startswith("polars"):
        if isinstance(node, Where):
            return Where(node.child, node.predicate & function)
        return Where(node, function)
    call = Call(
        bool if function is None else function,
        _names(input_columns),
        with_indices,
        dict(fn_kwargs or {}),
    )
    if call.is_async:
        size = batch_size if batched else None
        return MapAsync(node, call, (), None, chunked, size, False, keep=True)
    if formatting is not None and formatting.type is not None:
        size = (batch_size or 0) if batched else None
        return MapFormatted(node, call, formatting, size, keep=True, typed_input=chunked)
    if batched:
        return FilterBatches(node, call, batch_size, chunked)
    return Filter(node, call, chunked)


def _names(columns: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if columns is None:
        return None
    return (columns,) if isinstance(columns, str) else tuple(columns)


def _nothing(row: Any) -> dict[str, Any]:  # noqa: ARG001
    return {}
