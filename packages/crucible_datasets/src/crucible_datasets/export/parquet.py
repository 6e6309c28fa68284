"""Datasets as Parquet files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from crucible_datasets.export.target import opened
from crucible_datasets.schema.cast import embed_table, with_extension_types
from crucible_datasets.schema.visit import requires_storage_embed

if TYPE_CHECKING:
    from collections.abc import Mapping

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
        for batch in ds.table.batches(rows, exact=True):
            table = pa.Table.from_batches([batch])
            if embeds:
                table = embed_table(table, features, remote_files=False)
            writer.write_table(with_extension_types(table, features), row_group_size=rows)
            written += table.nbytes
    return written


def _rows_in_a_group(ds: BaseDataset) -> int:
    if len(ds) == 0:
        return 1
    sample = next(iter(ds.table.batches(1000)))
    each = max(sample.nbytes / sample.num_rows, 1)
    return max(1, min(int(GROUP_BYTES / each), 1_000_000))
