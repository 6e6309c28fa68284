"""Compressed files as streams of plain bytes, whatever their name."""

from __future__ import annotations

import io
import os
import sys
import zlib
from typing import IO, TYPE_CHECKING, Protocol

from hfhub.errors import ArchiveError
from hfhub.extract import sniff

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

    from hfhub.extract.sniff import Codec

Source = str | os.PathLike[str] | IO[bytes]

# What is read at once. Small members leave the rest of a read to be handed on, which costs the
# square of their number in one read: 128 KiB keeps that below the decoding itself.
_CHUNK = 128 << 10
_BUFFER = 1 << 20
_MAGIC = 8  # no magic is longer
# zstd: the largest window (as a power of two) that is decoded; 128 MiB of memory, what the
# command-line tool allows without --long.
_ZSTD_WINDOW_LOG = 27


class _Decoder(Protocol):
    """What bz2, lzma, zstd and lz4 decoders have in common (and zlib's, once adapted)."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


def open_compressed(source: Source, *, name: str | None = None) -> IO[bytes]:
    """Open a file for reading its plain bytes, decompressed on the way if it is compressed.

    gzip, bzip2, xz, zstd and lz4 are told by their first bytes; concatenated members come out one
    after another; any other file comes out as it is. Memory stays at a few MiB whatever the file.

    Args:
        source: a path, or a binary file open at its start (it is not closed).
        name: what errors call it; its path, or the name that it has, by default.

    Returns:
        A buffered binary file. A compressed one cannot seek.

    Raises:
        ArchiveError: on opening or reading, if the data is damaged, ends early, or is followed by
            something else.
    """
    if isinstance(source, str | os.PathLike):
        file: IO[bytes] = open(source, "rb", buffering=_BUFFER)  # noqa: SIM115 - handed on
        owned = True
    else:
        file, owned = source, False
    try:
        head, file = peek(file)
        kind = sniff.codec(head)
        if kind is None:
            return file
        raw = _Decompressing(file, kind, name or name_of(source), close_source=owned)
        return io.BufferedReader(raw, buffer_size=_BUFFER)
    except BaseException:
        if owned:
            file.close()
        raise


def name_of(source: Source) -> str:
    """What to call ``source`` in an error."""
    if isinstance(source, str | os.PathLike):
        return os.fspath(source)
    return str(getattr(source, "name", None) or "<stream>")


def peek(file: IO[bytes]) -> tuple[bytes, IO[bytes]]:
    """The first bytes of ``file``, and a file that still begins with them."""
    if isinstance(file, io.BufferedReader):
        head = file.peek(sniff.HEAD)[: sniff.HEAD]
        if len(head) == sniff.HEAD:
            return head, file
    if file.seekable():
        start = file.tell()
        head = file.read(sniff.HEAD)
        file.seek(start)
        return head, file
    # A pipe or socket: whoever reads on must see the head again.
    head = _read_up_to(file, sniff.HEAD)
    return head, io.BufferedReader(_Rejoined(head, file), buffer_size=_BUFFER)


def _read_up_to(file: IO[bytes], count: int) -> bytes:
    data = b""
    while len(data) < count and (more := file.read(count - len(data))):
        data += more
    return data


class _Rejoined(io.RawIOBase):
    """A stream with its first bytes put back in front."""

    def __init__(self, head: bytes, rest: IO[bytes]) -> None:
        self._head = head
        self._rest = rest

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._head[: len(view)] or self._rest.read(len(view))
        self._head = self._head[len(view) :]
        view[: len(data)] = data
        return len(data)


class _Decompressing(io.RawIOBase):
    """The plain bytes of a compressed file, member after member."""

    def __init__(self, file: IO[bytes], kind: Codec, name: str, *, close_source: bool) -> None:
        self.name = name
        self._file = file
        self._kind = kind
        self._close_source = close_source
        self._new_decoder, self._errors = _codec(kind)
        self._decoder = self._new_decoder()
        self._input = b""
        self._done = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer``; short only at the end."""
        view = memoryview(buffer).cast("B")
        filled = 0
        while filled < len(view) and not self._done:
            data = self._decode(len(view) - filled)
            view[filled : filled + len(data)] = data
            filled += len(data)
        return filled

    def readall(self) -> bytes:
        """The rest at once: the inherited one asks for 8 KiB at a time."""
        return b"".join(iter(lambda: self._read_piece(_BUFFER), b""))

    def _read_piece(self, size: int) -> bytes:
        piece = bytearray(size)
        return bytes(memoryview(piece)[: self.readinto(piece)])

    def close(self) -> None:
        if not self.closed and self._close_source:
            self._file.close()
        super().close()

    def _decode(self, max_length: int) -> bytes:
        if self._decoder.eof:
            self._next_member()
            return b""
        data = b""
        if self._decoder.needs_input:
            data = self._input or self._file.read(_CHUNK)
            self._input = b""
            if not data:
                raise ArchiveError(
                    self.name, f"the {self._kind} data ends in the middle: the file is cut short"
                )
        try:
            return self._decoder.decompress(data, max_length)
        except self._errors as error:
            raise ArchiveError(self.name, f"damaged {self._kind} data: {error}") from None

    def _next_member(self) -> None:
        """Go on with the member behind the one that has ended, or end."""
        rest = self._decoder.unused_data or self._file.read(_CHUNK)
        while rest and not rest.strip(b"\0"):  # tapes and xz pad with zeros
            rest = self._file.read(_CHUNK)
        rest = rest.lstrip(b"\0")
        if not rest:
            self._done = True
            return
        if len(rest) < _MAGIC:
            rest += self._file.read(_CHUNK)
        if sniff.codec(rest) != self._kind and not sniff.is_skippable_frame(rest):
            raise ArchiveError(
                self.name, f"something that is not {self._kind} follows the {self._kind} data"
            )
        self._decoder = self._new_decoder()
        self._input = rest


class _Gzip:
    """zlib's decoder (RFC 1952) with the shape of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self._full = False

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        # A full buffer may leave output inside zlib although it has taken all input.
        return not (self._full or self._inner.unconsumed_tail or self._inner.eof)

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self._full = len(out) == max_length
        return out


def _codec(kind: Codec) -> tuple[Callable[[], _Decoder], tuple[type[Exception], ...]]:
    """How to make a decoder of ``kind``, and the errors it raises on damaged data."""
    if kind == "gzip":
        return _Gzip, (zlib.error,)
    if kind == "bzip2":
        import bz2

        return bz2.BZ2Decompressor, (OSError, ValueError)
    if kind == "xz":
        import lzma

        return lzma.LZMADecompressor, (lzma.LZMAError,)
    if kind == "zstd":
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd

        window = {int(zstd.DecompressionParameter.window_log_max): _ZSTD_WINDOW_LOG}
        return lambda: zstd.ZstdDecompressor(options=window), (zstd.ZstdError,)
    import lz4.frame

    return lz4.frame.LZ4FrameDecompressor, (RuntimeError,)
