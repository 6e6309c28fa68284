"""Files over ranges: one that seeks, one that only goes forward."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from fsspec.spec import AbstractBufferedFile

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from hfhub.filesystem.hub_filesystem import HfFileSystem
    from hfhub.filesystem.ranges import RangeReader


class HubFile(AbstractBufferedFile):  # type: ignore[misc] # fsspec has no types
    """A file of the Hub, read by ranges through fsspec's caches."""

    def __init__(self, fs: HfFileSystem, path: str, reader: RangeReader, **options: Any) -> None:
        """Open what ``reader`` reads."""
        self._reader = reader
        self.loc = 0
        super().__init__(fs, path, mode="rb", size=reader.size, **options)

    def _fetch_range(self, start: int, end: int) -> bytes:
        return self._reader.read(start, end)

    def read(self, length: int | None = -1) -> bytes:
        """The next ``length`` bytes, or all that are left in one request."""
        if length is None or length < 0:
            if self.closed:
                raise ValueError("I/O operation on closed file.")
            data = self._reader.read(self.loc, self.size)
            self.loc = self.size
            return data
        return bytes(super().read(length))

    def url(self) -> str:
        """Its URL at the Hub."""
        return str(self.fs.url(self.path))


class HubStream(io.RawIOBase):
    """A file of the Hub that only goes forward, in one request as long as nothing breaks."""

    def __init__(self, reader: RangeReader) -> None:
        """Open what ``reader`` reads."""
        self._pieces = reader.stream()
        self._rest = memoryview(b"")
        self._at = 0
        self.size = reader.size

    def readable(self) -> bool:
        """Yes."""
        return True

    def tell(self) -> int:
        """How many bytes were read."""
        return self._at

    def readinto(self, buffer: Buffer, /) -> int:
        """Fill some of ``buffer``; 0 at the end."""
        with memoryview(buffer).cast("B") as view:
            if not self._rest and view:
                self._rest = memoryview(next(self._pieces, b""))
            count = min(len(self._rest), len(view))
            view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        self._at += count
        return count

    def close(self) -> None:
        """Let go of the connection."""
        self._pieces.close()  # type: ignore[attr-defined] # a generator
        super().close()
