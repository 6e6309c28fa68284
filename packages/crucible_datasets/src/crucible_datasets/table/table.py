"""An immutable table: columns by reference, rows by selection, nothing copied until it is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets.table.memory import MemorySource, bare
from crucible_datasets.table.part import GATHER_ROWS, Part
from crucible_datasets.table.rows import rows_of
from crucible_datasets.table.selection import Rows, as_positions, compact, pieces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile, Scan
    from crucible_datasets.table.source import Source


@dataclass(frozen=True, slots=True)
class ColumnRef:
    """Where a column is: the part, and its name there."""

    part: int
    name: str


class Table:
    """Rows and columns, by reference. Make one with :meth:`from_arrow` or :meth:`from_scan`.

    ``select_rows``, ``select_columns``, ``rename``, ``drop`` and ``with_columns`` cost what their
    arguments cost, whatever the table's size; ``batches``, ``gather``, ``row`` and ``to_arrow``
    read.
    """

    __slots__ = ("_columns", "_parts", "_row_readers")

    def __init__(self, parts: Sequence[Part], columns: Mapping[str, ColumnRef]) -> None:
        self._parts = tuple(parts)
        self._columns = dict(columns)
        self._row_readers: list[tuple[str, Callable[[int], Any]]] | None = None

    @classmethod
    def from_source(cls, source: Source) -> Table:
        """All columns and rows of ``source``."""
        return cls([Part(source)], {name: ColumnRef(0, name) for name in source.schema.names})

    @classmethod
    def from_arrow(cls, table: pa.Table, *, join: bool = True) -> Table:
        """The rows of an Arrow table; many chunks are joined to one unless ``join`` is off.

        Raises:
            ValueError: two columns have one name.
        """
        check_unique(table.schema.names)
        return cls.from_source(MemorySource.from_table(table, join=join))

    @classmethod
    def from_scan(cls, scan: Scan) -> Table:
        """The rows of files, read in order as they lie.

        The first random access over many rows reads them into memory, or into a memory-mapped Arrow
        file beyond the memory budget.
        """
        from crucible_datasets.table.scan import ScanSource

        return cls.from_source(ScanSource(scan))

    @property
    def parts(self) -> tuple[Part, ...]:
        """The sources and the rows selected of each."""
        return self._parts

    @property
    def columns(self) -> Mapping[str, ColumnRef]:
        """Where each column comes from, in order."""
        return self._columns

    @property
    def column_names(self) -> list[str]:
        """The columns' names, in order."""
        return list(self._columns)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self._parts[0].num_rows

    @property
    def schema(self) -> pa.Schema:
        """Names and storage types."""
        return pa.schema(
            [
                self._parts[ref.part].source.schema.field(ref.name).with_name(name)
                for name, ref in self._columns.items()
            ]
        )

    @property
    def resident(self) -> bool:
        """Whether all rows can be had without reading files that have to be decoded."""
        return all(part.source.resident for part in self._parts)

    @property
    def sendable(self) -> bool:
        """Whether another process can read the rows for itself, without reading all of them."""
        return all(
            part.source.sendable and (part.source.resident or not isinstance(part.rows, np.ndarray))
            for part in self._parts
        )

    def __len__(self) -> int:
        return self.num_rows

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        return self

    def __getstate__(self) -> tuple[tuple[Part, ...], dict[str, ColumnRef]]:
        return self._parts, self._columns

    def __setstate__(self, state: tuple[tuple[Part, ...], dict[str, ColumnRef]]) -> None:
        self._parts, self._columns = state
        self._row_readers = None

    # -- which rows and columns -----------------------------------------------------------------

    def select_rows(self, rows: Rows | Sequence[int]) -> Table:
        """The rows at the given positions, which must lie within the table."""
        if not isinstance(rows, range):
            rows = compact(np.asarray(rows, dtype=np.int64))
        elif rows.step != 1:
            rows = as_positions(rows)
        known: dict[int, Rows] = {}
        parts = []
        for part in self._parts:
            # Parts that share a selection go on sharing one array.
            if id(part.rows) not in known:
                known[id(part.rows)] = part.below(rows)
            parts.append(Part(part.source, known[id(part.rows)]))
        return Table(parts, self._columns)

    def select_columns(self, names: Sequence[str]) -> Table:
        """The columns ``names``, in that order."""
        return self._with({name: self._columns[name] for name in names})

    def drop(self, names: Iterable[str]) -> Table:
        """All columns but ``names``."""
        gone = set(names)
        return self._with({name: ref for name, ref in self._columns.items() if name not in gone})

    def rename(self, names: Mapping[str, str]) -> Table:
        """The same columns with new names where ``names`` has one."""
        new = [names.get(name, name) for name in self._columns]
        check_unique(new)
        return self._with(dict(zip(new, self._columns.values(), strict=True)))

    def with_columns(self, other: Table, order: Sequence[str] | None = None) -> Table:
        """The columns of ``other`` beside these, replacing those of the same name in place.

        Args:
            other: as many rows.
            order: the columns of the result; all, these first, by default.
        """
        parts = [*self._parts]
        columns = dict(self._columns)
        shift: dict[int, int] = {}
        for name, ref in other.columns.items():
            if ref.part not in shift:
                shift[ref.part] = len(parts)
                parts.append(other.parts[ref.part])
            columns[name] = ColumnRef(shift[ref.part], ref.name)
        if order is not None:
            columns = {name: columns[name] for name in order}
        return _pruned(parts, columns)

    def _with(self, columns: Mapping[str, ColumnRef]) -> Table:
        return _pruned(self._parts, columns)

    # -- reading --------------------------------------------------------------------------------

    def batches(
        self,
        batch_size: int = GATHER_ROWS,
        columns: Sequence[str] | None = None,
        *,
        start: int = 0,
        stop: int | None = None,
        exact: bool = False,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order.

        Args:
            batch_size: rows in a batch, at most.
            columns: those to read; all by default.
            start: the first row.
            stop: the row before which to end; the end by default.
            exact: whether every batch but the last must be full, which may copy at the seams.
        """
        if columns is not None:
            chosen = self.select_columns(columns)
            return chosen.batches(batch_size, start=start, stop=stop, exact=exact)
        stop = self.num_rows if stop is None else min(stop, self.num_rows)
        if len(self._parts) == 1:
            stream = self._part_batches(0, start, stop, batch_size)
            return rebatched(stream, batch_size) if exact else stream
        return self._zipped(start, stop, batch_size)

    def _part_batches(
        self, index: int, start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        part = self._parts[index]
        wanted = {name: ref.name for name, ref in self._columns.items() if ref.part == index}
        names = list(wanted)
        inner = list(dict.fromkeys(wanted.values()))
        for batch in part.batches(inner, start, stop, batch_size):
            yield batch if names == inner == batch.schema.names else _renamed(batch, wanted)

    def _zipped(self, start: int, stop: int, batch_size: int) -> Iterator[pa.RecordBatch]:
        streams = [
            rebatched(self._part_batches(index, start, stop, batch_size), batch_size)
            for index in range(len(self._parts))
        ]
        schema = self.schema
        for batches in zip(*streams, strict=True):
            found = {
                name: column
                for batch in batches
                for name, column in zip(batch.schema.names, batch.columns, strict=True)
            }
            yield pa.RecordBatch.from_arrays([found[name] for name in schema.names], schema=schema)

    def slice(self, start: int, length: int) -> pa.Table:
        """``length`` rows from ``start`` on."""
        return pa.Table.from_batches(
            self.batches(max(length, 1), start=start, stop=start + length), self.schema
        )

    def gather(self, positions: Rows | Sequence[int]) -> pa.Table:
        """The rows at ``positions``, in that order."""
        rows = positions if isinstance(positions, range) else np.asarray(positions, np.int64)
        chosen = Table([Part(part.source, part.below(rows)) for part in self._parts], self._columns)
        return pa.Table.from_batches(
            [chosen.gather_batch(piece) for piece in pieces(range(len(rows)), 1 << 16)], self.schema
        )

    def gather_batch(self, rows: Rows) -> pa.RecordBatch:
        """The rows at ``rows`` as one batch: not so many that a column passes 2 GiB."""
        if not self._columns:
            return bare(len(rows))
        found: dict[str, pa.Array] = {}
        for index, part in enumerate(self._parts):
            wanted = {name: ref.name for name, ref in self._columns.items() if ref.part == index}
            positions = as_positions(part.below(rows))
            batch = part.source.gather(positions, list(dict.fromkeys(wanted.values())))
            found |= {name: batch.column(inner) for name, inner in wanted.items()}
        schema = self.schema
        return pa.RecordBatch.from_arrays([found[name] for name in schema.names], schema=schema)

    def row(self, position: int) -> dict[str, Any]:
        """One row as a dict; ``position`` must lie within the table."""
        readers = self._row_readers
        if readers is None:
            if not self.resident:
                return rows_of(self.gather_batch(range(position, position + 1)))[0]
            readers = self._row_readers = self._make_readers()
        return {name: read(position) for name, read in readers}

    def _make_readers(self) -> list[tuple[str, Callable[[int], Any]]]:
        return [(name, self.reader(name)) for name in self._columns]

    def reader(self, column: str) -> Callable[[int], Any]:
        """A function from a position to the column's Python value there; holds the column."""
        ref = self._columns[column]
        part = self._parts[ref.part]
        return _through(part.rows, part.source.reader(ref.name))

    def to_arrow(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows as one Arrow table; over the same memory where rows are in memory already."""
        if columns is not None:
            return self.select_columns(columns).to_arrow()
        if not self._columns:
            return pa.Table.from_batches([bare(self.num_rows)])
        self.keep(self._columns)
        return pa.Table.from_batches(self.batches(1 << 16), self.schema)

    def keep(self, columns: Iterable[str]) -> None:
        """Hold ``columns`` in memory where they are most of columns of files, within the budget."""
        wanted: dict[int, list[str]] = {}
        for name in columns:
            ref = self._columns[name]
            wanted.setdefault(ref.part, []).append(ref.name)
        for index, names in wanted.items():
            if self._parts[index].most():
                self._parts[index].source.keep(names)

    def passing(self, batch_size: int) -> Iterator[pa.RecordBatch]:
        """All rows once, in order, for whoever takes them faster than one thread decodes them.

        Args:
            batch_size: rows in a batch, at most.
        """
        if len(self._parts) > 1 or not self._columns or not self._parts[0].whole():
            return self.batches(batch_size)
        wanted = {name: ref.name for name, ref in self._columns.items()}
        inner = list(dict.fromkeys(wanted.values()))
        stream = self._parts[0].source.passing(inner, batch_size)
        return stream if list(wanted) == inner else (_renamed(batch, wanted) for batch in stream)

    def lazy(self) -> pl.LazyFrame:
        """The rows as a Polars frame that reads when it is collected."""
        import polars as pl
        from polars.selectors import by_name  # pl.col("*") and pl.col("^a$") would be patterns

        from crucible_datasets.table.frames import to_polars

        if len(self._parts) > 1 or not self._columns:
            return to_polars(self.to_arrow()).lazy()
        part = self._parts[0]
        if part.source.resident and not part.whole():
            return to_polars(self.to_arrow()).lazy()
        frame = part.source.lazy(list(dict.fromkeys(ref.name for ref in self._columns.values())))
        if isinstance(part.rows, range) and not part.whole():
            frame = frame.slice(part.rows.start, len(part.rows))
        elif isinstance(part.rows, np.ndarray):
            frame = frame.select(pl.all().gather(part.rows.astype(np.uint32)))
        return frame.select(
            [by_name(ref.name).as_expr().alias(name) for name, ref in self._columns.items()]
        )

    # -- what it is -----------------------------------------------------------------------------

    def key(self) -> str:
        """A digest of the content, the same in every process; rows in memory are hashed for it."""
        digest = hashlib.sha256(b"crucible table 1\n")
        for part in self._parts:
            digest.update(part.source.key().encode())
            if isinstance(part.rows, range):
                digest.update(f"{part.rows.start}:{part.rows.stop}".encode())
            elif part.rows is not None:
                digest.update(part.rows.tobytes())
            digest.update(b"\n")
        for name, ref in self._columns.items():
            digest.update(f"{name!r}={ref.part}.{ref.name!r}\n".encode())
        return digest.hexdigest()

    @property
    def files(self) -> tuple[DataFile, ...]:
        """The data files that rows come from, each once."""
        found = {file.path: file for part in self._parts for file in part.source.files}
        return tuple(found.values())

    @property
    def cache_paths(self) -> tuple[str, ...]:
        """The Arrow files that are memory-mapped here, each once."""
        paths = (path for part in self._parts for path in part.source.cache_paths)
        return tuple(dict.fromkeys(paths))


def _pruned(parts: Sequence[Part], columns: Mapping[str, ColumnRef]) -> Table:
    """A table without parts that no column uses; the first stays if it has to tell the rows."""
    used = sorted({ref.part for ref in columns.values()} or {0})
    if len(used) == len(parts):
        return Table(parts, columns)
    place = {part: index for index, part in enumerate(used)}
    return Table(
        [parts[part] for part in used],
        {name: ColumnRef(place[ref.part], ref.name) for name, ref in columns.items()},
    )


def concat(tables: Sequence[Table]) -> Table:
    """The rows of all tables, one after the other; they must have the same schema.

    Nothing is copied.
    """
    from crucible_datasets.table.stack import StackSource

    if len(tables) == 1:
        return tables[0]
    return Table.from_source(StackSource(tables))


def rebatched(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of exactly ``size``, the last one excepted."""
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= size:
            held.append(rest.slice(0, size - count))
            rest = rest.slice(size - count)
            yield held[0] if len(held) == 1 else pa.concat_batches(held)
            held, count = [], 0
        if rest.num_rows:
            held.append(rest)
            count += rest.num_rows
    if held:
        yield held[0] if len(held) == 1 else pa.concat_batches(held)


def check_unique(names: Sequence[str]) -> None:
    """Refuse a second column of one name.

    Raises:
        ValueError: names the columns that are there twice.
    """
    if len(set(names)) != len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        raise ValueError(f"columns must have different names; there twice or more: {twice}")


def _renamed(batch: pa.RecordBatch, wanted: Mapping[str, str]) -> pa.RecordBatch:
    if not wanted:
        return bare(batch.num_rows)
    return pa.RecordBatch.from_arrays(
        [batch.column(inner) for inner in wanted.values()], names=list(wanted)
    )


def _through(rows: Rows | None, read: Callable[[int], Any]) -> Callable[[int], Any]:
    """A reader of the selection, from a reader of the source."""
    if rows is None or (isinstance(rows, range) and rows.start == 0):
        return read
    if isinstance(rows, range):
        first = rows.start
        return lambda i: read(i + first)
    item = rows.item
    return lambda i: read(item(i))
