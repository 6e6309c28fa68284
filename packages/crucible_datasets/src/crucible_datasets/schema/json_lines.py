"""Lines of JSON, parsed strictly, and what is wrong with them."""

from __future__ import annotations

import json
import math
import re
import struct
from typing import TYPE_CHECKING, Any, NoReturn

import orjson
import pyarrow as pa

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema.json_types import count_keys
from crucible_datasets.schema.json_value import has_big_integer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# a string followed by a colon is a key, wherever it is
_LOOSE_KEY = re.compile(rb'"\s+:')
_SNIPPET = 120


def parse(chunk: bytes, *, file: str | None = None, first_line: int = 1) -> list[dict[str, Any]]:
    """The objects of whole lines of JSON; blank lines are passed over, ``null`` is ``{}``.

    Integers of any size, NaN and infinities are kept. Keys that are there twice are not noticed.

    Raises:
        SchemaError: if a line is not one JSON object.
    """
    rows = parse_quickly(chunk)
    if rows is not None:
        return rows
    return [row for _, row in parse_each(chunk, file=file, first_line=first_line)]


def parse_quickly(chunk: bytes) -> list[dict[str, Any]] | None:
    """The objects of whole lines of JSON by orjson alone; None if it can't, or loses digits."""
    try:
        rows = [orjson.loads(line) for line in chunk.split(b"\n") if not is_blank(line)]
    except orjson.JSONDecodeError:
        return None
    if set(map(type, rows)) - {dict} or has_big_integer(chunk):
        return None
    return rows


def line_numbers(chunk: bytes, first_line: int = 1) -> Sequence[int]:
    """The number of the line of each row that :func:`parse` gives."""
    lines = chunk.split(b"\n")
    while lines and (not lines[-1] or lines[-1].isspace()):
        lines.pop()
    full = [number for number, line in enumerate(lines, first_line) if not is_blank(line)]
    return range(first_line, first_line + len(lines)) if len(full) == len(lines) else full


def is_blank(line: bytes) -> bool:
    """Whether there is nothing on a line."""
    return not line or line.isspace()


def parse_each(
    chunk: bytes, *, file: str | None = None, first_line: int = 1
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The number and the object of each line that is not blank; see :func:`parse`."""
    for number, line in enumerate(chunk.split(b"\n"), first_line):
        if not is_blank(line):
            yield number, parse_line(line, file=file, number=number)


def parse_line(
    line: bytes, *, file: str | None = None, number: int | None = None
) -> dict[str, Any]:
    """The object of one line; see :func:`parse`."""
    try:
        value = orjson.loads(line)
        if has_big_integer(line):
            value = json.loads(line, parse_float=_finite)
    except orjson.JSONDecodeError as error:
        value = _parse_slowly(line, error, file, number)
    if value is None:
        return {}
    if type(value) is not dict:
        raise SchemaError(
            file=file,
            line=number,
            expected="a JSON object on each line",
            found=kind_of(value),
            snippet=snippet(line),
            hint=_NOT_LINES,
        )
    return value


_NOT_LINES = (
    "if the file is one JSON document, not lines, name the list in it with field=...; "
    "plain text is read by load_dataset('text', ...)"
)


def _parse_slowly(line: bytes, why: ValueError, file: str | None, number: int | None) -> Any:
    """Python's own reader, which knows NaN, infinities and 1e400."""
    check_utf8(line, file=file, first_line=number or 1)
    try:
        value = json.loads(line, parse_float=_finite)
        orjson.dumps(value)  # a lone surrogate is no text
    except json.JSONDecodeError as error:
        _refuse(line, error.msg, error.pos, file, number)
    except OverflowError as error:
        _refuse(line, str(error), 0, file, number)
    except RecursionError:
        _refuse(line, "it is nested too deeply", 0, file, number)
    except TypeError as error:
        if "surrogate" in str(error) or "UTF-8" in str(error):
            _refuse(line, str(why), 0, file, number)
    return value


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise OverflowError(f"{text} is beyond what a float64 holds")
    return number


def _refuse(
    line: bytes, reason: str, position: int, file: str | None, number: int | None
) -> NoReturn:
    raise SchemaError(
        file=file,
        line=number,
        expected="JSON",
        found=f"an error at character {position + 1} of the line: {reason}",
        snippet=snippet(line, position),
        hint="mend or remove the line; " + _NOT_LINES,
    ) from None


def check_utf8(chunk: bytes, *, file: str | None = None, first_line: int = 1) -> None:
    """Make sure that the bytes are UTF-8.

    Raises:
        SchemaError: if they are not; it names the line.
    """
    if chunk.isascii() or _is_utf8(chunk):
        return
    try:
        chunk.decode()
    except UnicodeDecodeError as error:
        start = chunk.rfind(b"\n", 0, error.start) + 1
        line = chunk[start:].split(b"\n", 1)[0]
        raise SchemaError(
            file=file,
            line=first_line + chunk.count(b"\n", 0, error.start),
            expected="UTF-8",
            found=f"the byte 0x{chunk[error.start]:02x} at byte {error.start - start + 1} of it",
            snippet=snippet(line, error.start - start),
            hint="if the file is in another encoding, name it with encoding='latin-1' or such",
        ) from error


def _is_utf8(chunk: bytes) -> bool:
    """Faster than to decode it, and without the interpreter lock."""
    try:
        as_array(chunk, pa.large_string()).validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def as_array(chunk: bytes, kind: pa.DataType) -> pa.Array:
    """An array of one element of a large type: the chunk, which is not copied."""
    places = pa.py_buffer(struct.pack("=2q", 0, len(chunk)))
    return pa.Array.from_buffers(kind, 1, [None, places, pa.py_buffer(chunk)])


def count_key_tokens(chunk: bytes) -> int:
    """How many keys the text of some JSON has, counted in the text, not in what was parsed."""
    if b'\\\\":' in chunk:  # a key or a string that ends with a backslash: can't tell
        return -1
    return chunk.count(b'":') - chunk.count(b'\\":') + len(_LOOSE_KEY.findall(chunk))


def refuse_duplicate_keys(chunk: bytes, *, file: str | None = None, first_line: int = 1) -> None:
    """Make sure that no object of some lines has a key twice.

    Raises:
        SchemaError: if one has; it names the line and the place in it.
    """
    for number, line in enumerate(chunk.split(b"\n"), first_line):
        if is_blank(line):
            continue
        pointer = _duplicate(json.loads(line, object_pairs_hook=_Pairs), "")
        if pointer is not None:
            raise SchemaError(
                file=file,
                line=number,
                pointer=pointer,
                expected="each key once",
                found="the key twice",
                snippet=snippet(line),
                hint="one of the two values would be lost; rename or remove one",
            )


def refuse_duplicates_among(
    rows: list[dict[str, Any]], chunk: bytes, *, file: str | None = None, first_line: int = 1
) -> None:
    """As :func:`refuse_duplicate_keys`, quickly: rows that were parsed show how many keys it kept.

    Raises:
        SchemaError: if an object has a key twice.
    """
    if count_keys(rows) != count_key_tokens(chunk):
        refuse_duplicate_keys(chunk, file=file, first_line=first_line)


class _Pairs(list[Any]):
    """The keys and values of an object, each key as often as it is there."""


def _duplicate(value: Any, pointer: str) -> str | None:
    if isinstance(value, _Pairs):
        seen = set()
        for key, inner in value:
            place = f"{pointer}/{pointer_part(key)}"
            if key in seen:
                return place
            seen.add(key)
            found = _duplicate(inner, place)
            if found is not None:
                return found
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            found = _duplicate(inner, f"{pointer}/{position}")
            if found is not None:
                return found
    return None


def pointer_part(key: str | int) -> str:
    """A key as a part of a JSON pointer (RFC 6901)."""
    return str(key).replace("~", "~0").replace("/", "~1")


def kind_of(value: Any) -> str:
    """What JSON calls a parsed value, with its article."""
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    if value is None:
        return "null"
    if type(value) in (int, float):
        return "an integer" if type(value) is int else "a number"
    return names.get(type(value), f"a {type(value).__name__}")


def snippet(text: bytes | str, position: int = 0) -> str:
    """A readable piece of a text around a position."""
    if isinstance(text, bytes):
        start = max(0, position - _SNIPPET // 2)
        piece = text[start : start + _SNIPPET].decode(errors="backslashreplace")
    else:
        start = max(0, position - _SNIPPET // 2)
        piece = text[start : start + _SNIPPET]
    before = "..." if start else ""
    return f"{before}{piece.strip()}{'...' if start + _SNIPPET < len(text) else ''}"
