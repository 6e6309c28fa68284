"""Arrow IPC files, in the file and in the stream format: memory-mapped where they lie."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.formats.conform import Conformer
from crucible_datasets.formats.damage import named
from crucible_datasets.formats.one_reader import ReaderScan
from crucible_datasets.formats.opening import is_compressed, open_plain
from crucible_datasets.formats.scan import FileFormat
from crucible_datasets.schema import Features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema.validate import Validation


class ArrowFormat(FileFormat):
    """Files that end in ``.arrow``."""

    name = "arrow"
    extensions = (".arrow",)
    options = ()
    by_tables = True
    typed = True

    def scan(
        self,
        files: Sequence[DataFile],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> ReaderScan:
        """The rows of ``files``; the schema is the first one's, unless ``features`` is given."""
        if features is None:
            with opened(files[0]) as (schema, _):
                features = Features.from_arrow_schema(schema)
        return ReaderScan(files, features, ArrowReader(options.get("validation")))


@dataclass(frozen=True, slots=True)
class ArrowReader:
    """Reads Arrow files."""

    validation: Validation = None

    def tables(
        self, file: DataFile, features: Features, columns: Sequence[str]
    ) -> Iterator[pa.Table]:
        """The rows, a record batch at a time.

        Raises:
            SchemaError: the file's columns, or values, are not those of the dataset.
            FileFormatError: the file is damaged.
        """
        with opened(file) as (schema, batches):
            conform = Conformer(file.name, features, columns, self.validation)
            names = conform.columns(schema)
            as_it_is = conform.passes(schema)
            row = 0
            for batch in batches:
                batch.validate(full=True)  # damaged offsets would be read as wild memory
                table = pa.Table.from_batches([batch])
                if as_it_is:
                    yield table.select(columns).replace_schema_metadata(None)
                else:
                    yield conform(table.select(names), row=row)
                row += batch.num_rows

    def count(self, file: DataFile) -> int | None:
        """The rows of all batches; their columns are not looked at."""
        with opened(file) as (_, batches):
            return sum(int(batch.num_rows) for batch in batches)

    def key(self) -> str:
        """Nothing: there are no options."""
        return ""


@contextmanager
def opened(file: DataFile) -> Iterator[tuple[pa.Schema, Iterator[pa.RecordBatch]]]:
    """The schema and the record batches of an Arrow file, which are read inside the block.

    Raises:
        FileFormatError: it is no Arrow file, or damaged.
    """
    with named(file, "an Arrow file"), _source(file) as source:
        try:
            reader: Any = pa.ipc.open_stream(source)
            batches = iter(reader)
        except (OSError, pa.ArrowInvalid):
            source.seek(0)
            reader = pa.ipc.open_file(source)
            batches = (reader.get_batch(n) for n in range(reader.num_record_batches))
        yield reader.schema, batches


def _source(file: DataFile) -> Any:
    local = file.local()
    if local is not None and not is_compressed(file):
        return pa.memory_map(str(local))
    stream = open_plain(file)
    if stream.seekable():
        return stream
    with stream:
        return pa.BufferReader(stream.read())


FORMAT = ArrowFormat()
