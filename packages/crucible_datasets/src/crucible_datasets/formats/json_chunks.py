"""JSON files as chunks of whole lines, and the places of what is in them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats import json_document
from crucible_datasets.formats.opening import Lines, line_chunks, line_places, open_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema.validate import Mode

_HEAD = 4096


@dataclass(frozen=True, slots=True)
class JsonOptions:
    """How the bytes of a file become lines.

    Attributes:
        field: the key of the object's member that holds the rows; None: the file is rows itself.
        encoding: of the file.
        errors: what to do about bytes that are not in that encoding.
        validation: what becomes of values that are not of their declared type.
    """

    field: str | None = None
    encoding: str | None = None
    errors: str | None = None
    validation: Mode = "coerce"

    @property
    def as_stored(self) -> bool:
        """Whether the file's own bytes may be the lines."""
        return self.field is self.encoding is self.errors is None


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole lines of a file.

    Attributes:
        offset: where it begins, in the lines' bytes.
        read: gives the bytes, in the thread that wants them.
        of_list: whether the lines are made of a list, and are not the file's own.
    """

    offset: int
    read: Callable[[], bytes]
    of_list: bool = False


@dataclass(frozen=True, slots=True)
class Extent:
    """A place in a file of lines that has been read once: where it lies, and what it holds."""

    offset: int
    length: int
    rows: int


def chunks_of(file: DataFile, how: JsonOptions) -> Iterator[Chunk]:
    """The file as chunks of whole lines, each line a JSON object."""
    if is_plain_lines(file, how):
        with file.open() as stream:
            yield from (_at(file, *place) for place in line_places(stream))
        return
    with open_utf8(file, how.encoding, how.errors) as stream:
        offset = 0
        lines, of_list = _lines_of(stream, file, how)
        for data in lines:
            yield Chunk(offset, partial(bytes, data), of_list)
            offset += len(data)


@contextmanager
def placed(file: DataFile, how: JsonOptions, chunk: Chunk) -> Iterator[None]:
    """Number the line of an error that was counted from the beginning of ``chunk``.

    Lines are counted when there is something to say of one, and not before.
    """
    try:
        yield
    except SchemaError as error:
        if error.line is None or chunk.offset == 0:
            raise
        before = sum(
            earlier.read().count(b"\n")
            for earlier in chunks_of(file, how)
            if earlier.offset < chunk.offset
        )
        raise SchemaError(**{**error.facts(), "line": error.line + before}) from error


def is_plain_lines(file: DataFile, how: JsonOptions) -> bool:
    """Whether the file's own bytes are the lines, and here, so that it can be entered anywhere."""
    if file.local() is None or not how.as_stored:
        return False
    from hfhub.extract import sniff

    with file.open() as stream:
        head = stream.read(max(sniff.HEAD, _HEAD)) + stream.readline()
    return sniff.codec(head) is None and not (
        json_document.is_document(head) or json_document.spans_lines(head)
    )


def _lines_of(stream: Lines, file: DataFile, how: JsonOptions) -> tuple[Iterator[bytes], bool]:
    """The lines, and whether they are made of a list."""
    if how.field is not None:
        rows = json_document.document_lines(stream.read(), file=file.name, field=how.field)
        return line_chunks(json_document.LineStream(rows)), True
    chunks = line_chunks(stream)
    first = next(chunks, b"")
    if json_document.is_document(first):
        rows = json_document.document_lines(first + stream.read(), file=file.name, field=None)
        return line_chunks(json_document.LineStream(rows)), True
    if json_document.spans_lines(first):
        rows = json_document.objects(first + stream.read(), file=file.name)
        return line_chunks(json_document.LineStream(rows)), False
    return (chain((first,), chunks) if first else chunks), False


def read_extents(file: DataFile, extents: Sequence[Extent]) -> Iterator[Chunk]:
    """The chunks at places that follow each other, read without what is before them."""
    return (_at(file, extent.offset, extent.length) for extent in extents)


def _at(file: DataFile, offset: int, length: int) -> Chunk:
    return Chunk(offset, partial(_read_at, file, offset, length))


def _read_at(file: DataFile, offset: int, length: int) -> bytes:
    with file.open() as stream:
        stream.seek(offset)
        return stream.read(length)
