"""Datasets as CSV files."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pyarrow as pa

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
            columns_of(pa.Table.from_batches([batch])), ds.features.select(names)
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


def _by_pandas(ds: BaseDataset, batch_size: int, kwargs: dict[str, Any]) -> Iterator[bytes]:
    """The rows as pandas writes them: it knows options that we do not."""
    from crucible_datasets.export.frames import pandas_frames

    header = kwargs.pop("header", True)
    index = kwargs.pop("index", False)
    start = 0
    for frame in pandas_frames(ds, batch_size):
        if index:
            frame.index += start
        text: str = frame.to_csv(header=header if start == 0 else False, index=index, **kwargs)
        start += len(frame)
        yield text.encode(kwargs.get("encoding") or "utf-8")
