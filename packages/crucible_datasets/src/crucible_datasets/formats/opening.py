"""Data files opened for reading: decompressed on the way, and in UTF-8."""

from __future__ import annotations

import io
from itertools import repeat
from typing import IO, TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.formats.base import DataFile

Lines = IO[bytes] | io.BufferedIOBase

#: Bytes that are read and parsed at once: small enough for the processor's cache, large enough that
#: the call is not what costs.
CHUNK = 4 << 20
#: The same for the beginning, from which the first rows and the likely types come.
FIRST_CHUNK = 64 << 10


def open_plain(file: DataFile) -> IO[bytes]:
    """The file's bytes, decompressed if it is compressed (by content, not by name).

    A compressed file can't seek.

    Raises:
        hfhub.errors.ArchiveError: on opening or reading, if the compressed data is damaged.
    """
    from hfhub.extract import open_compressed

    local = file.local()
    if local is not None:
        return open_compressed(local, name=file.name)
    source = file.open()
    try:
        plain = open_compressed(source, name=file.name)
    except BaseException:
        source.close()
        raise
    return plain if plain is source else io.BufferedReader(_Owning(plain, source))


def is_compressed(file: DataFile) -> bool:
    """Whether :func:`open_plain` would have to decompress."""
    from hfhub.extract import sniff

    with file.open() as stream:
        return sniff.codec(stream.read(sniff.HEAD)) is not None


def open_utf8(
    file: DataFile, encoding: str | None, errors: str | None
) -> IO[bytes] | io.BufferedIOBase:
    """The file's text as UTF-8 bytes, whatever it is encoded in.

    Args:
        file: what to read.
        encoding: of the file; None means UTF-8, whose bytes are handed on unchecked.
        errors: what to do about bytes that are none, as :func:`open` takes it.
    """
    plain = open_plain(file)
    if errors is None and (encoding or "utf-8").lower().replace("_", "-") in ("utf-8", "utf8"):
        return plain
    return _Recoded(plain, encoding or "utf-8", errors or "strict")


def line_chunks(stream: Lines) -> Iterator[bytes]:
    """The stream in pieces of about ``CHUNK`` bytes that end where a line ends."""
    for size in _sizes():
        chunk = stream.read(size)
        if not chunk:
            return
        yield chunk if chunk.endswith(b"\n") else chunk + stream.readline()


def line_places(stream: BinaryIO) -> Iterator[tuple[int, int]]:
    """Where such pieces of a seekable stream begin, and how long they are."""
    start, end = 0, stream.seek(0, io.SEEK_END)
    for size in _sizes():
        if start >= end:
            return
        stop = stream.seek(min(start + size, end)) + len(stream.readline())
        yield start, stop - start
        start = stop


def _sizes() -> Iterator[int]:
    yield min(FIRST_CHUNK, CHUNK)
    yield from repeat(CHUNK)


class _Owning(io.RawIOBase):
    """A stream over another one that is closed with it."""

    def __init__(self, stream: IO[bytes], source: IO[bytes]) -> None:
        self._stream = stream
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what is handed in
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._stream.close()
        self._source.close()
        super().close()


class _Recoded(io.BufferedIOBase):
    """Text in any encoding, read as UTF-8."""

    def __init__(self, stream: IO[bytes], encoding: str, errors: str) -> None:
        self._text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        return self._text.read(size).encode("utf-8", "surrogatepass")

    def readline(self, size: int | None = -1, /) -> bytes:  # noqa: ARG002 - nobody limits it
        # With newline="" a lone carriage return would end a line, too.
        parts = []
        while part := self._text.readline():
            parts.append(part)
            if part.endswith("\n"):
                break
        return "".join(parts).encode("utf-8", "surrogatepass")

    def close(self) -> None:
        self._text.close()
        super().close()
