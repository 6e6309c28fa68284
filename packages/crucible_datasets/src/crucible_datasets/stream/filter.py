"""``filter``: the rows that a function, or a Polars expression, says yes to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.stream.call import note_place
from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.map import RowFunction
from crucible_datasets.stream.node import Step, standing
from crucible_datasets.stream.source import TableSource
from crucible_datasets.stream.workers import check_polars_may_run

if TYPE_CHECKING:
    from collections.abc import Iterator

    import polars as pl

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.call import Call
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


@dataclass(frozen=True, slots=True)
class Filter(RowFunction):
    """The rows for which a function gives something true."""

    child: Node
    call: Call
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Those of the input."""
        return self.child.features

    def settings(self) -> dict[str, Any]:
        """What can be said of the step without looking into the function."""
        return {"function": self.call.name}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that calls the function when a row is asked for, not before."""
        return _FilterCursor(self, reading, place)


class _FilterCursor(Cursor):
    """Stands at ``(index of the next row of the input, place in the input)``."""

    def __init__(self, node: Filter, reading: Reading, place: Place) -> None:
        self._index, inner = standing(place, 0, None)
        self._node = node
        self._reader = node.reader(reading, inner)

    def place(self) -> Place:
        return (self._index, self._reader.place())

    def locator(self) -> Locator:
        return fixed(self._reader.where())

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        call = self._node.call
        function = call.function if call.plain else None
        for row in self._reader.rows():
            try:
                # A copy, as ``datasets`` gives: what the function does to its row is not kept.
                keep = function(dict(row)) if function else call(dict(row), self._index)
            except Exception as error:
                note_place(error, call, self._index, self._reader.where())
                raise
            self._index += 1
            if keep:
                yield [row]


@dataclass(frozen=True, slots=True)
class Where(Step):
    """The rows for which a Polars expression is true. It is evaluated where the rows are read."""

    child: Node
    predicate: pl.Expr

    def settings(self) -> dict[str, Any]:
        """The expression."""
        return {"predicate": str(self.predicate)}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor over the source itself where that is next, so that less is read."""
        check_polars_may_run("an expression in filter()")
        child = self.child
        if isinstance(child, TableSource):
            both = self.predicate if child.predicate is None else child.predicate & self.predicate
            return replace(child, predicate=both).open(reading, place)
        return _WhereCursor(self, reading, place)


class _WhereCursor(Cursor):
    """Stands where its reader does."""

    def __init__(self, node: Where, reading: Reading, place: Place) -> None:
        self._predicate = node.predicate
        self._tabular = node.tabular
        columns = reading.columns
        if columns is not None:
            needed = [n for n in node.predicate.meta.root_names() if n not in columns]
            reading = reading.with_columns([*columns, *needed])
        self._wanted = columns
        self._features = node.child.features
        self._reader = Reader(node.child, reading, place)

    def place(self) -> Place:
        return self._reader.place()

    def locator(self) -> Locator:
        return self._reader.locator()

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        import polars as pl

        for bundle in self._reader.bundles():
            if isinstance(bundle, pa.RecordBatch):
                frame = pl.DataFrame(pa.Table.from_batches([bundle]))
                mask = frame.select(self._predicate.alias("keep"))["keep"].to_arrow()
                kept = bundle.filter(mask)
                yield kept if self._wanted is None else _narrowed(kept, self._wanted)
            else:
                frame = pl.DataFrame(bundle, infer_schema_length=None)
                mask = frame.select(self._predicate.alias("keep"))["keep"].to_list()
                yield [row for row, keep in zip(bundle, mask, strict=True) if keep]


def _narrowed(block: pa.RecordBatch, wanted: tuple[str, ...]) -> pa.RecordBatch:
    return block.select([name for name in wanted if name in block.schema.names])
