"""Where ``map`` puts the columns that a function gives: memory, or an Arrow file."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.dataset.arrays import column_as, column_like, inferred_column
from crucible_datasets.schema import Features, Value
from crucible_datasets.schema.arrow import feature_of_type
from crucible_datasets.schema.cast import cast_column, storage_of
from crucible_datasets.table import growing, spill
from crucible_datasets.table.growing import GrowingFile
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from crucible_datasets.dataset.lazy_row import SourceColumns

ABOUT = b"crucible"


@dataclass(frozen=True, slots=True)
class MapResult:
    """The columns that a function gave for some rows.

    Attributes:
        table: those columns; None if it gave nothing.
        features: what they hold.
        removed: columns of the input that are gone.
        replaced: whether nothing of the input stays, so that there may be more or fewer rows.
    """

    table: Table | None
    features: Features
    removed: frozenset[str]
    replaced: bool

    def in_memory(self) -> MapResult:
        """The same, independent of the file that it lies in."""
        if self.table is None or not self.table.cache_paths:
            return self
        (path,) = self.table.cache_paths
        with pa.OSFile(path) as file:
            table = pa.ipc.open_file(file).read_all().replace_schema_metadata(None)
        return replace(self, table=Table.from_arrow(table))


@dataclass(frozen=True, slots=True)
class Typing:
    """How values get their type.

    Attributes:
        before: the input's features, tried first.
        wanted: the features of the result, if the user gave them.
        try_original: whether ``before`` is tried.
        on_mixed_types: ``use_json`` stores values of several types as ``Json``.
        nullable: whether values may be null.
    """

    before: Features
    wanted: Features | None
    try_original: bool = True
    on_mixed_types: str | None = "use_json"
    nullable: bool = True


class MapOutput:
    """Columns that grow a batch at a time; types are fixed by the first batch that tells them.

    A column that comes late, and one that held nothing but null, is mended in what was written.

    Args:
        typing: how values get their type.
        path: the file to write, whole or not at all; memory if None.
        source: the input's rows, for a column of it that the function changes only later on.
    """

    def __init__(self, typing: Typing, path: Path | None, source: Table) -> None:
        self.typing = typing
        self.path = path
        self.source = source
        self.features: dict[str, Any] = {}
        self.num_rows = 0
        self._batches: list[pa.RecordBatch] = []
        self._held = 0
        self._file: GrowingFile | None = None

    @property
    def in_file(self) -> bool:
        """Whether some of it is no longer in memory."""
        return self._file is not None

    def append(self, columns: Mapping[str, Any], original: SourceColumns | None) -> None:
        """Add the columns of a batch.

        Args:
            columns: values by name; lists, arrays, series or Arrow arrays.
            original: the input's rows, for columns of it that earlier or this batch leaves alone.

        Raises:
            ValueError: a value does not fit its column, or columns differ in length.
        """
        arrays: dict[str, pa.Array] = {}
        for name, values in columns.items():
            arrays[name] = self._typed(name, values)
        lengths = {name: len(array) for name, array in arrays.items()}
        count = next(iter(lengths.values()), 0)
        check_lengths(lengths)
        if not lengths and original is not None:
            count = original.num_rows
        for name in self.features:
            if name not in arrays:
                arrays[name] = self._filled(name, original, count)
        ordered = {name: arrays[name] for name in self.features}
        self._batches.append(
            pa.RecordBatch.from_arrays(list(ordered.values()), names=list(ordered))
        )
        self.num_rows += count
        self._held += self._batches[-1].nbytes
        if self.path is not None and self._held > spill.BATCH_BYTES:
            self._flush()

    def _typed(self, name: str, values: Any) -> pa.Array:
        typing = self.typing
        if name not in self.features:
            array, feature = self._first(name, values)
            self.features[name] = feature
            if self.num_rows:
                self._widen(name, feature)
        else:
            feature = self.features[name]
            if _is_null(feature):
                array, feature = self._first(name, values)
                if not _is_null(feature):
                    self.features[name] = feature
                    self._recast(name, feature)
            else:
                array = self._later(name, values, feature)
        if not typing.nullable and array.null_count:
            raise ValueError(f"column {name!r} has null values, and disable_nullable forbids them")
        return array

    def _first(self, name: str, values: Any) -> tuple[pa.Array, Any]:
        typing = self.typing
        if typing.wanted is not None:
            if name not in typing.wanted:
                raise KeyError(
                    f"the function gave column {name!r}, which is not in features="
                    f"{list(typing.wanted)}"
                )
            return column_as(values, typing.wanted[name]), typing.wanted[name]
        if isinstance(values, (pa.Array, pa.ChunkedArray)):
            array = storage_of(_joined(values))
            known = typing.before.get(name)
            kind = feature_of_type(values.type)
            same = known is not None and storage_of(pa.array([], values.type)).type == array.type
            feature = known if same and _same_type(known, array.type) else kind
            return column_as(array, feature), feature
        if typing.try_original and name in typing.before:
            column = column_like(values, typing.before[name], name, typing.on_mixed_types)
        else:
            column = inferred_column(values, name, typing.on_mixed_types)
        return column.array, column.feature

    def _later(self, name: str, values: Any, feature: Any) -> pa.Array:
        try:
            return column_as(values, feature)
        except (pa.ArrowInvalid, TypeError) as error:
            raise type(error)(
                f"column {name!r}, rows from {self.num_rows} on: {error}; "
                f"the rows before are {feature}. Pass features= to say what the column is"
            ) from error

    def _filled(self, name: str, original: SourceColumns | None, count: int) -> pa.Array:
        """A column that this batch leaves alone: the input's values, else nulls."""
        feature = self.features[name]
        if original is not None and name in original.names:
            return _joined(cast_column(original.stored(name), feature))
        return column_as(pa.nulls(count), feature)

    def _widen(self, name: str, feature: Any) -> None:
        """Give the batches before a column that comes now: the input's values, else nulls."""

        def change(batch: pa.RecordBatch, first: int) -> pa.RecordBatch:
            if name in self.source.columns:
                values = self.source.select_columns([name]).slice(first, batch.num_rows).column(0)
            else:
                values = pa.nulls(batch.num_rows)
            return batch.append_column(name, column_as(values, feature))

        self._rewrite(change)

    def _recast(self, name: str, feature: Any) -> None:
        """Give nulls written before the type that is known now."""

        def change(batch: pa.RecordBatch, _: int) -> pa.RecordBatch:
            index = batch.schema.get_field_index(name)
            return batch.set_column(index, name, column_as(pa.nulls(batch.num_rows), feature))

        self._rewrite(change)

    def _rewrite(self, change: Callable[[pa.RecordBatch, int], pa.RecordBatch]) -> None:
        """Change all batches; ``change`` gets the number of a batch's first row, too."""
        first = 0
        before, self._file = self._file, None
        held, self._batches = self._batches, []
        if before is not None:
            for batch in before.so_far():
                self._batches = [change(batch, first)]
                self._flush()
                first += batch.num_rows
            before.discard()
        for batch in held:
            self._batches.append(change(batch, first))
            first += batch.num_rows

    def _flush(self) -> None:
        """Put what is held into the file."""
        assert self.path is not None
        if self._file is None:
            self._file = GrowingFile(self.path, self._ordered().storage_schema)
        self._file.add(self._batches)
        self._batches, self._held = [], 0

    def finish(self, removed: Iterable[str], replaced: bool) -> MapResult:
        """The columns; the file is there from now on.

        Args:
            removed: columns of the input that are gone.
            replaced: whether nothing of the input stays.
        """
        features = self._ordered()
        gone = frozenset(removed)
        if self.path is None:
            batches = [batch.select(list(features)) for batch in self._batches]
            table = pa.Table.from_batches(batches, features.storage_schema.remove_metadata())
            return MapResult(Table.from_arrow(table), features, gone, replaced)
        self._flush()
        assert self._file is not None
        about = {"removed": sorted(gone), "replaced": replaced}
        self._file.finish({ABOUT: json.dumps(about).encode()})
        self._file = None
        return load_result(self.path)

    def _ordered(self) -> Features:
        """The input's columns in their order, then the new ones as they came."""
        first = [name for name in self.typing.before if name in self.features]
        rest = [name for name in self.features if name not in self.typing.before]
        return Features({name: self.features[name] for name in [*first, *rest]})

    def discard(self) -> None:
        """Take away what was written on the way."""
        if self._file is not None:
            self._file.discard()
            self._file = None


def load_result(path: Path) -> MapResult:
    """The result that lies in a file.

    Raises:
        OSError: the file can't be read.
        ValueError: it is not one that ``map`` wrote.
    """
    schema, said = growing.about(path)
    if ABOUT not in said:
        raise ValueError(f"{path} was not written by map(); name another cache file")
    about = json.loads(said[ABOUT])
    features = Features.from_arrow_schema(schema)
    source = spill.open_file(path)
    return MapResult(
        Table.from_source(source), features, frozenset(about["removed"]), about["replaced"]
    )


def check_lengths(lengths: Mapping[str, int]) -> None:
    """Refuse columns that differ in length.

    Raises:
        ValueError: they do (``pyarrow.ArrowInvalid``).
    """
    count = next(iter(lengths.values()), 0)
    for index, (name, length) in enumerate(lengths.items()):
        if length != count:
            raise pa.ArrowInvalid(
                f"Column {index} named {name} expected length {count} but got length {length}"
            )


def _joined(array: pa.Array | pa.ChunkedArray) -> pa.Array:
    if not isinstance(array, pa.ChunkedArray):
        return array
    if array.num_chunks == 1:
        return array.chunk(0)
    return pa.concat_arrays(array.chunks or [pa.array([], array.type)])


def _is_null(feature: Any) -> bool:
    return isinstance(feature, Value) and feature.dtype == "null"


def _same_type(feature: Any, kind: pa.DataType) -> bool:
    from crucible_datasets.schema.arrow import arrow_type, storage_type

    return bool(storage_type(arrow_type(feature)) == kind)
