"""Arrow files that stand in for memory: written once, whole or not at all, then memory-mapped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.storage import whole_file
from crucible_datasets.table.memory import MemorySource

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BATCH_BYTES = 64 << 20
"""Bytes of rows gathered to one batch of the file; each batch is a block of its own when mapped."""


def write_file(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write an Arrow file whose batches are large enough to gather from."""
    with (
        whole_file(path) as part,
        pa.OSFile(str(part), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for batch in large(batches):
            writer.write_batch(batch)


def large(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of about ``BATCH_BYTES``."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        held.append(batch)
        size += batch.nbytes
        if size >= BATCH_BYTES:
            yield _joined(held)
            held, size = [], 0
    if held:
        yield _joined(held)


def _joined(batches: list[pa.RecordBatch]) -> pa.RecordBatch:
    return batches[0] if len(batches) == 1 else pa.concat_batches(batches)


def open_file(path: Path, *, key: str | None = None) -> MemorySource:
    """The rows of an Arrow file, memory-mapped: pages are read as rows are."""
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped)
        blocks = [reader.get_batch(index) for index in range(reader.num_record_batches)]
        schema = reader.schema.remove_metadata()
    bare = [block.replace_schema_metadata(None) for block in blocks]
    return MemorySource(
        bare, schema, paths=(str(path),), key=key, reopen=(open_again, (str(path), key))
    )


def open_again(path: str, key: str | None) -> MemorySource:
    """What :func:`open_file` gave, in another process."""
    return open_file(Path(path), key=key)
