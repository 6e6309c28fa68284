"""Whether cached bytes are what their name promises."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfhub.digest import Digest

__all__ = ["matches"]

_CHUNK = 1 << 20


def matches(path: str, digest: Digest) -> bool:
    """Read the file and compare; False also if it cannot be read."""
    try:
        with open(path, "rb", buffering=0) as file:
            running = digest.hasher(file.seek(0, 2))
            file.seek(0)
            buffer = memoryview(bytearray(_CHUNK))
            while count := file.readinto(buffer):
                running.update(buffer[:count])
    except OSError:
        return False
    return running.hexdigest() == digest.hex
