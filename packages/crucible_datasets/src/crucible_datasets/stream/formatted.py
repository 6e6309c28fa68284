"""Rows as a format wants them (NumPy arrays, Arrow tables, tensors), and functions of such rows."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.formatting.output import format_batch, format_row
from crucible_datasets.formatting.registry import TABLES
from crucible_datasets.schema import Features
from crucible_datasets.stream.batched import as_columns, merged_columns
from crucible_datasets.stream.call import note_place
from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.map import RowFunction, merged
from crucible_datasets.stream.node import Step, standing
from crucible_datasets.stream.rows import rows_of_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.stream.call import Call
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


def is_table(format: Format | None) -> bool:  # noqa: A002 # it is one
    """Whether rows leave as tables."""
    return format is not None and format.type in TABLES


def as_row(block: pa.RecordBatch, features: Features | None, format: Format) -> Any:  # noqa: A002
    """The only row of ``block`` as the format wants it."""
    types = features or Features.from_arrow_schema(block.schema)
    return format_row(pa.Table.from_batches([block]), types, format)


def as_batch(block: pa.RecordBatch, features: Features | None, format: Format) -> Any:  # noqa: A002
    """The rows of ``block`` as the format wants them."""
    types = features or Features.from_arrow_schema(block.schema)
    return format_batch(pa.Table.from_batches([block]), types, format)


@dataclass(frozen=True, slots=True)
class MapFormatted(RowFunction):
    """``map`` with a function of rows, or batches, in a format other than Python's.

    Attributes:
        call: the function.
        format: of what the function is given.
        size: rows in a batch, or None for single rows; 0 for all rows.
        drop_last: leave out the last batch if it is smaller.
        remove: columns of the result, or the input, to leave out.
        types: the features of the result, where the user knows them.
        keep: the function says which rows stay, nothing else.
        typed_input: whether the input's features were known when the step was added.
    """

    child: Node
    call: Call
    format: Format
    size: int | None = None
    drop_last: bool = False
    remove: tuple[str, ...] = ()
    types: Features | None = None
    keep: bool = False
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Those that the user gave, or the input's for a filter."""
        return self.child.features if self.keep else self.types

    @property
    def tabular(self) -> bool:
        """Where the function gives tables."""
        return is_table(self.format)

    @property
    def arrow(self) -> bool:
        """Where the function gives tables."""
        return is_table(self.format)

    @property
    def one_by_one(self) -> bool:
        """Only with single rows that are no tables."""
        return self.size is None and not self.tabular and not self.keep

    def settings(self) -> dict[str, Any]:
        """What can be said of the step without looking into the function."""
        return {"function": self.call.name, "size": self.size, "remove": self.remove}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that formats what the function is given."""
        return _FormattedCursor(self, reading, place)


class _FormattedCursor(Cursor):
    """Stands at ``(index of the next row of the input, place in the input)``."""

    def __init__(self, node: MapFormatted, reading: Reading, place: Place) -> None:
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
        node = self._node
        size = 1 if node.size is None else node.size if node.size > 0 else 1 << 62
        shape = as_row if node.size is None and not node.tabular else as_batch
        while (block := self._reader.read(size)) is not None:
            if node.drop_last and node.size is not None and block.num_rows < size:
                return
            count = block.num_rows
            given = shape(block, node.child.features, node.format)
            first = self._index
            index = first if node.size is None else list(range(first, first + count))
            try:
                answer = node.call(given, index)
            except Exception as error:
                note_place(error, node.call, index, self._reader.where())
                raise
            self._index += count
            yield self._result(block, given, answer)

    def _result(self, block: pa.RecordBatch, given: Any, answer: Any) -> Bundle:
        node = self._node
        if node.keep:
            mask = _as_mask(answer, single=node.size is None)
            kept = block.filter(mask)
            if node.tabular:
                return kept
            return [
                as_row(kept.slice(i, 1), node.child.features, node.format)
                for i in range(kept.num_rows)
            ]
        if node.tabular:
            table = as_table(answer)
            return _one_block(
                table.drop_columns([n for n in node.remove if n in table.column_names])
            )
        if node.size is None:
            return [merged(given, answer, node.remove)]
        rest = {name: values for name, values in given.items() if name not in node.remove}
        return rows_of_columns(merged_columns(rest, as_columns(answer)))


def as_table(answer: Any) -> pa.Table:
    """What a function of tables gave, as an Arrow table.

    Raises:
        TypeError: it is no table.
    """
    if isinstance(answer, pa.Table):
        return answer
    if isinstance(answer, pa.RecordBatch):
        return pa.Table.from_batches([answer])
    module = type(answer).__module__
    if module.startswith("pandas"):
        return pa.Table.from_pandas(answer, preserve_index=False)
    if module.startswith("polars"):
        table = answer.to_arrow(compat_level=None)
        return table.cast(_plain_schema(table.schema))
    raise TypeError(
        "a function of an Arrow, pandas or Polars formatted stream must return such a table, "
        f"not {type(answer).__name__}"
    )


def _plain_schema(schema: pa.Schema) -> pa.Schema:
    return Features.from_arrow_schema(schema).storage_schema.remove_metadata()


def _one_block(table: pa.Table) -> pa.RecordBatch:
    if not table.num_rows:
        return pa.RecordBatch.from_pylist([], schema=table.schema)
    return table.combine_chunks().to_batches()[0]


def _as_mask(answer: Any, *, single: bool) -> pa.Array:
    if single and not hasattr(answer, "__len__"):
        value = answer.as_py() if hasattr(answer, "as_py") else bool(answer)
        return pa.array([value], pa.bool_())
    if isinstance(answer, pa.ChunkedArray):
        return answer.combine_chunks()
    if isinstance(answer, pa.Array):
        return answer
    values = answer.tolist() if hasattr(answer, "tolist") else list(answer)
    return pa.array(values, pa.bool_())


@dataclass(frozen=True, slots=True)
class InFormat(Step):
    """Rows as dicts of what a format makes of values: the input of ``map`` in a tensor format."""

    child: Node
    format: Format

    @property
    def tabular(self) -> bool:
        """Values are objects of the format."""
        return False

    @property
    def one_by_one(self) -> bool:
        """Always."""
        return True

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that formats rows one by one."""
        return _InFormatCursor(self, reading, place)


class _InFormatCursor(Cursor):
    """Stands where its reader does."""

    def __init__(self, node: InFormat, reading: Reading, place: Place) -> None:
        self._node = node
        self._reader = Reader(node.child, replace(reading, columns=None), place)

    def place(self) -> Place:
        return self._reader.place()

    def locator(self) -> Locator:
        return fixed(self._reader.where())

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        node = self._node
        while (block := self._reader.read(1)) is not None:
            yield [as_row(block, node.child.features, node.format)]
