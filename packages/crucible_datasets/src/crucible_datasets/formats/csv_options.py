"""The parameters of CSV files, by the names that pandas has for them."""

from __future__ import annotations

import csv
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: What pandas takes for a missing value, and so the peer.
MISSING = (
    "", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN",
    "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null",
)  # fmt: skip

#: Taken for the sake of code that passes them; nothing depends on them.
WITHOUT_EFFECT = frozenset(
    {
        "chunksize", "engine", "memory_map", "float_precision", "mangle_dupe_cols", "verbose",
        "error_bad_lines", "warn_bad_lines", "date_format",
    }
)  # fmt: skip

#: In pandas, not here.
NOT_THERE = frozenset({"prefix", "dialect", "lineterminator"})


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How the text of a CSV file becomes rows, and its fields values. As pandas' ``read_csv``."""

    sep: str = ","
    header: int | str | None = "infer"
    names: tuple[str, ...] | None = None
    index_col: tuple[int | str, ...] | None = None
    usecols: tuple[int | str, ...] | Callable[[str], bool] | None = None
    converters: Mapping[int | str, Callable[[str], Any]] | None = None
    true_values: tuple[str, ...] = ()
    false_values: tuple[str, ...] = ()
    skipinitialspace: bool = False
    skiprows: int | frozenset[int] = 0
    nrows: int | None = None
    na_values: tuple[str, ...] | Mapping[str, tuple[str, ...]] = ()
    keep_default_na: bool = True
    na_filter: bool = True
    skip_blank_lines: bool = True
    thousands: str | None = None
    decimal: str = "."
    quotechar: str = '"'
    quoting: int = csv.QUOTE_MINIMAL
    escapechar: str | None = None
    comment: str | None = None
    encoding: str | None = None
    skipfooter: int = 0
    doublequote: bool = True
    encoding_errors: str = "strict"
    on_bad_lines: str = "error"

    @classmethod
    def read(cls, given: Mapping[str, Any]) -> Self:
        """The options of a call.

        Raises:
            NotImplementedError: one of them is not there.
            ValueError: one has a value that it can't have.
        """
        handed = ("validation", "prefix")  # to every format, and no parameters of CSV
        values = {n: value for n, value in given.items() if value is not None and n not in handed}
        if missing := sorted(NOT_THERE & set(values)):
            raise NotImplementedError(f"the CSV option {missing[0]!r} is not there yet")
        values = {name: value for name, value in values.items() if name not in WITHOUT_EFFECT}
        if "delimiter" in values:
            values["sep"] = values.pop("delimiter")
        if "column_names" in values:
            values["names"] = values.pop("column_names")
        if "sep" in given and given["sep"] is None and "sep" not in values:
            raise NotImplementedError(
                "finding out the separator is not there yet; name it: sep=';'"
            )
        if values.get("index_col") is False:
            del values["index_col"]
        for name in ("names", "index_col", "usecols", "true_values", "false_values"):
            if name in values and not callable(values[name]):
                values[name] = _tuple(values[name])
        if "na_values" in values:
            absent = values["na_values"]
            values["na_values"] = (
                {name: _texts(own) for name, own in absent.items()}
                if isinstance(absent, dict)
                else _texts(absent)
            )
        if values.get("quoting", 0) not in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONE):
            raise NotImplementedError("of quoting=, only 0, 1 and 3 are there yet")
        if "header" in given and given["header"] is None:
            values["header"] = None
        elif not isinstance(values.get("header", 0), int | str):
            raise NotImplementedError("a CSV header of several lines is not there yet")
        skip = values.get("skiprows", 0)
        if callable(skip):
            raise NotImplementedError("the CSV option skiprows takes no function yet")
        values["skiprows"] = skip if isinstance(skip, int) else frozenset(skip)
        if values.get("on_bad_lines", "error") not in ("error", "warn", "skip"):
            raise ValueError("on_bad_lines must be 'error', 'warn' or 'skip'")
        return cls(**values)

    def missing(self, column: str) -> list[str]:
        """The texts that stand for no value in a column."""
        if not self.na_filter:
            return []
        own = self.na_values.get(column, ()) if isinstance(self.na_values, dict) else self.na_values
        return [*(MISSING if self.keep_default_na else ()), *own]

    @property
    def header_line(self) -> int | None:
        """Which of the lines holds the names, from 0; None if none does."""
        if self.header == "infer":
            return 0 if self.names is None else None
        return self.header  # type: ignore[return-value] # a number or None by now

    @property
    def is_simple(self) -> bool:
        """Whether pyarrow's reader knows all of it."""
        return (
            (len(self.sep) == 1 and not self.sep.isspace() | (self.sep == "\t"))
            or self.sep in ("\t", " ")
        ) and not (
            self.skipinitialspace
            or self.comment
            or self.skipfooter
            or self.quoting != csv.QUOTE_MINIMAL
            or not isinstance(self.skiprows, int)
            or not self.skip_blank_lines
            or self.on_bad_lines != "error"
            or not self.doublequote
        )

    def key(self) -> str:
        """All options that are not at their default, as text."""
        default = type(self)()
        return ",".join(
            f"{field.name}={getattr(self, field.name)!r}"
            for field in fields(self)
            if getattr(self, field.name) != getattr(default, field.name)
        )


OPTION_NAMES = tuple(
    sorted(
        {field.name for field in fields(CsvOptions)}
        | WITHOUT_EFFECT
        | NOT_THERE
        | {"delimiter", "column_names"}
    )
)


def _tuple(value: Any) -> tuple[Any, ...]:
    return (value,) if isinstance(value, str | int | float) else tuple(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, _tuple(value)))
