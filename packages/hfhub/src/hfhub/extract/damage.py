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

__all__ = ["Guarded", "translated", "zipfile"]

# NotImplementedError is zipfile's word for a compression method that it lacks.
_DAMAGED = (
    tarfile.TarError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
)


@contextmanager
def translated(archive: str, member: str | None = None) -> Iterator[None]:
    """Raise :class:`ArchiveError` with the place for what the libraries raise inside."""
    try:
        yield
    except _DAMAGED as error:
        raise _translation(error, archive, member) from None


def _translation(error: Exception, archive: str, member: str | None) -> ArchiveError:
    if isinstance(error, NotImplementedError):
        return ArchiveError(archive, f"cannot be read: {error}", member)
    return ArchiveError(archive, f"damaged: {str(error) or 'it ends early'}", member)


class Guarded(io.RawIOBase):
    """A member's file with its errors translated, wherever it is read."""

    def __init__(self, file: IO[bytes], archive: str, member: str) -> None:
        self._file = file
        self._archive = archive
        self.name = member

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """At most ``size`` bytes; all that are left by default."""
        try:
            return self._file.read(-1 if size is None else size)
        except _DAMAGED as error:
            raise _translation(error, self._archive, self.name) from None

    def readall(self) -> bytes:
        """All that are left, at once: the inherited one asks for 8 KiB at a time."""
        return self.read()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` as far as one read does."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member's file too."""
        if not self.closed:
            self._file.close()
        super().close()
