"""Files over ranges: one that seeks, one that only goes forward."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from fsspec.spec import AbstractBufferedFile

from hfhub.download.stream import FileStream

if TYPE_CHECKING:
    from typing_extensions import Buffer

    from hfhub.download.remote import RemoteFile
    from hfhub.filesystem.hub_filesystem import HfFileSystem


class HubFile(AbstractBufferedFile):  # type: ignore[misc] # fsspec has no types
    """A file of the Hub, read by ranges through fsspec's caches."""

    def __init__(self, fs: HfFileSystem, path: str, remote: RemoteFile, **options: Any) -> None:
        """Open ``remote``."""
        self._remote = remote
        self.loc = 0
        super().__init__(fs, path, mode="rb", size=remote.size, **options)

    def _fetch_range(self, start: int, end: int) -> bytes:
        return self._remote.read_range(start, end)

    def read(self, length: int | None = -1) -> bytes:
        """The next ``length`` bytes, or all that are left in one request."""
        if length is None or length < 0:
            if self.closed:
                raise ValueError("I/O operation on closed file.")
            data = self._remote.read_range(self.loc, self.size)
            self.loc = self.size
            return data
        return bytes(super().read(length))

    def url(self) -> str:
        """Its URL at the Hub."""
        return str(self.fs.url(self.path))


class HubStream(io.RawIOBase):
    """A file of the Hub that only goes forward, in one request, verified when its end has come."""

    def __init__(self, remote: RemoteFile) -> None:
        """Open ``remote``."""
        self._stream = FileStream(remote)
        self._pieces = iter(self._stream)
        self._rest = memoryview(b"")
        self._at = 0
        self.size = remote.size

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
        self._stream.close()
        super().close()
