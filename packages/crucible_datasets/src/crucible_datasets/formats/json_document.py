"""JSON files that are one document, as lines: a list, or a list inside an object."""

from __future__ import annotations

import io
import json
import re
from typing import TYPE_CHECKING, Any

import orjson

from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import json_lines
from crucible_datasets.schema.json_value import dumps

if TYPE_CHECKING:
    from collections.abc import Iterator

_BIG_INTEGER = re.compile(rb"\d{19}")
_SPACE = re.compile(r"[ \t\r\n]*")


def is_document(head: bytes) -> bool:
    """Whether a file that begins with ``head`` is a list rather than lines of objects."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"["


def spans_lines(head: bytes) -> bool:
    """Whether the first object of a file that begins with ``head`` goes on in its next line."""
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    line, end, _ = text.partition(b"\n")
    if not end or not line.startswith(b"{"):
        return False
    try:
        json.loads(line)
    except json.JSONDecodeError as error:
        return error.pos >= len(error.doc.rstrip())
    except (UnicodeDecodeError, RecursionError):
        return False
    return False


class LineStream(io.BufferedIOBase):
    """Lines that are made one by one, read as a file."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines = lines

    def read(self, size: int | None = -1, /) -> bytes:
        """Whole lines of about ``size`` bytes together, or all."""
        parts: list[bytes] = []
        length = 0
        for line in self._lines:
            parts.append(line)
            length += len(line) + 1
            if size is not None and 0 <= size <= length:
                break
        return b"".join(part + b"\n" for part in parts)


def document_lines(text: bytes, *, file: str, field: str | None) -> Iterator[bytes]:
    """The rows of a document, each as one line of JSON.

    Args:
        text: the whole file.
        file: its name, for errors.
        field: the key of the object's member that holds the rows.

    Raises:
        SchemaError: the text is not JSON, or holds no rows.
    """
    text = text.removeprefix(b"\xef\xbb\xbf")
    for row in _rows(_member(_load(text, file), field, file), file):
        yield dumps(row).encode()


def objects(text: bytes, *, file: str) -> Iterator[bytes]:
    """The objects of a text that stand one after the other over several lines, each as one line.

    Raises:
        SchemaError: the text is not JSON.
    """
    decoded = text.removeprefix(b"\xef\xbb\xbf").decode()
    decoder = json.JSONDecoder()
    number = 0
    at = _SPACE.match(decoded).end()  # type: ignore[union-attr] # it matches nothing, too
    while at < len(decoded):
        try:
            value, end = decoder.raw_decode(decoded, at)
        except json.JSONDecodeError as error:
            raise _refusal(error, text, file) from error
        except RecursionError:
            raise _too_deep(file) from None
        yield dumps(_row(value, number, file)).encode()
        number += 1
        at = _SPACE.match(decoded, end).end()  # type: ignore[union-attr] # see above


def _load(text: bytes, file: str) -> Any:
    json_lines.check_utf8(text, file=file)
    if not _BIG_INTEGER.search(text):
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError:
            pass  # Python's reader knows NaN, and says better what is wrong
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _refusal(error, text, file) from error
    except RecursionError:
        raise _too_deep(file) from None


def _too_deep(file: str) -> SchemaError:
    return SchemaError(file=file, expected="JSON", found="values that are nested too deeply")


def _member(document: Any, field: str | None, file: str) -> Any:
    if field is None:
        return document
    if isinstance(document, dict) and field in document:
        return document[field]
    found = list(document) if isinstance(document, dict) else json_lines.kind_of(document)
    raise SchemaError(
        file=file,
        expected=f"an object with the key {field!r}",
        found=str(found),
        hint="name the key that holds the rows with field=...",
    )


def _rows(document: Any, file: str) -> Iterator[dict[str, Any]]:
    if isinstance(document, list):
        for number, item in enumerate(document):
            yield _row(item, number, file)
    elif isinstance(document, dict):
        yield from _columns(document, file)
    else:
        raise SchemaError(
            file=file,
            expected="a list of rows",
            found=json_lines.kind_of(document),
            hint="name the key that holds the rows with field=...",
        )


def _row(item: Any, number: int, file: str) -> dict[str, Any]:
    if isinstance(item, dict):
        return item
    if isinstance(item, str):
        return {"text": item}
    raise SchemaError(
        file=file,
        row=number,
        expected="an object or a text in each place of the list",
        found=json_lines.kind_of(item),
        snippet=json_lines.snippet(dumps(item)),
        hint="only lists of objects and lists of texts are tables",
    )


def _columns(document: dict[str, Any], file: str) -> Iterator[dict[str, Any]]:
    """The rows of ``{column: [values]}`` or ``{column: {index: value}}``."""
    values = list(document.values())
    if values and all(isinstance(value, list) for value in values):
        lengths = {len(value) for value in values}
        if len(lengths) == 1:
            for row in zip(*values, strict=True):
                yield dict(zip(document, row, strict=True))
            return
    elif values and all(isinstance(value, dict) for value in values):
        for index in dict.fromkeys(key for value in values for key in value):
            yield {name: value.get(index) for name, value in document.items()}
        return
    raise SchemaError(
        file=file,
        expected="a list of rows, or columns of equal length",
        found=f"an object with the keys {list(document)[:20]}",
        hint="name the key that holds the rows with field=...",
    )


def _refusal(error: json.JSONDecodeError, text: bytes, file: str) -> SchemaError:
    return SchemaError(
        file=file,
        line=error.lineno,
        expected="JSON",
        found=f"an error at character {error.colno} of the line: {error.msg}",
        snippet=json_lines.snippet(text.decode(errors="replace"), error.pos),
        hint="mend the file; a list that was cut short is the usual cause",
    )
