"""Columns of text from CSV files as values: which type holds them all, and how they become it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from crucible_datasets.schema import Value
from crucible_datasets.schema.cast import cast_column

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.formats.csv_options import CsvOptions

#: Integers up to here are exact as float64.
_EXACT = 2**53
_TOO_LONG = r"^[+-]?[0-9]{19,}$"
_WHOLE = r"^[+-]?[0-9]+$"
_PLUS = r"^\+([0-9.])"


class ColumnType:
    """What was seen in one column; types only widen."""

    def __init__(self) -> None:
        self.kind: str | None = None
        self.has_missing = False
        self.largest = 0

    def see(self, values: pa.Array, options: CsvOptions) -> None:
        """Take note of texts, null where a value is missing."""
        self.has_missing = self.has_missing or values.null_count > 0
        given = values.drop_null()
        if len(given) == 0 or self.kind == "string":
            return
        for kind in ("int64", "uint64", "float64", "bool"):
            if self.kind == "bool" and kind != "bool":
                continue
            try:
                read = numbers(given, kind, options) if kind != "bool" else flags(given, options)
            except (pa.ArrowInvalid, ValueError):
                continue
            self._widen(kind)
            if kind in ("int64", "uint64"):
                ends = pc.min_max(read).as_py()
                self.largest = max(self.largest, abs(ends["min"]), abs(ends["max"]))
            return
        self.kind = "string"

    def _widen(self, kind: str) -> None:
        if self.kind in (None, kind):
            self.kind = kind
        elif "bool" in (self.kind, kind):
            self.kind = "string"
        elif {self.kind, kind} == {"int64", "uint64"} and self.kind == "uint64":
            pass  # what was read as int64 may be negative; reading it as uint64 decides
        else:
            self.kind = "float64" if "float64" in (self.kind, kind) else "uint64"

    def feature(self, rows: int) -> Any:
        """The feature for the column.

        Args:
            rows: how many rows the files have.
        """
        if self.kind is None:
            return Value("float64" if rows else "null")
        if self.kind == "int64" and self.has_missing and self.largest <= _EXACT:
            # pandas has no missing integers; so does the peer not.
            return Value("float64")
        return Value(self.kind)


def missing_as_null(values: pa.ChunkedArray, missing: Sequence[str]) -> pa.Array:
    """The texts with null in place of those that stand for no value."""
    column = values.combine_chunks()
    if isinstance(column, pa.ChunkedArray):
        column = pa.concat_arrays(column.chunks)
    if not missing:
        return column
    absent = pc.is_in(column, value_set=pa.array(missing, column.type))
    return pc.if_else(absent, pa.scalar(None, column.type), column)


def typed(
    values: pa.Array,
    feature: Any,
    stored: pa.DataType,
    options: CsvOptions,
    *,
    exact: bool = False,
) -> pa.Array:
    """Texts as a column in a feature's storage type.

    Args:
        values: the texts.
        feature: what they should be.
        stored: its storage type.
        options: how numbers and truths are spelt.
        exact: whether ``1.0`` is no integer.

    Raises:
        ValueError: a text is none of that type.
    """
    if pa.types.is_string(stored):
        return values.cast(stored)
    if pa.types.is_boolean(stored):
        return flags(values, options)
    if isinstance(feature, Value) and (pa.types.is_integer(stored) or pa.types.is_floating(stored)):
        try:
            return numbers(values, str(stored), options)
        except pa.ArrowInvalid:
            if exact or pa.types.is_floating(stored):
                raise
            return numbers(values, "float64", options).cast(stored)  # "1.0" is an integer
    if pa.types.is_null(stored):
        return values.cast(stored)
    return cast_column(values, feature, stored)


def numbers(values: pa.Array, kind: str, options: CsvOptions) -> pa.Array:
    """Texts as numbers.

    Raises:
        pyarrow.ArrowInvalid: one is none.
    """
    target = pa.type_for_alias("double" if kind == "float64" else kind)
    if options.thousands:
        values = pc.replace_substring(values, options.thousands, "")
    if options.decimal != ".":
        if pc.any(pc.match_substring(values, ".")).as_py():
            raise pa.ArrowInvalid("a point, where another character stands before decimals")
        values = pc.replace_substring(values, options.decimal, ".")
    try:
        read = values.cast(target)
    except pa.ArrowInvalid:
        # Only now: the usual text has no space and no plus around it.
        trimmed = pc.replace_substring_regex(pc.utf8_trim_whitespace(values), _PLUS, r"\1")
        read = trimmed.cast(target)
    if (
        kind == "float64"
        and _matches(pc.any, values, _TOO_LONG)
        and _matches(pc.all, values, _WHOLE)
    ):
        raise pa.ArrowInvalid("integers that a float would change")
    if pc.any(pc.match_substring(values, "x", ignore_case=True)).as_py():
        raise pa.ArrowInvalid("hexadecimal digits, which Arrow takes and pandas does not")
    return read


def _matches(how: Any, values: pa.Array, pattern: str) -> bool:
    return bool(how(pc.match_substring_regex(values, pattern)).as_py())


def flags(values: pa.Array, options: CsvOptions) -> pa.Array:
    """Texts as booleans.

    Raises:
        pyarrow.ArrowInvalid: one is none.
    """
    lowered = pc.ascii_lower(values)
    yes = pc.equal(lowered, "true")
    no = pc.equal(lowered, "false")
    if options.true_values:
        yes = pc.or_(yes, pc.is_in(values, value_set=pa.array(options.true_values, values.type)))
    if options.false_values:
        no = pc.or_(no, pc.is_in(values, value_set=pa.array(options.false_values, values.type)))
    if not pc.all(pc.or_(yes, no)).as_py() and len(values.drop_null()):
        raise pa.ArrowInvalid("a text that is neither true nor false")
    return pc.if_else(pc.is_null(values), pa.scalar(None, pa.bool_()), yes)
