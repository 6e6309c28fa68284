"""CSV files as tables of text: the names of the columns, and the fields, nothing converted."""

from __future__ import annotations

import csv
import io
import re
import sys
import warnings
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.csv

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats.opening import open_plain, open_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.formats.csv_options import CsvOptions

_ROWS = 10_000
_END = "\x05\x06\x05"
"""A row behind the last one: where it does not come out, an open quote has taken it in."""
_BLOCK = 4 << 20


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the rows of a CSV file begin, and what the columns are called.

    Attributes:
        names: of all columns, each once.
        skip: lines before the first row.
        lone_returns: whether one of the lines seen ends in a carriage return and nothing else.
    """

    names: tuple[str, ...]
    skip: int
    lone_returns: bool


def read_layout(file: DataFile, options: CsvOptions) -> Layout:
    """The names in the file's header, or those given instead.

    Raises:
        SchemaError: the file is empty, so that it has no columns.
    """
    with _text(file, options) as stream:
        lines = _Lines(stream, options)
        rows = _located(_rows(lines, options), lines, file, options)
        header = options.header_line
        if header is None:
            first = next(rows, None)
            if first is None and options.names is None:
                raise _empty(file)
            count = len(first or ())
            names = options.names or tuple(map(str, range(count)))
            return Layout(_distinct(names), _before(options), lines.lone_returns)
        found = next(islice(rows, header, None), None)
        if found is None:
            raise _empty(file)
        names = options.names or tuple(found)
        return Layout(_distinct(names), lines.taken, lines.lone_returns)


def text_tables(file: DataFile, options: CsvOptions, layout: Layout) -> Iterator[pa.Table]:
    """The fields of all columns as text, some rows at a time; null where a row is too short.

    Raises:
        SchemaError: a row has too many fields, or a quote is not closed; it says where.
    """
    done = 0
    if options.is_simple and not layout.lone_returns:
        try:
            for table in _fast(file, options, layout):
                yield table
                done += table.num_rows
        except pa.ArrowInvalid:
            pass  # a row of another length, or broken quoting: the other reader knows where
        else:
            return
    for table in _slow(file, options, layout):
        if done >= table.num_rows:
            done -= table.num_rows
            continue
        yield table.slice(done)
        done = 0


def _fast(file: DataFile, options: CsvOptions, layout: Layout) -> Iterator[pa.Table]:
    encoding = None if options.encoding_errors == "strict" else options.encoding_errors
    stream = open_utf8(file, options.encoding, encoding)
    with stream:
        # An empty file after the header is no CSV to pyarrow.
        for _ in range(layout.skip):
            stream.readline()
        if not (head := stream.read(1)):
            return
        last = options.sep.join([_END] * len(layout.names))
        rest = _Framed(head, stream, last.encode())
        reader = pyarrow.csv.open_csv(
            pa.PythonFile(rest, "r"),
            read_options=pyarrow.csv.ReadOptions(
                column_names=[str(n) for n in range(len(layout.names))], block_size=_BLOCK
            ),
            parse_options=pyarrow.csv.ParseOptions(
                delimiter=options.sep,
                quote_char=options.quotechar,
                escape_char=options.escapechar or False,
                newlines_in_values=True,
            ),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types={str(n): pa.string() for n in range(len(layout.names))},
                strings_can_be_null=False,
            ),
        )
        left = options.nrows
        for table in _before_end(reader):
            named = table.rename_columns(list(layout.names))
            yield named if left is None else named.slice(0, left)
            if left is not None:
                left -= table.num_rows
                if left <= 0:
                    return


def _before_end(reader: Any) -> Iterator[pa.Table]:
    """The tables of a reader without the row that was put behind the last one.

    Raises:
        pyarrow.ArrowInvalid: that row is not there: a quote that is not closed has taken it in.
    """
    held = None
    for batch in reader:
        if held is not None:
            yield held
        held = pa.Table.from_batches([batch])
    if held is None or not held.num_rows or held.column(0)[-1].as_py() != _END:
        raise pa.ArrowInvalid("a quote is not closed")
    yield held.slice(0, held.num_rows - 1)


def _slow(file: DataFile, options: CsvOptions, layout: Layout) -> Iterator[pa.Table]:
    width = len(layout.names)
    with _text(file, options) as stream:
        lines = _Lines(stream, options)
        rows = _located(_rows(lines, options), lines, file, options)
        if options.header_line is not None:
            next(islice(rows, options.header_line, None), None)
        fitted = _fitted(rows, width, lines, file, options)
        if options.skipfooter:
            fitted = iter(list(fitted)[: -options.skipfooter])
        if options.nrows is not None:
            fitted = islice(fitted, options.nrows)
        while batch := list(islice(fitted, _ROWS)):
            columns = [pa.array(column, pa.string()) for column in zip(*batch, strict=True)]
            yield pa.Table.from_arrays(columns, names=list(layout.names))


def _fitted(
    rows: Iterator[list[str]], width: int, lines: _Lines, file: DataFile, options: CsvOptions
) -> Iterator[list[Any]]:
    """Rows of ``width`` fields: short ones are filled up, long ones are an error or left out."""
    for row in rows:
        if len(row) < width:
            yield row + [None] * (width - len(row))
        elif len(row) == width or (len(row) == width + 1 and not row[-1]):
            yield row[:width]  # a separator at the end of the line adds no column
        elif options.on_bad_lines == "error":
            raise _bad_row(file, lines.taken, width, row, options)
        elif options.on_bad_lines == "warn":
            warnings.warn(str(_bad_row(file, lines.taken, width, row, options)), stacklevel=2)


def _located(
    rows: Iterator[list[str]], lines: _Lines, file: DataFile, options: CsvOptions
) -> Iterator[list[str]]:
    """The rows; what is wrong with the text is said with its place."""
    begin = lines.taken + 1
    try:
        for row in rows:
            if row == [_END]:
                return
            if row and row[-1].endswith(_END):
                break
            yield row
            begin = lines.taken + 1
    except csv.Error as error:
        raise SchemaError(
            file=file.name,
            line=lines.taken,
            expected="CSV",
            found=str(error),
            hint="name the quoting with quotechar=, quoting= and escapechar=",
        ) from error
    except UnicodeDecodeError as error:
        raise SchemaError(
            file=file.name,
            line=lines.taken + 1,
            expected=f"text in {options.encoding or 'utf-8'}",
            found=f"the byte 0x{error.object[error.start]:02x} ({error.reason})",
            hint="name the encoding with encoding=..., or pass encoding_errors='replace'",
        ) from error
    raise SchemaError(
        file=file.name,
        line=begin,
        expected=f"another {options.quotechar} at the end of the field",
        found="the end of the file",
        hint="close the quote, or pass quoting=3 if quotes mean nothing",
    )


def _rows(lines: _Lines, options: CsvOptions) -> Iterator[list[str]]:
    rows: Iterator[list[str]]
    if len(options.sep) > 1:
        split = re.compile(options.sep).split
        ends = None if options.sep == r"\s+" else "\r\n"
        rows = (split(line.strip(ends)) for line in lines)
    else:
        csv.field_size_limit(sys.maxsize)
        rows = csv.reader(
            lines,
            delimiter=options.sep,
            quotechar=options.quotechar,
            quoting=options.quoting,  # type: ignore[arg-type] # a number is what it is
            escapechar=options.escapechar,
            doublequote=options.doublequote,
            skipinitialspace=options.skipinitialspace,
        )
    return (row for row in rows if row or not options.skip_blank_lines)


class _Lines:
    """The lines that are not left out, one more that is the end, and how many have been taken."""

    def __init__(self, stream: io.TextIOWrapper, options: CsvOptions) -> None:
        self.taken = 0
        self.lone_returns = False
        self._stream = stream
        self._options = options
        self._quoted = False
        marks = [
            options.comment or "",
            "" if options.quoting == csv.QUOTE_NONE else options.quotechar,
        ]
        self._marks = re.compile("|".join(re.escape(mark) for mark in marks if mark))

    def __iter__(self) -> Iterator[str]:
        skip = self._options.skiprows
        for number, line in enumerate(self._stream):
            self.taken = number + 1
            self.lone_returns = self.lone_returns or line.endswith("\r")
            if number < skip if isinstance(skip, int) else number in skip:
                continue
            kept = line if self._options.comment is None else self._without_comment(line)
            if kept:
                yield kept
        yield _END

    def _without_comment(self, line: str) -> str:
        """The line up to a comment; in quotes there is none, and they begin where a field does."""
        begins = ("", self._options.sep[-1], self._options.quotechar)
        for mark in self._marks.finditer(line):
            at = mark.start()
            if mark[0] == self._options.comment:
                if not self._quoted:
                    return f"{line[:at]}\n" if at else ""
            elif self._quoted or line[max(at - 1, 0) : at] in begins:
                self._quoted = not self._quoted
        return line


class _Framed(io.RawIOBase):
    """A stream with its first bytes put back, and a line more at the end."""

    def __init__(self, head: bytes, rest: Any, last: bytes) -> None:
        self._head = head
        self._rest = rest
        self._last = last
        self._end = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        head, self._head = self._head, b""
        rest: bytes = self._rest.read(size if size < 0 else max(size - len(head), 0))
        if found := head + rest:
            self._end = found[-1:]
            return found
        last, self._last = self._last, b""
        return b"\n" + last if last and self._end not in b"\r\n" else last


def _text(file: DataFile, options: CsvOptions) -> io.TextIOWrapper:
    encoding = options.encoding or "utf-8"
    if encoding.lower() in ("utf-8", "utf8"):
        encoding = "utf-8-sig"  # a byte order mark is no part of the first name
    return io.TextIOWrapper(
        open_plain(file), encoding=encoding, errors=options.encoding_errors, newline=""
    )


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """The names, as pandas makes them distinct: ``a``, ``a.1``, and ``Unnamed: 3`` for none."""
    found: dict[str, None] = {}
    for number, given in enumerate(names):
        name = given or f"Unnamed: {number}"
        base, copies = name, 0
        while name in found:
            copies += 1
            name = f"{base}.{copies}"
        found[name] = None
    return tuple(found)


def _before(options: CsvOptions) -> int:
    return options.skiprows if isinstance(options.skiprows, int) else 0


def _empty(file: DataFile) -> SchemaError:
    return SchemaError(
        file=file.name,
        line=1,
        expected="a line with the names of the columns",
        found="nothing",
        hint="remove the empty file, or name the columns with column_names=",
    )


def _bad_row(
    file: DataFile, line: int, width: int, row: list[str], options: CsvOptions
) -> SchemaError:
    return SchemaError(
        file=file.name,
        line=line,
        expected=f"{width} fields",
        found=f"{len(row)}",
        snippet=options.sep.join(row)[:120],
        hint="quote fields that hold the separator, or pass on_bad_lines='skip'",
    )
