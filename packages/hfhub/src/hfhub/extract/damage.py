"""What the standard library raises on damaged archives, as :class:`~hfhub.errors.ArchiveError`."""

from __future__ import annotations

import io
import lzma
import sys
import tarfile
import zlib
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING

from hfhub.errors import ArchiveError

# Python's own zipfile reads zstd members from 3.14 on.
if sys.version_info >= (3, 14):
    import zipfile
else:
    from backports.zstd import zipfile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

__all__ = ["guarded", "translated", "zipfile"]

_BUFFER = 64 << 10
_DAMAGED = (tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError)


@contextmanager
def translated(archive: str, member: str | None = None) -> Iterator[None]:
    """Raise :class:`ArchiveError` with the place for what the libraries raise inside."""
    try:
        yield
    except _DAMAGED as error:
        reason = str(error) or "it ends early"
        raise ArchiveError(archive, f"damaged: {reason}", member) from None
    except NotImplementedError as error:  # zipfile: a compression method that it lacks
        raise ArchiveError(archive, f"cannot be read: {error}", member) from None


def guarded(file: IO[bytes], archive: str, member: str) -> IO[bytes]:
    """``file`` with its errors translated, wherever it is read."""
    return io.BufferedReader(_Guarded(file, archive, member), buffer_size=_BUFFER)


class _Guarded(io.RawIOBase):
    def __init__(self, file: IO[bytes], archive: str, member: str) -> None:
        self._file = file
        self._archive = archive
        self.name = member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        with translated(self._archive, self.name):
            data = self._file.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._file.close()
        super().close()
