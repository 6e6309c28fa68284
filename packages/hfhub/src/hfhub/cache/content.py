"""What a file's bytes come to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hfhub.digest import Digest

__all__ = ["compute", "matches"]

_CHUNK = 1 << 20


def matches(path: str, digest: Digest) -> bool:
    """Whether the file's bytes come to ``digest``; False also if it cannot be read."""
    try:
        return compute(path, digest) == digest.hex
    except OSError:
        return False


def compute(path: str, digest: Digest) -> str:
    """What the file's bytes come to, by the kind of hash that ``digest`` is.

    Raises:
        OSError: if it cannot be read.
    """
    with open(path, "rb", buffering=0) as file:
        running = digest.hasher(file.seek(0, os.SEEK_END))
        file.seek(0)
        buffer = memoryview(bytearray(_CHUNK))
        while count := file.readinto(buffer):
            running.update(buffer[:count])
    return running.hexdigest()
