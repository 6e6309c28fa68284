"""Reads and writes at a place of a file, from any thread."""

from __future__ import annotations

import os
import threading

__all__ = ["read", "readinto", "write", "write_back"]

# Windows has no pread and pwrite: there, moving to the place and acting on it must not be torn
# apart.
_seeking = threading.Lock()


if hasattr(os, "pwrite"):

    def write(fd: int, data: memoryview, place: int) -> None:
        """Write all of ``data`` at ``place``."""
        while data:
            count = os.pwrite(fd, data, place)
            data = data[count:]
            place += count

    def readinto(fd: int, buffer: memoryview, place: int) -> int:
        """Fill some of ``buffer`` from ``place``; 0 at the end of the file."""
        return os.preadv(fd, [buffer], place) if hasattr(os, "preadv") else _copy(fd, buffer, place)

    def _copy(fd: int, buffer: memoryview, place: int) -> int:
        data = os.pread(fd, len(buffer), place)
        buffer[: len(data)] = data
        return len(data)

else:

    def write(fd: int, data: memoryview, place: int) -> None:
        """Write all of ``data`` at ``place``."""
        with _seeking:
            os.lseek(fd, place, os.SEEK_SET)
            while data:
                data = data[os.write(fd, data) :]

    def readinto(fd: int, buffer: memoryview, place: int) -> int:
        """Fill some of ``buffer`` from ``place``; 0 at the end of the file."""
        with _seeking:
            os.lseek(fd, place, os.SEEK_SET)
            data = os.read(fd, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def read(fd: int, count: int, place: int) -> bytes:
    """Read ``count`` bytes from ``place``, fewer at the end of the file."""
    data = bytearray(count)
    view = memoryview(data)
    filled = 0
    while filled < count and (more := readinto(fd, view[filled:], place + filled)):
        filled += more
    return bytes(view[:filled])


def write_back(fd: int, place: int, count: int) -> None:
    """Let the system begin to bring these bytes to the disk, where it can be asked to."""
    if hasattr(os, "posix_fadvise"):
        # Linux takes "not needed" for dirty pages as "write them out"; only clean ones are dropped.
        os.posix_fadvise(fd, place, count, os.POSIX_FADV_DONTNEED)
