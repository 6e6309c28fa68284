"""Arrow stream files, which ``datasets`` writes, memory-mapped."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.schema import Features
from crucible_datasets.schema.arrow import storage_type
from crucible_datasets.schema.cast import storage_of
from crucible_datasets.table.memory import MemorySource

if TYPE_CHECKING:
    from collections.abc import Sequence


def stream_files(
    paths: Sequence[str], features: Features | None, *, in_memory: bool = False
) -> tuple[MemorySource, Features]:
    """The rows of Arrow stream files of one schema, and what they hold.

    Args:
        paths: the files, in order; files of the Arrow file format are read too.
        features: what the columns hold; found out if None.
        in_memory: read them; else pages are read as rows are.

    Raises:
        FileNotFoundError: one is not there.
        ValueError: one is not an Arrow file (``pyarrow.ArrowInvalid``), or holds other columns.
    """
    blocks: list[pa.RecordBatch] = []
    schema: pa.Schema | None = None
    for path in paths:
        found, batches = _read(path, in_memory=in_memory)
        if schema is None:
            schema = found
            known = Features.from_arrow_schema(found)
            features = known if features is None else features.reorder_fields_as(known)
        elif found.names != schema.names:
            raise ValueError(f"{path} has columns {found.names}, {paths[0]} has {schema.names}")
        blocks += batches
    if features is None or schema is None:
        raise ValueError("there are no Arrow files to read")
    stored = features.storage_schema.remove_metadata()
    plain = [_stored(block, stored) for block in blocks]
    key = None if in_memory else _key(paths)
    reopen = None if in_memory else (open_streams, (tuple(paths), features.to_dict()))
    source = MemorySource(
        plain, stored, paths=() if in_memory else tuple(paths), key=key, reopen=reopen
    )
    return source, features


def open_streams(paths: tuple[str, ...], features: dict[str, object]) -> MemorySource:
    """What :func:`stream_files` gave, in another process."""
    return stream_files(paths, Features.from_dict(features))[0]


def _key(paths: Sequence[str]) -> str:
    """What tells these files from others, and from what they were before they were written again."""
    digest = hashlib.sha256(b"crucible streams 1\n")
    for path in paths:
        about = os.stat(path)
        digest.update(f"{os.path.abspath(path)}:{about.st_size}:{about.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _read(path: str, *, in_memory: bool) -> tuple[pa.Schema, list[pa.RecordBatch]]:
    with pa.OSFile(path) if in_memory else pa.memory_map(path) as source:
        if source.read(6) == b"ARROW1":
            source.seek(0)
            file = pa.ipc.open_file(source)
            return file.schema, [file.get_batch(i) for i in range(file.num_record_batches)]
        source.seek(0)
        reader = pa.ipc.open_stream(source)
        return reader.schema, list(reader)


def _stored(block: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        column if column.type == field.type else _cast(column, field.type)
        for column, field in zip(block.columns, schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _cast(column: pa.Array, kind: pa.DataType) -> pa.Array:
    plain = storage_of(column)
    return plain if plain.type == storage_type(kind) else plain.cast(kind)
