"""Data beside a schema: every value that does not fit is located, none is dropped in silence.

Whole tables are compared by type and by vectorised casts; only where those fail are rows looked at
one by one. Modes:

- ``strict``: the first mismatch is raised as a ``SchemaError``;
- ``coerce``: scalars are converted where that loses nothing (``5`` to ``"5"``, ``"0.5"`` to
  ``0.5``); the first that can't be is raised;
- ``report``: mismatches are collected, the values are null;
- ``off``: nothing is looked at; pyarrow casts, and refuses, as it pleases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

import pyarrow as pa

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema.cast import cast_column, cast_table
from crucible_datasets.schema.check import Checker, conforms, shown
from crucible_datasets.schema.columns import build_array, build_table, empty_columns
from crucible_datasets.schema.json_lines import pointer_part, snippet
from crucible_datasets.schema.kinship import is_kin
from crucible_datasets.schema.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from crucible_datasets.schema.features import Features

Mode = Literal["strict", "coerce", "report", "off"]


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
        mode: what becomes of mismatches; see the module.
        limit: how many mismatches the report keeps.

    Attributes:
        schema: the Arrow schema of what comes out.
        report: what was found so far; of interest with ``mode="report"``.

    Raises:
        ValueError: if there is no such mode.
    """

    def __init__(self, features: Features, mode: Mode = "strict", *, limit: int = 1000) -> None:
        if mode not in get_args(Mode):
            known = ", ".join(map(repr, get_args(Mode)))
            raise ValueError(f"validation={mode!r} is not a mode; there are {known}")
        self.features = features
        self.schema = features.storage_schema
        self.mode = mode
        self.report = Report(limit)

    def check(self, table: pa.Table | pa.RecordBatch, place: Place | None = None) -> pa.Table:
        """A table as the features store it.

        Args:
            table: columns of any types; those that it lacks become null.
            place: where its first row is.

        Raises:
            SchemaError: for the first mismatch, unless the mode is ``report``.
        """
        if isinstance(table, pa.RecordBatch):
            table = pa.Table.from_batches([table])
        if self.mode == "off":
            return cast_table(table, self.features, fill_missing=True)
        place = place or Place()
        self.report.rows += table.num_rows
        self._refuse_unknown(table, place)
        given = set(table.column_names)
        columns = [
            self._column(name, feature, table.column(name), place)
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
        if self.mode == "off":
            return build(rows, self.features)
        place = place or Place()
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

    def _row(
        self, row: dict[str, Any], place: Place, number: int, line: int | None
    ) -> dict[str, Any]:
        return self._checker(place, number, line).row(self.features, row)

    def _checker(self, place: Place, number: int, line: int | None = None) -> Checker:
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

        return Checker(emit, convert=self.mode == "coerce")

    def _note(self, mismatch: SchemaError) -> None:
        self.report.add(mismatch)
        if self.mode != "report":
            raise mismatch

    def _refuse_unknown(self, table: pa.Table, place: Place) -> None:
        for name in table.column_names:
            if name not in self.features:
                self._note(
                    SchemaError(
                        file=place.file,
                        pointer=f"/{pointer_part(name)}",
                        expected=", ".join(map(repr, self.features)),
                        found=f"the column {name!r} ({table.schema.field(name).type})",
                        hint=f"add {name!r} to features=, or leave it out with columns=",
                    )
                )

    def _column(self, name: str, feature: Any, column: pa.ChunkedArray, place: Place) -> Any:
        target = self.schema.field(name).type
        kin = self.mode == "coerce" or is_kin(column.type, feature)
        if kin:
            try:
                return cast_column(column, feature, target)
            except (pa.ArrowInvalid, ValueError, TypeError):
                pass  # found again below, with its place
        search = _Search(name, feature, target, kin)
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
                return [cast_column(array, search.feature, search.target)]
            except (pa.ArrowInvalid, ValueError, TypeError):
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
        value = self._checker(place, row).value(search.feature, array[0].as_py(), pointer)
        return [build_array(search.feature, [value])]


@dataclass(frozen=True, slots=True)
class _Search:
    """A column of which some values don't fit: what they should be, and whether a cast may do."""

    name: str
    feature: Any
    target: pa.DataType
    kin: bool


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
