"""Chunks of JSON lines as tables in the storage types of given features."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import pyarrow as pa

from crucible_datasets.schema import json_lines
from crucible_datasets.schema.columns import build_array, build_table
from crucible_datasets.schema.json_block import read_block
from crucible_datasets.schema.json_table import lines_to_table, reads_directly
from crucible_datasets.schema.validate import Mode, Place, Validator

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.schema import Features

BOM = b"\xef\xbb\xbf"


class ChunkReader(Protocol):
    """Reads whole lines of JSON."""

    def read(self, chunk: bytes, *, file: str, first_line: int) -> pa.Table:
        """The rows of ``chunk``.

        Raises:
            SchemaError: a row does not fit; it says which and where.
        """
        ...


class ExactReader:
    """Reads chunks whose features were inferred from them, so that everything fits.

    Args:
        features: the columns wanted, some or all of those inferred.
    """

    def __init__(self, features: Features) -> None:
        self._features = features
        self._direct = features.select([n for n in features if reads_directly(_one(features, n))])
        self._schema = features.storage_schema.remove_metadata()

    def read(self, chunk: bytes, *, file: str, first_line: int) -> pa.Table:
        """The rows of whole lines of JSON."""
        chunk = chunk.removeprefix(BOM)
        table = _parsed(chunk, self._direct)
        if table is not None and len(self._direct) == len(self._features):
            return table
        rows = json_lines.parse(chunk, file=file, first_line=first_line)
        if table is None or table.num_rows != len(rows):
            return build_table(rows, self._features).replace_schema_metadata(None)
        columns = [
            table.column(name)
            if name in self._direct
            else build_array(feature, [row.get(name) for row in rows])
            for name, feature in self._features.items()
        ]
        return pa.Table.from_arrays(columns, schema=self._schema)


class DeclaredReader:
    """Reads chunks with declared features; what these can't hold is an error, never dropped.

    Args:
        features: all columns.
        wanted: those to give.
        mode: what becomes of values of another type.
    """

    def __init__(self, features: Features, wanted: Sequence[str], mode: Mode) -> None:
        self._validator = Validator(features, mode)
        self._wanted = list(wanted)

    def read(self, chunk: bytes, *, file: str, first_line: int) -> pa.Table:
        """The rows of whole lines of JSON."""
        table = lines_to_table(chunk, self._validator, Place(file, line=first_line))
        return table.select(self._wanted).replace_schema_metadata(None)


def _one(features: Features, name: str) -> Features:
    return features.select([name])


def _parsed(chunk: bytes, features: Features) -> pa.Table | None:
    """The columns of ``features`` as pyarrow parses them, or None if it refuses."""
    if not features:
        return None
    schema = features.storage_schema.remove_metadata()
    table = read_block(chunk, schema, "ignore")
    return None if table is None else table.select(schema.names)
