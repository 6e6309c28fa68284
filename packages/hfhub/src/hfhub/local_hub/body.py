"""What follows the head of an answer: bytes in memory, on disk, or from elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileSpan:
    """``count`` bytes of a file on disk, from ``start``."""

    path: Path
    start: int
    count: int

    def __len__(self) -> int:
        return self.count


@dataclass(frozen=True, slots=True)
class Flow:
    """``count`` bytes that come from elsewhere while they are sent; used once."""

    count: int
    chunks: Iterator[bytes]

    def __len__(self) -> int:
        return self.count


Body = bytes | memoryview | FileSpan | Flow


def chunks_of(body: Body, step: int, edge: int | None) -> Iterator[bytes]:
    """``body`` in pieces of at most ``step`` bytes, one of which starts at ``edge``."""
    if isinstance(body, Flow):
        body = bytes_of(body)
    total = len(body)
    place = 0
    while place < total:
        end = min(total, place + step)
        if edge is not None and place < edge < end:
            end = edge
        yield slice_of(body, place, end)
        place = end


def bytes_of(body: Body) -> bytes:
    """The whole body in memory."""
    return b"".join(body.chunks) if isinstance(body, Flow) else slice_of(body, 0, None)


def slice_of(body: bytes | memoryview | FileSpan, start: int, end: int | None) -> bytes:
    """The bytes from ``start`` to before ``end`` (None: all that follow)."""
    if not isinstance(body, FileSpan):
        return bytes(body[start:end])
    count = (body.count if end is None else end) - start
    with open(body.path, "rb", buffering=0) as file:
        file.seek(body.start + start)
        return file.read(count)
