"""``GrowingFile``: an Arrow file that batches are added to, and that is there when it is whole."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.storage import whole_file
from crucible_datasets.table import spill

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path


class GrowingFile:
    """An Arrow file in the making, under a name of its own that nobody reads.

    Args:
        path: what it will be called.
        schema: of the batches.
    """

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.schema = schema
        self._open = ExitStack()
        self._part = self._open.enter_context(whole_file(path))
        sink = self._open.enter_context(pa.OSFile(str(self._part), "wb"))
        self._writer: Any = self._open.enter_context(pa.ipc.new_file(sink, schema))

    def add(self, batches: Iterable[pa.RecordBatch]) -> None:
        """Write batches of the schema's columns, in any order; small ones are joined."""
        names = self.schema.names
        for batch in spill.large(batch.select(names) for batch in batches):
            self._writer.write_batch(batch)

    def so_far(self) -> Sequence[pa.RecordBatch]:
        """What was added; nothing can be added any more."""
        self._writer.close()
        return spill.open_file(self._part).blocks

    def finish(self, about: Mapping[bytes, bytes]) -> None:
        """Give the file its name.

        Args:
            about: what :func:`about` shall tell of it; only known now, and so not in the schema.
        """
        last = pa.RecordBatch.from_pylist([], self.schema)
        self._writer.write_batch(last, custom_metadata=about)
        self._open.close()

    def discard(self) -> None:
        """Take it away, if it has not got its name."""
        given_up = InterruptedError("the file is not wanted")
        self._open.__exit__(type(given_up), given_up, None)


def about(path: Path) -> tuple[pa.Schema, Mapping[bytes, bytes]]:
    """The schema of a file that grew, and what was said of it in the end.

    Raises:
        OSError: it can't be read.
    """
    with pa.memory_map(str(path)) as mapped:
        reader = pa.ipc.open_file(mapped)
        found = None
        if reader.num_record_batches:
            _, found = reader.get_batch_with_custom_metadata(reader.num_record_batches - 1)
        return reader.schema, dict(found or {})
