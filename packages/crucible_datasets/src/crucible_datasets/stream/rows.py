"""Bundles into rows, blocks and columns, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema.encode import to_python_objects
from crucible_datasets.table.rows import columns_of as stored_columns_of
from crucible_datasets.table.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    import numpy as np
    import numpy.typing as npt

    from crucible_datasets.formats.json_text import Lines
    from crucible_datasets.schema import Features
    from crucible_datasets.stream.node import Bundle, Row


PART_BYTES = 100_000
"""Bytes of a record batch that are converted to rows together, about."""
LINES_AT_ONCE = 32
"""Lines that are parsed together: so few that the garbage collector does not notice them."""


def cut(bundle: Bundle | Lines, start: int, stop: int) -> Any:
    """The rows from ``start`` to ``stop``."""
    return bundle[start:stop]


def rows_of_bundle(bundle: Bundle | Lines) -> list[Row]:
    """The rows, not decoded yet where the bundle is no list of them."""
    if isinstance(bundle, list):
        return bundle
    return rows_of(bundle) if isinstance(bundle, pa.RecordBatch) else bundle.rows()


def rows_in_parts(bundle: Bundle | Lines) -> Iterator[list[Row]]:
    """The rows, a few at a time where they are yet to be made.

    The garbage collector looks again and again through what is being made, the more of it the
    longer: rows of 100 KB together took a third of the time of rows of 1 MB.
    """
    if isinstance(bundle, list):
        yield bundle
        return
    size = LINES_AT_ONCE
    if isinstance(bundle, pa.RecordBatch):
        size = max(1, len(bundle) * PART_BYTES // max(1, bundle.nbytes))
    for start in range(0, len(bundle), size):
        yield rows_of_bundle(cut(bundle, start, start + size))


def columns_of_rows(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The columns of rows, in order of appearance; what a row does not have is None."""
    first = rows[0]
    if all(row.keys() == first.keys() for row in rows):
        return {name: [row[name] for row in rows] for name in first}
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: [row.get(name) for row in rows] for name in names}


def rows_of_columns(columns: Mapping[str, Sequence[Any]]) -> list[Row]:
    """The rows of columns of equal length."""
    names = list(columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def columns_of(block: pa.RecordBatch, features: Features | None) -> dict[str, list[Any]]:
    """The columns of a record batch as lists of what readers get: images opened, JSON parsed."""
    columns = stored_columns_of(block)
    return (
        features.decode_batch(columns) if features is not None and features.decodable else columns
    )


def block_of(rows: Sequence[Row], features: Features | None) -> pa.RecordBatch:
    """One record batch of rows of Python values, in the storage types of ``features`` if given.

    Raises:
        ValueError: if the values of a column have no common type, or not that of the features.
    """
    if features is None:
        return pa.RecordBatch.from_pylist(to_python_objects(list(rows)))
    encoded = [features.encode_example({**dict.fromkeys(features), **row}) for row in rows]
    schema = features.storage_schema
    if not len(schema):
        return pa.RecordBatch.from_pydict({})
    return pa.RecordBatch.from_pylist(encoded, schema=schema)


def numbers_array(numbers: npt.NDArray[np.int64]) -> pa.Array:
    """Whole numbers as an Arrow array, without a copy.

    ``pa.array`` would import pandas, wherever it is installed, to see whether this is a Series.
    """
    return pa.Array.from_buffers(pa.int64(), len(numbers), [None, pa.py_buffer(numbers)])


def joined(blocks: Iterable[pa.RecordBatch]) -> pa.RecordBatch:
    """The blocks, one or more of the same schema, as one."""
    parts = list(blocks)
    return parts[0] if len(parts) == 1 else pa.concat_batches(parts)
