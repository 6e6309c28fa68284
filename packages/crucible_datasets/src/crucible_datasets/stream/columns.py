"""Other columns of the same rows: selected, left out, renamed, added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.schema import Features
from crucible_datasets.stream.cursor import Cursor, Reader
from crucible_datasets.stream.node import Step, standing
from crucible_datasets.stream.rows import rows_of_bundle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy as np

    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading


class ColumnsStep(Step):
    """A step that changes bundles one for one."""

    def change(self, bundle: Bundle) -> Bundle:
        """The bundle with other columns."""
        raise NotImplementedError

    def inner(self, reading: Reading) -> Reading:
        """How to read the input."""
        return reading.below(self)

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that changes each bundle."""
        return _ColumnsCursor(self, Reader(self.child, self.inner(reading), place))


class _ColumnsCursor(Cursor):
    """Stands where its reader does."""

    def __init__(self, node: ColumnsStep, reader: Reader) -> None:
        self._node = node
        self._reader = reader

    def place(self) -> Place:
        return self._reader.place()

    def skip(self, n: int) -> int:
        return self._reader.skip(n)

    def locator(self) -> Locator:
        return self._reader.locator()

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        return map(self._node.change, self._reader.bundles())


@dataclass(frozen=True, slots=True)
class Select(ColumnsStep):
    """Some columns, in that order. Only they are read where the source can do that."""

    child: Node
    names: tuple[str, ...]

    @property
    def features(self) -> Features | None:
        """Those of the columns."""
        known = self.child.features
        return None if known is None else known.select(self.names)

    def settings(self) -> dict[str, Any]:
        """The columns."""
        return {"names": self.names}

    def inner(self, reading: Reading) -> Reading:
        """Only the columns that are kept and wanted."""
        wanted = self.names if reading.columns is None else reading.columns
        names = [name for name in self.names if name in wanted]
        return reading.below(self).with_columns(names)

    def change(self, bundle: Bundle) -> Bundle:
        """The columns, of those that were read."""
        if isinstance(bundle, pa.RecordBatch):
            names = [name for name in self.names if name in bundle.schema.names]
            return bundle if names == bundle.schema.names else bundle.select(names)
        return [{name: row[name] for name in self.names} for row in bundle]


class _Replaced(ColumnsStep):
    """What ``datasets`` does with a function of rows, done here on whole bundles."""

    typed_input: bool

    @property
    def arrow(self) -> bool:
        """``datasets`` reads rows behind a function."""
        return False

    def inner(self, reading: Reading) -> Reading:
        """As a function's input is read."""
        return reading.all_columns(chunked=self.typed_input)


@dataclass(frozen=True, slots=True)
class Remove(_Replaced):
    """All columns but some."""

    child: Node
    names: tuple[str, ...]
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Those of the columns that stay."""
        known = self.child.features
        return None if known is None else known.select(n for n in known if n not in self.names)

    def settings(self) -> dict[str, Any]:
        """The columns."""
        return {"names": self.names}

    def inner(self, reading: Reading) -> Reading:
        """Without the columns that are removed, where it is known which others there are."""
        wanted = self.features
        base = reading.all_columns(chunked=self.typed_input)
        if wanted is None:
            return base
        chosen = reading.columns
        return base.with_columns([n for n in wanted if chosen is None or n in chosen])

    def change(self, bundle: Bundle) -> Bundle:
        """The columns that stay."""
        if isinstance(bundle, pa.RecordBatch):
            return bundle.select([n for n in bundle.schema.names if n not in self.names])
        return [{k: v for k, v in row.items() if k not in self.names} for row in bundle]


@dataclass(frozen=True, slots=True)
class Rename(_Replaced):
    """Columns under other names, in their places."""

    child: Node
    mapping: Mapping[str, str]
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """The same features under the other names."""
        known = self.child.features
        if known is None:
            return None
        return Features({self.mapping.get(name, name): known[name] for name in known})

    def settings(self) -> dict[str, Any]:
        """The names."""
        return {"mapping": dict(self.mapping)}

    def inner(self, reading: Reading) -> Reading:
        """The wanted columns under their old names."""
        base = reading.all_columns(chunked=self.typed_input)
        if reading.columns is None:
            return base
        back = {new: old for old, new in self.mapping.items()}
        there = [n for n in reading.columns if n in back or n not in self.mapping]
        return base.with_columns([back.get(name, name) for name in there])

    def change(self, bundle: Bundle) -> Bundle:
        """The bundle with the other names.

        Raises:
            ValueError: an old name is not there, or a new one is there already.
        """
        if isinstance(bundle, pa.RecordBatch):
            return bundle.rename_columns([self.mapping.get(n, n) for n in bundle.schema.names])
        for row in bundle:
            check_renaming(self.mapping, list(row))
        return [{self.mapping.get(k, k): v for k, v in row.items()} for row in bundle]


def check_renaming(mapping: Mapping[str, str], names: Sequence[str]) -> None:
    """Whether columns ``names`` can be renamed by ``mapping``.

    Raises:
        ValueError: an old name is not there, or a new one is there already.
    """
    missing = [old for old in mapping if old not in names]
    if missing:
        raise ValueError(f"can't rename {missing}: the dataset has the columns {list(names)}")
    taken = [new for new in mapping.values() if new in names]
    if taken:
        raise ValueError(f"can't rename to {taken}: columns of that name are there already")


@dataclass(frozen=True, slots=True)
class AddColumn(Step):
    """The rows with a column of given values, one a row. The rows are not split over workers.

    A part of the rows would need to know how many rows come before it; the first worker reads all.
    """

    child: Node
    name: str
    values: Sequence[Any]
    empty: bool = False

    @property
    def num_shards(self) -> int:
        """One, or none for the other workers."""
        return 0 if self.empty else 1

    @property
    def arrow(self) -> bool:
        """``datasets`` reads rows behind a function."""
        return False

    @property
    def tabular(self) -> bool:
        """Values are Python objects."""
        return False

    @property
    def one_by_one(self) -> bool:
        """Rows come in bundles."""
        return False

    @property
    def features(self) -> Features | None:
        """Unknown, as behind any function."""
        return None

    def settings(self) -> dict[str, Any]:
        """The column's name and length."""
        return {"name": self.name, "length": len(self.values)}

    def shuffled(self, generator: np.random.Generator) -> Node:  # noqa: ARG002
        """The same: values belong to positions."""
        return self

    def sharded(self, num_shards: int, index: int, *, contiguous: bool = True) -> Node:  # noqa: ARG002
        """All for part 0, nothing for the others."""
        return self if index == 0 else AddColumn(self.child, self.name, self.values, empty=True)

    def resharded(self) -> Node:
        """The same."""
        return self

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that counts rows."""
        return _AddColumnCursor(self, reading, place)


class _AddColumnCursor(Cursor):
    """Stands at ``(index of the next row, place in the input)``."""

    def __init__(self, node: AddColumn, reading: Reading, place: Place) -> None:
        self._index, inner = standing(place, 0, None)
        self._node = node
        self._reader = Reader(node.child, reading.all_columns(chunked=True), inner)

    def place(self) -> Place:
        return (self._index, self._reader.place())

    def locator(self) -> Locator:
        return self._reader.locator()

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        name, values = self._node.name, self._node.values
        if self._node.empty:
            return
        features = self._node.child.features if self._node.child.tabular else None
        for bundle in self._reader.bundles():
            rows = rows_of_bundle(bundle)
            if features is not None and features.decodable:
                rows = [features.decode_example(row) for row in rows]
            if rows and name in rows[0]:
                raise ValueError(f"can't add a column {name!r}: there is one of that name already")
            start = self._index
            self._index += len(rows)
            yield [{**row, name: values[start + i]} for i, row in enumerate(rows)]
