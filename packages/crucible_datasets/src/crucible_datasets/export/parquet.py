"""Datasets as Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crucible_datasets.export.target import opened
from crucible_datasets.schema.cast import embed_table, with_extension_types
from crucible_datasets.schema.visit import requires_storage_embed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from crucible_datasets.dataset.base import BaseDataset

GROUP_BYTES = 64 << 20
"""Bytes of a row group, before compression: what one reader has to hold for one row."""


def write_parquet(
    ds: BaseDataset,
    target: Any,
    batch_size: int | None,
    storage_options: Mapping[str, Any] | None,
    kwargs: dict[str, Any],
) -> int:
    """Write all rows; see :meth:`ExportVerbs.to_parquet`."""
    features = ds.features
    embeds = any(requires_storage_embed(feature) for feature in features.values())
    rows = batch_size or _rows_in_a_group(ds)
    written = 0
    with (
        opened(target, None, storage_options) as file,
        pq.ParquetWriter(file, features.arrow_schema, **kwargs) as writer,
    ):
        for table in _groups(ds.table.passing(rows), rows):
            if embeds:
                table = embed_table(table, features, remote_files=False)
            writer.write_table(with_extension_types(table, features), row_group_size=rows)
            written += table.nbytes
    return written


def _groups(batches: Iterable[pa.RecordBatch], rows: int) -> Iterator[pa.Table]:
    """The same rows in tables of exactly ``rows``, the last one excepted; nothing is copied."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= rows:
            held.append(rest.slice(0, rows - count))
            rest = rest.slice(rows - count)
            yield pa.Table.from_batches(held)
            held, count = [], 0
        if rest.num_rows:
            held.append(rest)
            count += rest.num_rows
    if held:
        yield pa.Table.from_batches(held)


def _rows_in_a_group(ds: BaseDataset) -> int:
    if len(ds) == 0:
        return 1
    sample = next(iter(ds.table.batches(1000, stop=1000)))
    each = max(sample.nbytes / sample.num_rows, 1)
    return max(1, min(int(GROUP_BYTES / each), 1_000_000))
