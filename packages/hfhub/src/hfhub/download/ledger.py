"""What is known of the bytes of an unfinished download: its resume state.

It stands at the end of the unfinished file itself, behind the place of the last byte, so that state
and bytes are one file: they cannot be mixed up, and moving or deleting one takes the other along.
It is written before the first byte, and each part's count after the bytes it counts, so a killed
process leaves a state that promises too little, never too much. A lost or torn state costs the
bytes, no more: whatever it promises is hashed again before it is believed.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from hfhub.download import positioned

if TYPE_CHECKING:
    from hfhub.digest import Digest

PART_SIZE = 32 << 20

_MAGIC = b"hfhub-p1"
_HEAD = struct.Struct("<8sQQI64s128s")
_CHECK_SIZE = 16
_COUNTS_AT = _HEAD.size + _CHECK_SIZE
_COUNT = struct.Struct("<Q")


@dataclass(slots=True)
class Ledger:
    """How many bytes of each part of a file are there.

    Attributes:
        digest: what the whole file is to come to.
        size: its size in bytes.
        part_size: bytes of each part but the last; 0 for the usual number.
        etag: the strong validator that the bytes came with, or "".
        done: bytes that are there, from the start of each part.
    """

    digest: Digest
    size: int
    part_size: int = 0
    etag: str = ""
    done: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.part_size = self.part_size or PART_SIZE
        if not self.done:
            self.done = [0] * -(-self.size // self.part_size)

    def start(self, part: int) -> int:
        """Where ``part`` begins in the file."""
        return part * self.part_size

    def length(self, part: int) -> int:
        """How many bytes ``part`` has when it is complete."""
        return min(self.part_size, self.size - part * self.part_size)

    @property
    def present(self) -> int:
        """Bytes that are there, in all parts."""
        return sum(self.done)

    def write(self, fd: int) -> None:
        """Write the state behind the place of the last byte."""
        head = _HEAD.pack(
            _MAGIC,
            self.size,
            self.part_size,
            len(self.done),
            self.digest.hex.encode(),
            self.etag.encode(),
        )
        counts = struct.pack(f"<{len(self.done)}Q", *self.done)
        positioned.write(fd, memoryview(head + _check(head) + counts), self.size)

    def record(self, fd: int, part: int) -> None:
        """Write the count of one part; call it after the bytes are written."""
        place = self.size + _COUNTS_AT + part * _COUNT.size
        positioned.write(fd, memoryview(_COUNT.pack(self.done[part])), place)

    @classmethod
    def read(cls, fd: int, digest: Digest, size: int) -> Self | None:
        """Read the state of an unfinished file, or None if it has none, a torn or a foreign one."""
        found = os.fstat(fd).st_size
        if found == size:  # sealed, and killed before it was moved into place
            whole = cls(digest, size)
            whole.done = [whole.length(part) for part in range(len(whole.done))]
            return whole
        raw = positioned.read(fd, _COUNTS_AT, size)
        if len(raw) < _COUNTS_AT or raw[_HEAD.size :] != _check(raw[: _HEAD.size]):
            return None
        magic, known_size, part_size, count, hex_digest, etag = _HEAD.unpack(raw[: _HEAD.size])
        if (magic, known_size, hex_digest.rstrip(b"\0")) != (_MAGIC, size, digest.hex.encode()):
            return None
        if not part_size or count != -(-size // part_size):
            return None
        counts = positioned.read(fd, count * _COUNT.size, size + _COUNTS_AT)
        if len(counts) != count * _COUNT.size:
            return None
        ledger = cls(digest, size, part_size, etag.rstrip(b"\0").decode("utf-8", "replace"))
        ledger.done = list(struct.unpack(f"<{count}Q", counts))
        if any(done > ledger.length(part) for part, done in enumerate(ledger.done)):
            return None
        return ledger


def storable_etag(etag: str | None) -> str:
    """Give back ``etag`` if ``If-Range`` may carry it: a strong one (RFC 9110, 13.1.5); else ""."""
    if etag is None or not etag.startswith('"') or not etag.isascii() or len(etag) > 128:
        return ""
    return etag


def _check(head: bytes) -> bytes:
    return hashlib.blake2b(head, digest_size=_CHECK_SIZE).digest()
