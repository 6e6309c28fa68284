"""Data beside a schema: every value that does not fit is located, none is dropped in silence.

Whole tables are compared by type and by vectorised casts; only where those fail are rows looked at
one by one. Modes:

- ``strict``: the first mismatch is raised as a ``SchemaError``;
- ``coerce``: scalars are converted where that loses nothing (``5`` to ``"5"``, ``"0.5"`` to
  ``0.5``), columns that are not there are null; the first mismatch beyond that is raised;
- ``report``: mismatches are collected, the values are null;
- ``off``: the declared columns are taken, others left out; pyarrow casts, and refuses, as it pleases.

A key that an object lacks is null in every mode; a column that a whole table lacks is a mismatch to
``strict`` and ``report``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import pyarrow as pa

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema.cast import cast_column, cast_table
from crucible_datasets.schema.check import Checker, conforms, shown
from crucible_datasets.schema.columns import NOT_BUILT, build_array, build_table, empty_columns
from crucible_datasets.schema.json_lines import pointer_part, snippet
from crucible_datasets.schema.kinship import is_kin
from crucible_datasets.schema.loss import loses, may_lose
from crucible_datasets.schema.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crucible_datasets.schema.features import Features

    Read = Callable[[str, pa.Array], pa.Array]

Mode = Literal["strict", "coerce", "report", "off"]
Validation = Mode | Report | None
"""What becomes of values that are not as declared. A ``Report`` collects them; None leaves them to
Arrow's cast, as the peer does."""


def check_mode(mode: str | None, *, of_rows: bool = False) -> None:
    """Refuse a mode that there is not.

    Args:
        mode: what was asked for.
        of_rows: whether rows are to be given, which a report is not.

    Raises:
        ValueError: it is neither None nor a mode.
    """
    if mode is not None and mode not in get_args(Mode):
        known = ", ".join(map(repr, get_args(Mode)))
        raise ValueError(f"validation={mode!r} is not a mode; there are {known}")
    if of_rows and mode == "report":
        raise ValueError(
            "validation='report' gives no rows but a report: load_dataset and builder.report() do, "
            "and Dataset.validate(features)"
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the first of some rows is.

    Attributes:
        file: the file as the user named it; None for data in memory.
        row: the number of the first row in it, from 0.
        line: the number of its line, from 1, for files of lines.
    """

    file: str | None = None
    row: int = 0
    line: int | None = None


class Validator:
    """Validates rows of one schema, table after table.

    Args:
        features: the schema.
        mode: what becomes of mismatches; see the module. A ``Report`` collects them.
        limit: how many mismatches a report of its own keeps.

    Attributes:
        schema: the Arrow schema of what comes out.
        report: what was found so far; of interest with ``mode="report"``.

    Raises:
        ValueError: if there is no such mode.
    """

    def __init__(
        self, features: Features, mode: Mode | Report = "strict", *, limit: int = 1000
    ) -> None:
        self.features = features
        self.schema = features.storage_schema
        self.report = mode if isinstance(mode, Report) else Report(limit)
        self.mode: Mode = "report" if isinstance(mode, Report) else mode
        check_mode(self.mode)
        self._compared: tuple[str | None, list[str]] | None = None

    def check(self, table: pa.Table | pa.RecordBatch, place: Place | None = None) -> pa.Table:
        """A table as the features store it.

        Args:
            table: columns of any types.
            place: where its first row is.

        Raises:
            SchemaError: for the first mismatch, unless the mode is ``report``.
        """
        self.compare(table.schema, place or Place())
        return self.convert(table, place)

    def compare(self, schema: pa.Schema, place: Place) -> None:
        """Refuse or note columns that are not declared, and declared ones that are not there.

        That is said once for all tables of a file that follow each other.

        Raises:
            SchemaError: for the first of them, unless the mode is ``report`` or ``off``.
        """
        if self.mode == "off" or self._compared == (place.file, schema.names):
            return
        self._compared = (place.file, schema.names)
        for field in schema:
            if field.name not in self.features:
                self._note(
                    SchemaError(
                        file=place.file,
                        pointer=f"/{pointer_part(field.name)}",
                        expected=_listed(self.features),
                        found=f"the column {field.name!r} ({field.type})",
                        hint=f"add {field.name!r} to features=; validation='off' leaves it out",
                    )
                )
        if self.mode == "coerce":
            return
        given = set(schema.names)
        for name, feature in self.features.items():
            if name not in given:
                self._note(
                    SchemaError(
                        file=place.file,
                        pointer=f"/{pointer_part(name)}",
                        expected=f"a column {name!r} ({feature})",
                        found=f"the columns {_listed(schema.names)}",
                        hint=f"take {name!r} out of features=; validation='coerce' makes it None",
                    )
                )

    def convert(
        self,
        table: pa.Table | pa.RecordBatch,
        place: Place | None = None,
        *,
        read: Read | None = None,
    ) -> pa.Table:
        """As :meth:`check`, of the declared columns alone; those that the table lacks are null.

        Args:
            table: columns of any types; those that are not declared are left out.
            place: where its first row is.
            read: makes the array of a column, by its name, from what is written (CSV's texts),
                with a ``ValueError`` or ``TypeError`` where it can't. Arrow's cast by default.

        Raises:
            SchemaError: for the first mismatch, unless the mode is ``report``.
        """
        given = set(table.schema.names)
        if isinstance(table, pa.RecordBatch):
            table = pa.Table.from_batches([table])
        if self.mode == "off":
            known = [name for name in self.features if name in given]
            return cast_table(table.select(known), self.features, fill_missing=True)
        place = place or Place()
        self.report.rows += table.num_rows
        columns = [
            self._column(name, feature, table.column(name), place, read)
            if name in given
            else pa.nulls(table.num_rows, self.schema.field(name).type)
            for name, feature in self.features.items()
        ]
        if not columns:
            return empty_columns(table.num_rows, self.schema)
        return pa.Table.from_arrays(columns, schema=self.schema)

    def check_rows(
        self,
        rows: Sequence[dict[str, Any]],
        place: Place | None = None,
        *,
        lines: Sequence[int] | None = None,
        build: Callable[[Sequence[dict[str, Any]], Features], pa.Table] = build_table,
    ) -> pa.Table:
        """Parsed rows as the features store them.

        Args:
            rows: the rows; keys that they lack become null.
            place: where the first row is.
            lines: the number of each row's line, from 1, where rows come from lines.
            build: makes the table of rows that fit.

        Raises:
            SchemaError: for the first mismatch, unless the mode is ``report``.
        """
        place = place or Place()
        if self.mode == "off":
            return self._built(rows, place, lines, build)
        self.report.rows += len(rows)
        known = self.features.keys()
        if all(row.keys() <= known for row in rows) and all(
            conforms(feature, [row.get(name) for row in rows])
            for name, feature in self.features.items()
        ):
            return build(rows, self.features)
        checked = [
            self._row(row, place, number, None if lines is None else lines[number])
            for number, row in enumerate(rows)
        ]
        return build_table(checked, self.features)

    def _built(
        self,
        rows: Sequence[dict[str, Any]],
        place: Place,
        lines: Sequence[int] | None,
        build: Callable[[Sequence[dict[str, Any]], Features], pa.Table],
    ) -> pa.Table:
        """The rows unchecked; the first one that Arrow can't store is named."""
        try:
            return build(rows, self.features)
        except NOT_BUILT:
            for number, row in enumerate(rows):
                try:
                    build_table([row], self.features)
                except NOT_BUILT as error:
                    raise SchemaError(
                        file=place.file,
                        row=place.row + number,
                        line=None if lines is None else lines[number],
                        expected=f"a row of the types {self.features}",
                        found=str(error),
                        snippet=snippet(shown(row)),
                        hint="validation='coerce' converts what loses nothing",
                    ) from error
            raise

    def _row(
        self, row: dict[str, Any], place: Place, number: int, line: int | None
    ) -> dict[str, Any]:
        return self._checker(place, number, line).row(self.features, row)

    def _checker(
        self, place: Place, number: int, line: int | None = None, *, texts: bool = True
    ) -> Checker:
        """What checks the values of one row, and notes what it finds with the place."""

        def emit(pointer: str, expected: str, found: str, value: Any, hint: str) -> None:
            self._note(
                SchemaError(
                    file=place.file,
                    row=place.row + number,
                    line=line,
                    pointer=pointer,
                    expected=expected,
                    found=found,
                    snippet=snippet(shown(value)),
                    hint=hint,
                )
            )

        return Checker(emit, convert=self.mode == "coerce", texts=texts)

    def _note(self, mismatch: SchemaError) -> None:
        self.report.add(mismatch)
        if self.mode != "report":
            raise mismatch

    def _column(
        self,
        name: str,
        feature: Any,
        column: pa.ChunkedArray,
        place: Place,
        read: Read | None,
    ) -> Any:
        target = self.schema.field(name).type
        if read is not None:
            search = _Search(name, feature, target, True, lambda array: read(name, array))
        else:
            kin = self.mode == "coerce" or is_kin(column.type, feature)
            if kin and not may_lose(column.type, target):
                try:
                    return cast_column(column, feature, target)
                except NOT_BUILT:
                    pass  # found again below, with its place
            search = _Search(name, feature, target, kin, lambda a: _kept(a, feature, target))
        pieces: list[pa.Array] = []
        row = 0
        for chunk in column.chunks:
            pieces.extend(self._pieces(search, chunk, place, row))
            row += len(chunk)
        return pa.chunked_array(pieces, target)

    def _pieces(self, search: _Search, array: pa.Array, place: Place, row: int) -> list[pa.Array]:
        """The array cast where it can be, halved again and again around the rows that can't."""
        if len(array) == 0:
            return []
        if array.null_count == len(array):
            return [pa.nulls(len(array), search.target)]
        if search.kin:
            try:
                return [search.cast(array)]
            except NOT_BUILT:
                pass  # smaller pieces will do, or show which row it is
        elif self.report.full and not pa.types.is_nested(array.type):
            # none of these values fits, and there is no room to say so one by one
            self.report.total += len(array) - array.null_count
            return [pa.nulls(len(array), search.target)]
        if len(array) > 1:
            middle = len(array) // 2
            left = self._pieces(search, array.slice(0, middle), place, row)
            return left + self._pieces(search, array.slice(middle), place, row + middle)
        pointer = f"/{pointer_part(search.name)}"
        line = None if place.line is None else place.line + row
        checker = self._checker(place, row, line, texts=False)  # what is text here is typed so
        value = checker.value(search.feature, array[0].as_py(), pointer)
        return [build_array(search.feature, [value])]


def _kept(array: pa.Array, feature: Any, target: pa.DataType) -> pa.Array:
    """The array cast, unless a part of a value would be lost."""
    made = cast_column(array, feature, target)
    if loses(array, made):
        raise ValueError(f"{array.type} loses parts of values as {target}")
    return made


def _listed(names: Iterable[str]) -> str:
    """Names for a message, not all of thousands."""
    shown = [repr(name) for name, _ in zip(names, range(20), strict=False)]
    return ", ".join(shown) + (", ..." if len(shown) == 20 else "")


@dataclass(frozen=True, slots=True)
class _Search:
    """A column of which some values don't fit: what they should be, and whether a cast may do."""

    name: str
    feature: Any
    target: pa.DataType
    kin: bool
    cast: Callable[[pa.Array], pa.Array]


def validate(
    tables: Iterable[tuple[pa.Table | pa.RecordBatch, Place]],
    features: Features,
    mode: Mode = "report",
    *,
    limit: int = 1000,
) -> Report:
    """Validate tables one after the other and keep none of them.

    Args:
        tables: each with the place of its first row.
        features: the schema.
        mode: what becomes of mismatches; see the module.
        limit: how many mismatches the report keeps.

    Raises:
        SchemaError: for the first mismatch, unless the mode is ``report``.
    """
    validator = Validator(features, mode, limit=limit)
    for table, place in tables:
        validator.check(table, place)
    return validator.report
