"""``map`` and ``filter`` as a whole: arguments checked, results kept and found, rows shared out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import pyarrow as pa

from crucible_datasets.dataset import kept, workers
from crucible_datasets.dataset.base import check_columns
from crucible_datasets.dataset.filter import kept_positions, positions_where
from crucible_datasets.dataset.map import MapOptions, map_rows, outcome
from crucible_datasets.dataset.map_output import MapResult, Typing, load_result
from crucible_datasets.schema import Features
from crucible_datasets.table import spill
from crucible_datasets.table.memory import numbers_array, numbers_in
from crucible_datasets.table.rows import WRITER_ROWS
from crucible_datasets.table.table import concat
from hfhub import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from crucible_datasets.dataset.base import BaseDataset
    from crucible_datasets.table.selection import Positions
    from crucible_datasets.table.table import Table
    from hfhub.progress import Bar

D = TypeVar("D", bound="BaseDataset")


def mapped(
    ds: D,
    function: Callable[..., Any] | None,
    *,
    with_indices: bool,
    with_rank: bool,
    input_columns: str | Sequence[str] | None,
    batched: bool,
    batch_size: int | None,
    drop_last_batch: bool,
    remove_columns: str | Sequence[str] | None,
    keep_in_memory: bool,
    load_from_cache_file: bool | None,
    cache_file_name: str | None,
    writer_batch_size: int | None,
    features: Features | None,
    nullable: bool,
    kwargs: Mapping[str, Any] | None,
    num_proc: int | None,
    suffix_template: str,
    new_fingerprint: str | None,
    desc: str,
    try_original: bool,
    on_mixed_types: str | None,
) -> D:
    """See :meth:`TransformVerbs.map`."""
    processes = _processes(num_proc, len(ds))
    removed = _several(remove_columns) or ()
    if len(ds) == 0:
        kept.check(suffix_template, keep_in_memory, cache_file_name)
        return ds.remove_columns(removed) if removed else ds  # type: ignore[attr-defined]  # of ColumnVerbs
    columns = _several(input_columns)
    check_columns(list(columns or ()), ds.column_names)
    check_columns(list(removed), ds.column_names)
    wanted = None if features is None else Features(features)
    options = MapOptions(
        _identity if function is None else function,
        ds.rows_format,
        Typing(ds.features, wanted, try_original, on_mixed_types, nullable),
        with_indices=with_indices,
        with_rank=with_rank,
        input_columns=columns,
        batched=batched,
        batch_size=batch_size,
        drop_last_batch=drop_last_batch,
        remove_columns=tuple(removed),
        kwargs=dict(kwargs or {}),
        writer_batch_size=writer_batch_size or WRITER_ROWS,
    )
    place = kept.keeping(
        ds.table,
        options,
        "map",
        keep_in_memory=keep_in_memory,
        load_from_cache_file=load_from_cache_file,
        cache_file_name=cache_file_name,
        suffix_template=suffix_template,
        new_fingerprint=new_fingerprint,
    )
    results = _kept_results(place)
    if not results:
        made = _mapped_rows(ds.table, options, place, processes, desc)
        place.note()
        if all(result is None for result in made):
            return ds
        results = [result for result in made if result is not None]
        if len(results) < len(made):
            raise ValueError("the function gave None for all rows of one process, not of others")
    result = _together(results)
    used = _used(ds.table, options, processes)
    table, found = outcome(used, ds.features, result, wanted)
    return ds.derive(table=table, features=found, fingerprint=new_fingerprint)


def filtered(
    ds: D,
    function: Any,
    *,
    with_indices: bool,
    with_rank: bool,
    input_columns: str | Sequence[str] | None,
    batched: bool,
    batch_size: int | None,
    keep_in_memory: bool,
    load_from_cache_file: bool | None,
    cache_file_name: str | None,
    writer_batch_size: int | None,
    kwargs: Mapping[str, Any] | None,
    num_proc: int | None,
    suffix_template: str,
    new_fingerprint: str | None,
    desc: str,
) -> D:
    """See :meth:`TransformVerbs.filter`."""
    processes = _processes(num_proc, len(ds))
    if len(ds) == 0 or function is None:
        return ds
    if type(function).__module__.startswith("polars"):
        found = positions_where(ds.table, function)
        return ds.derive(table=ds.table.select_rows(found), fingerprint=new_fingerprint)
    columns = _several(input_columns)
    check_columns(list(columns or ()), ds.column_names)
    options = MapOptions(
        function,
        ds.rows_format,
        Typing(ds.features, None),
        with_indices=with_indices,
        with_rank=with_rank,
        input_columns=columns,
        batched=batched,
        batch_size=batch_size,
        kwargs=dict(kwargs or {}),
        writer_batch_size=writer_batch_size or WRITER_ROWS,
    )
    place = kept.keeping(
        ds.table,
        options,
        "filter",
        keep_in_memory=keep_in_memory,
        load_from_cache_file=load_from_cache_file,
        cache_file_name=cache_file_name,
        suffix_template=suffix_template,
        new_fingerprint=new_fingerprint,
    )
    files = place.found()
    if files:
        found = np.concatenate([_read_positions(path) for path in files])
    else:
        found = _filtered_rows(ds.table, options, place, processes, desc)
    return ds.derive(table=ds.table.select_rows(found), fingerprint=new_fingerprint)


def _mapped_rows(
    table: Table, options: MapOptions, place: kept.Keeping, processes: int, desc: str
) -> list[MapResult | None]:
    if processes == 1:
        with _bar(table, desc) as bar:
            return [map_rows(table, options, place.path(0, 1), 0, table.num_rows, bar)]
    spans = list(workers.spans(table.num_rows, processes))
    with (
        workers.shared(table, place.stem) as shared,
        _bar(table, f"{desc} (num_proc={processes})") as bar,
    ):
        jobs = []
        for rank, (start, stop) in enumerate(spans):
            path = place.path(rank, processes) or shared.path(rank)
            jobs.append((shared.table, options.at(rank), path, start, stop))
        made = workers.run(map_rows, jobs, lambda rank: bar.update(spans[rank][1] - spans[rank][0]))
        # Files in the shared folder go with it: what they hold is read into memory first.
        return [result if place.stem or result is None else result.in_memory() for result in made]


def _bar(table: Table, desc: str) -> Bar:
    return progress.bar(table.num_rows, desc, unit=" examples", name="crucible_datasets.map")


def _filtered_rows(
    table: Table, options: MapOptions, place: kept.Keeping, processes: int, desc: str
) -> Positions:
    if processes == 1:
        with _bar(table, desc) as bar:
            found = kept_positions(table, options, 0, table.num_rows, bar)
    else:
        spans = list(workers.spans(table.num_rows, processes))
        with (
            workers.shared(table, place.stem) as shared,
            _bar(table, f"{desc} (num_proc={processes})") as bar,
        ):
            jobs = [(shared.table, options.at(rank), *span) for rank, span in enumerate(spans)]
            parts = workers.run(
                kept_positions, jobs, lambda rank: bar.update(spans[rank][1] - spans[rank][0])
            )
            found = np.concatenate(parts)
    path = place.path(0, 1)
    if path is not None:
        batch = pa.RecordBatch.from_arrays([numbers_array(found)], names=["indices"])
        spill.write_file(path, batch.schema, [batch])
        place.note()
    return found


def _kept_results(place: kept.Keeping) -> list[MapResult]:
    try:
        return [load_result(path) for path in place.found()]
    except FileNotFoundError:  # another process made room in the cache meanwhile
        return []


def _read_positions(path: Path) -> Positions:
    with pa.memory_map(str(path)) as mapped_file:
        indices = pa.ipc.open_file(mapped_file).get_batch(0).column(0)
    return numbers_in(indices)


def _together(results: list[MapResult]) -> MapResult:
    """The results of several processes as one."""
    if len(results) == 1:
        return results[0]
    first = next((result for result in results if not _has_null(result.features)), results[0])
    features = first.features
    tables = []
    for result in results:
        if list(result.features) != list(features):
            raise ValueError(
                f"the function gave columns {list(features)} in one process, "
                f"{list(result.features)} in another"
            )
        tables.append(_as(result, features))
    removed = frozenset().union(*(result.removed for result in results))
    return MapResult(concat(tables), features, removed, first.replaced)


def _has_null(features: Features) -> bool:
    return any(getattr(feature, "dtype", None) == "null" for feature in features.values())


def _as(result: MapResult, features: Features) -> Table:
    from crucible_datasets.dataset.casting import cast_columns

    assert result.table is not None
    if result.features == features:
        return result.table
    return cast_columns(result.table, result.features, features)


def _used(table: Table, options: MapOptions, processes: int) -> Table:
    """The rows that the function got: without the last batch of each process if that was dropped."""
    size = options.batch_size
    if not (options.batched and options.drop_last_batch and size):
        return table
    spans = workers.spans(table.num_rows, processes)
    kept_rows = [np.arange(start, start + (stop - start) // size * size) for start, stop in spans]
    return table.select_rows(np.concatenate(kept_rows))


def _processes(num_proc: int | None, rows: int) -> int:
    if num_proc is not None and num_proc < 0:
        raise ValueError(f"num_proc must not be negative, but is {num_proc}")
    return max(1, min(num_proc or 1, rows))


def _several(names: str | Sequence[str] | None) -> tuple[str, ...] | None:
    if names is None:
        return None
    return (names,) if isinstance(names, str) else tuple(names)


def _identity(row: Any) -> Any:
    return row
