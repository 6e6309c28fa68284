"""Rows in the types that a dataset's features say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.stream.cursor import Cursor, Reader
from crucible_datasets.stream.node import Step
from crucible_datasets.stream.rows import rows_of_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


@dataclass(frozen=True, slots=True)
class Typed(Step):
    """The input cast to ``types``: columns in their order, missing ones None, the rest left out.

    Record batches are cast, rows are encoded and decoded again.
    """

    child: Node
    types: Features

    @property
    def features(self) -> Features:
        """The features that rows are cast to."""
        return self.types

    def settings(self) -> dict[str, Any]:
        """The features."""
        return {"features": self.types.to_dict()}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that casts each bundle."""
        return _TypedCursor(self, reading, place)


class _TypedCursor(Cursor):
    """Stands where its reader does."""

    def __init__(self, node: Typed, reading: Reading, place: Place) -> None:
        wanted = node.types
        if reading.columns is not None:
            wanted = node.types.select(n for n in reading.columns if n in node.types)
        self._tabular = node.tabular
        self._types = wanted
        self._reader = Reader(node.child, reading.with_columns(list(wanted)), place)

    def place(self) -> Place:
        return self._reader.place()

    def skip(self, n: int) -> int:
        return self._reader.skip(n)

    def locator(self) -> Locator:
        return self._reader.locator()

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        if self._tabular:
            schema = self._types.storage_schema
            for bundle in self._reader.bundles():
                yield aligned(bundle, self._types, schema)
            return
        types = self._types
        missing = dict.fromkeys(types)
        for bundle in self._reader.bundles():
            yield [
                types.decode_example(types.encode_example({**missing, **row}))
                for row in rows_of_bundle(bundle)
            ]


def aligned(block: pa.RecordBatch, types: Features, schema: pa.Schema) -> pa.RecordBatch:
    """``block`` with the columns of ``types``; those that it lacks are null.

    Raises:
        ValueError: if a column can't be cast.
    """
    if block.schema.equals(schema):
        return block
    present = set(block.schema.names)
    columns = [
        block.column(field.name) if field.name in present else pa.nulls(len(block), field.type)
        for field in schema
    ]
    table = pa.Table.from_arrays(columns, names=schema.names)
    if not all(c.type == f.type for c, f in zip(columns, schema, strict=True)):
        from crucible_datasets.schema import cast_table

        table = cast_table(table, types)
    if not table.num_columns:
        return pa.RecordBatch.from_struct_array(
            pa.Array.from_buffers(pa.struct([]), len(block), [None])
        )
    return table.combine_chunks().to_batches()[0] if len(block) else block.slice(0, 0)
