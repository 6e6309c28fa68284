"""``map``: what a function makes of rows or batches, beside the columns that it leaves alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.dataset.calls import is_async, outputs
from crucible_datasets.dataset.given import (
    as_cells,
    as_column,
    as_mapping,
    as_table,
    names_in,
    one_row,
)
from crucible_datasets.dataset.lazy_row import (
    PENDING,
    LazyBatch,
    LazyMapping,
    LazyRow,
    SourceColumns,
)
from crucible_datasets.dataset.map_output import MapOutput, MapResult, Typing
from crucible_datasets.dataset.touched import touched_columns
from crucible_datasets.formatting.format import Format
from crucible_datasets.formatting.output import format_batch, format_row
from crucible_datasets.schema import Features
from crucible_datasets.table.memory import bare
from crucible_datasets.table.rows import WRITER_ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from crucible_datasets.table.table import Table
    from hfhub.progress import Bar

ASYNC_ROWS = 100
"""Rows handed out together to an async function: ten such pieces run at one time."""


@dataclass(frozen=True, slots=True)
class MapOptions:
    """What ``map`` was asked to do; picklable where the function is.

    Attributes:
        function: gets a row or a batch.
        with_indices: pass the row's number, or the batch's numbers.
        with_rank: pass the number of the process.
        input_columns: pass these columns, each as an argument, instead of a dict.
        batched: pass batches.
        batch_size: rows in a batch; None for all rows.
        drop_last_batch: leave out a last batch that is not full.
        remove_columns: columns that go.
        kwargs: passed on to the function.
        format: in which form rows are passed.
        typing: how values get their type.
        rank: the number of the process; None for the only one.
        writer_batch_size: rows whose types are found out together.
    """

    function: Callable[..., Any]
    format: Format
    typing: Typing
    with_indices: bool = False
    with_rank: bool = False
    input_columns: tuple[str, ...] | None = None
    batched: bool = False
    batch_size: int | None = 1000
    drop_last_batch: bool = False
    remove_columns: tuple[str, ...] = ()
    kwargs: dict[str, Any] = field(default_factory=dict)
    rank: int | None = None
    writer_batch_size: int = WRITER_ROWS

    @property
    def lazy(self) -> bool:
        """Whether the function gets lazy dicts: without a format and ``input_columns``."""
        return self.format.type is None and self.input_columns is None

    def at(self, rank: int) -> MapOptions:
        """These options for one process of several."""
        return replace(self, rank=rank)

    def trailing(self, index: Any) -> tuple[Any, ...]:
        """The arguments after the row."""
        first = (index,) if self.with_indices else ()
        return (*first, self.rank) if self.with_rank else first


class _Picked(LazyRow):
    """A row whose columns are passed one by one; what is done to them is not looked for."""

    __slots__ = ()


@dataclass(slots=True)
class Batch:
    """Rows on their way through the function."""

    source: SourceColumns
    inputs: list[Any]


def map_rows(
    table: Table,
    options: MapOptions,
    path: Path | None,
    start: int,
    stop: int,
    bar: Bar | None = None,
) -> MapResult | None:
    """Call the function for the rows from ``start`` to ``stop``.

    Args:
        table: all rows.
        options: what to call, and how.
        path: where to put the columns that it gives; memory if None.
        start: the first row.
        stop: the row before which to end.
        bar: told of the rows that are done.

    Returns:
        None if the function always gave None: nothing is to change.

    Raises:
        TypeError: it gave something else than a dict or a table.
        ValueError: a value does not fit its column, or columns differ in length.
    """
    part = table.select_rows(range(start, stop))
    output = MapOutput(options.typing, path, part)
    state = _State(options, output, list(table.column_names))
    work = (
        batch_calls(part, options, start) if options.batched else _row_calls(part, options, start)
    )
    try:
        for batch, results in outputs(options.function, options.kwargs, work):
            if options.batched:
                state.add_batch(batch, results[0])
            else:
                state.add_rows(batch, results)
            if bar is not None:
                bar.update(batch.source.num_rows)
            # The next values are made twice as fast where these lie in the cache.
            del batch, results
        return state.finish()
    finally:
        output.discard()


def _row_calls(
    part: Table, options: MapOptions, start: int
) -> Iterator[tuple[Batch, list[tuple[Any, ...]]]]:
    before = options.typing.before
    size = ASYNC_ROWS if is_async(options.function) else options.writer_batch_size
    plain = not (options.with_indices or options.with_rank)
    first = start
    for source in _sources(part, options, size, start):
        count = source.num_rows
        if options.lazy:
            inputs: list[Any] = [LazyRow(source, index) for index in range(count)]
        elif options.format.type is None:
            inputs = [_Picked(source, index) for index in range(count)]
        else:
            whole = _picked(source, options)
            form = Format(options.format.type, options.format.kwargs)
            inputs = [format_row(whole.slice(index, 1), before, form) for index in range(count)]
        if plain and options.input_columns is None:
            calls: list[tuple[Any, ...]] = [(row,) for row in inputs]
        else:
            calls = [
                (*_arguments(row, options.input_columns), *options.trailing(first + index))
                for index, row in enumerate(inputs)
            ]
        yield Batch(source, inputs), calls
        first += count


def batch_calls(
    part: Table, options: MapOptions, start: int
) -> Iterator[tuple[Batch, list[tuple[Any, ...]]]]:
    """The batches, and the arguments of the one call for each.

    Args:
        part: the rows.
        options: what to call, and how.
        start: the number of the first row.
    """
    before = options.typing.before
    size = options.batch_size
    if size is None or size <= 0:
        size = max(part.num_rows, 1)
    first = start
    for source in _sources(part, options, size, start):
        count = source.num_rows
        if options.drop_last_batch and count < size:
            return
        if options.lazy:
            inputs: Any = LazyBatch(source)
        else:
            form = Format(options.format.type, options.format.kwargs)
            inputs = format_batch(_picked(source, options), before, form)
        indices = list(range(first, first + count)) if options.with_indices else None
        call = (*_arguments(inputs, options.input_columns), *options.trailing(indices))
        yield Batch(source, [inputs]), [call]
        first += count


def _sources(part: Table, options: MapOptions, size: int, start: int) -> Iterator[SourceColumns]:
    """The rows, ``size`` at a time: with those columns that the function gets, or looks at."""
    before = options.typing.before
    if options.format.type is not None:
        return (SourceColumns(batch, before) for batch in part.batches(size, exact=True))
    return touched_columns(part, before, size, start)


def _picked(source: SourceColumns, options: MapOptions) -> pa.Table:
    """The columns that are passed to the function, as they are stored."""
    names = source.names if options.input_columns is None else list(options.input_columns)
    if not names:
        return pa.Table.from_batches([bare(source.num_rows)])
    return pa.table([source.stored(name) for name in names], names=names)


def _arguments(inputs: Any, columns: Sequence[str] | None) -> tuple[Any, ...]:
    return (inputs,) if columns is None else tuple(inputs[name] for name in columns)


class _State:
    """What the function gave so far."""

    def __init__(self, options: MapOptions, output: MapOutput, names: list[str]) -> None:
        self.options = options
        self.output = output
        self.names = names
        self.removed = set(options.remove_columns)
        self.updates = False
        self.replaced = False
        self.rows_in = 0

    def add_rows(self, batch: Batch, results: list[Any]) -> None:
        """What the function gave for single rows."""
        given = [result for result in results if result is not None]
        if not given:
            self._add_untouched(batch)
            return
        self.updates = True
        if isinstance(given[0], Mapping):
            self._add_dicts(batch, results)
        else:
            self._replace(pa.concat_tables([one_row(as_table(result)) for result in results]))

    def _add_dicts(self, batch: Batch, results: list[Any]) -> None:
        source = batch.source
        inputs = batch.inputs
        if not isinstance(inputs[0], Mapping):  # tables came in: only what goes out stays
            self.replaced = True
            dicts = [as_mapping(result, self.removed, None) for result in results]
            given = {n: as_cells([row.get(n) for row in dicts]) for n in names_in(dicts)}
            self.output.append(given, None)
            return
        columns = self._edited(batch)
        returned: Sequence[Mapping[str, Any]] = results
        if set(map(type, results)) != {dict}:
            returned = [
                as_mapping(result, self.removed, inputs[index])
                for index, result in enumerate(results)
            ]
        for name in names_in(returned):
            try:
                columns[name] = as_cells([row[name] for row in returned])
            except KeyError:
                columns[name] = [
                    row[name] if name in row else self._fallback(source, name, index)
                    for index, row in enumerate(returned)
                ]
        self._append(source, columns)

    def _fallback(self, source: SourceColumns, name: str, index: int) -> Any:
        """What a row has in a column that the function gave for other rows only."""
        if name in source.names and name not in self.removed:
            return source.value(name, index)
        return None

    def add_batch(self, batch: Batch, result: Any) -> None:
        """What the function gave for a batch."""
        if result is None:
            self._add_untouched(batch)
            return
        self.updates = True
        if not isinstance(result, Mapping):
            self._replace(as_table(result))
            return
        if not isinstance(batch.inputs[0], Mapping):  # a table came in: only what goes out stays
            self.replaced = True
            self.output.append({name: as_column(v) for name, v in result.items()}, None)
            return
        columns = self._edited(batch)
        given = as_mapping(result, self.removed, batch.inputs[0])
        columns |= {name: as_column(values) for name, values in given.items()}
        self._append(batch.source, columns)

    def _edited(self, batch: Batch) -> dict[str, Any]:
        """Columns of the input that the function changed in place, with their values."""
        source = batch.source
        if not self.options.lazy:
            return {}
        touched = dict.fromkeys([*source.lists, *source.assigned])
        changed: dict[str, Any] = {}
        for name in touched:
            known = name in source.names
            if not known or name in self.removed:
                if name not in self.removed:
                    changed |= self._new(batch, name)
                continue
            if name not in source.assigned and self._unchanged(source, name):
                continue
            values = self._current(batch, name)
            if values is None:
                self.removed.add(name)
            else:
                changed[name] = values
        return changed

    def _new(self, batch: Batch, name: str) -> dict[str, Any]:
        """A column that rows were given by assignment."""
        if self.options.batched:
            value = batch.inputs[0].peek(name)
            return {} if value is None else {name: as_column(value)}
        values = [row.peek(name) for row in batch.inputs]
        return {} if all(name not in row for row in batch.inputs) else {name: values}

    def _current(self, batch: Batch, name: str) -> Any:
        """The values of a column as the function left them; None if it deleted them."""
        if self.options.batched:
            inputs: LazyMapping = batch.inputs[0]
            return as_column(inputs[name]) if name in inputs else None
        if not any(name in row for row in batch.inputs):
            return None
        return [
            batch.source.value(name, index) if (value := row.peek(name)) is PENDING else value
            for index, row in enumerate(batch.inputs)
        ]

    def _unchanged(self, source: SourceColumns, name: str) -> bool:
        """Whether values that were only looked at are what they were."""
        known = source.unchanged(name)
        if known is not None:
            return known
        values = source.lists[name]
        seen = [index for index, value in enumerate(values) if value is not PENDING]
        fresh = source.fresh(name) if len(seen) == len(values) else None
        for index in seen:
            new = fresh[index] if fresh is not None else _one(source, name, index)
            if not _equal(values[index], new):
                return False
        return True

    def _append(self, source: SourceColumns, columns: dict[str, Any]) -> None:
        count = source.num_rows
        if columns and self.rows_in == 0:
            left = [n for n in self.names if n not in self.removed and n not in columns]
            self.replaced = not left
        if not self.replaced and any(len(values) != count for values in columns.values()):
            self._refuse(columns, count)
        self.rows_in += count
        if columns or self.output.features:
            self._catch_up(source, columns, count)

    def _catch_up(self, source: SourceColumns, columns: dict[str, Any], count: int) -> None:
        """Write the columns; those of batches before that gave nothing come first."""
        missing = self.rows_in - count - self.output.num_rows
        if missing > 0 and not self.replaced:
            self._fill(next(iter(columns)), missing, columns)
        self.output.append(columns, source)

    def _fill(self, name: str, missing: int, columns: dict[str, Any]) -> None:
        """Rows for which the function had nothing to say before it gave its first column."""
        start = self.output.num_rows
        kept = [n for n in columns if n in self.output.source.columns]
        if kept:
            part = self.output.source.select_columns(kept).slice(start, missing)
            self.output.append({n: part.column(n) for n in kept}, None)
        else:
            self.output.append({name: pa.nulls(missing)}, None)

    def _add_untouched(self, batch: Batch) -> None:
        self._append(batch.source, {})

    def _replace(self, table: pa.Table) -> None:
        self.replaced = True
        self.output.append(dict(zip(table.column_names, table.columns, strict=True)), None)

    def _refuse(self, columns: dict[str, Any], count: int) -> None:
        index, name = next(
            (index, name)
            for index, (name, values) in enumerate(columns.items())
            if len(values) != count
        )
        raise pa.ArrowInvalid(
            f"Column {index} named {name} expected length {count} but got length "
            f"{len(columns[name])}; remove the columns that the function does not give "
            "(remove_columns=ds.column_names) to change the number of rows"
        )

    def finish(self) -> MapResult | None:
        """All that was given, or None if that was nothing."""
        if not self.updates:
            return None
        # Without columns there is nothing that could tell how many rows there are.
        empty = not self.output.features and bool(self.names) and self.removed >= set(self.names)
        return self.output.finish(self.removed, self.replaced or empty)


def _one(source: SourceColumns, name: str, index: int) -> Any:
    stored = source.stored(name)[index : index + 1].to_pylist()
    return source.features.decode_column(stored, name)[0]


def _equal(value: Any, other: Any) -> bool:
    if isinstance(value, np.ndarray) or isinstance(other, np.ndarray):
        return bool(np.array_equal(value, other))
    try:
        return bool(value == other)
    except (TypeError, ValueError):  # no telling: then it is taken for changed, and written
        return False


def outcome(
    table: Table, before: Features, result: MapResult, wanted: Features | None
) -> tuple[Table, Features]:
    """The dataset's table and features after ``map``.

    Args:
        table: the input.
        before: what it holds.
        result: what the function gave.
        wanted: the features of the result, if the user gave them.
    """
    from crucible_datasets.dataset.casting import cast_columns

    assert result.table is not None
    if result.replaced:
        found = result.features
        merged = result.table
    else:
        kept = {n: f for n, f in before.items() if n not in result.removed}
        every = {**kept, **result.features}
        first = [name for name in before if name in every]  # also what was removed and given
        found = Features({name: every[name] for name in dict.fromkeys([*first, *every])})
        merged = table.select_columns(list(kept))
        merged = merged.with_columns(result.table, order=list(found)) if result.features else merged
    if wanted is None:
        return merged, found
    if set(wanted) != set(found):
        raise ValueError(f"features= has columns {list(wanted)}, the result {list(found)}")
    return cast_columns(merged, found, Features(wanted)), Features(wanted)
