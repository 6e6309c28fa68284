"""Datasets as CSV files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets import compute as pc
from crucible_datasets.export.python import json_columns
from crucible_datasets.export.target import opened
from crucible_datasets.table.rows import columns_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crucible_datasets.dataset.base import BaseDataset

_OURS = {"sep", "header", "index", "columns", "na_rep"}


def write_csv(
    ds: BaseDataset,
    target: Any,
    batch_size: int | None,
    storage_options: Mapping[str, Any] | None,
    kwargs: dict[str, Any],
) -> int:
    """Write all rows; see :meth:`ExportVerbs.to_csv`."""
    kwargs = {name: value for name, value in kwargs.items() if name != "path_or_buf"}
    compression = kwargs.pop("compression", None if hasattr(target, "write") else "infer")
    written = 0
    with opened(target, compression, storage_options) as file:
        plain = not set(kwargs) - _OURS and not kwargs.get("index")
        pieces = _native(ds, kwargs) if plain else _by_pandas(ds, batch_size or 1000, kwargs)
        for piece in pieces:
            written += len(piece)
            file.write(piece)
    return written


def _native(ds: BaseDataset, kwargs: dict[str, Any]) -> Iterator[bytes]:
    names = list(kwargs.get("columns") or ds.column_names)
    header = kwargs.get("header", True)
    missing = kwargs.get("na_rep", "")
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=kwargs.get("sep", ","), lineterminator="\n")
    if header is not False:
        writer.writerow(names if header is True else header)
    for batch in ds.table.batches(1000, names):
        columns = json_columns(
            columns_of(pa.Table.from_batches([_plain_numbers(batch)])), ds.features.select(names)
        )
        rows = zip(*(columns[name] for name in names), strict=True)
        if missing:
            rows = ([missing if v is None else v for v in row] for row in rows)  # type: ignore[assignment]  # rows of either kind
        writer.writerows(rows)
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()
    rest = buffer.getvalue()
    if rest:
        yield rest.encode()


def _plain_numbers(batch: pa.RecordBatch) -> pa.RecordBatch:
    """Null where a number is NaN: both are an empty cell; single precision without more digits."""
    for index, field in enumerate(batch.schema):
        if pa.types.is_floating(field.type):
            numbers = batch.column(index)
            numbers = pc.if_else(pc.is_nan(numbers), None, numbers)
            if field.type != pa.float64():
                numbers = numbers.cast(pa.string()).cast(pa.float64())
            batch = batch.set_column(index, field.name, numbers)
    return batch


def _by_pandas(ds: BaseDataset, batch_size: int, kwargs: dict[str, Any]) -> Iterator[bytes]:
    """The rows as pandas writes them: it knows options that we do not."""
    from crucible_datasets.export.frames import frames_to_write

    header = kwargs.pop("header", True)
    index = kwargs.pop("index", False)
    start = 0
    for frame in frames_to_write(ds, batch_size):
        if index:
            frame.index += start
        text: str = frame.to_csv(header=header if start == 0 else False, index=index, **kwargs)
        start += len(frame)
        yield text.encode(kwargs.get("encoding") or "utf-8")
