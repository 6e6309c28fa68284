"""Remote Parquet files: only the column chunks that are wanted, the next row group ahead of time."""

from __future__ import annotations

import io
import os
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Hashable, Sequence

    import pyarrow.parquet as pq

    Range = tuple[int, int]

TAIL = 64 << 10
"""Bytes at the end that are fetched together: a footer is rarely larger."""

MAGIC = b"PAR1"
"""What a Parquet file begins with."""

FILES_KEPT = 256
"""Remote files of which the link and the last bytes are remembered."""


class Ranged(Protocol):
    """A remote file of which any thread may read ranges."""

    size: int

    def read_ranges(self, ranges: Sequence[Range]) -> list[bytes]:
        """The bytes of each range ``(start, stop)``."""
        ...

    def hold(self) -> None:
        """Somebody begins to read."""
        ...

    def let_go(self) -> None:
        """Somebody has read enough."""
        ...


class Shared:
    """A remote file as this process knows it: its link is resolved, and its footer read, once."""

    def __init__(self, remote: Ranged) -> None:
        self.remote = remote
        self._tail = b""
        self._lock = threading.Lock()

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` to before ``stop``."""
        first = max(0, self.remote.size - TAIL)
        if start < first:
            return self.remote.read_ranges([(start, stop)])[0]
        with self._lock:
            if not self._tail:
                self._tail = self.remote.read_ranges([(first, self.remote.size)])[0]
        return self._tail[start - first : stop - first]


_known: OrderedDict[Hashable, Shared] = OrderedDict()
_lock = threading.Lock()


def shared(key: Hashable, make: Callable[[], Ranged]) -> Shared:
    """The remote file ``key``; ``make`` opens it when it is not known yet."""
    with _lock:
        found = _known.get(key)
        if found is None:
            found = _known[key] = Shared(make())
            if len(_known) > FILES_KEPT:
                _known.popitem(last=False)
        _known.move_to_end(key)
        return found


def _forget_all() -> None:
    """Locks may be held, and connections shared, in a process that was forked off."""
    global _lock
    _lock = threading.Lock()
    _known.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_all)


class _Fetch:
    """Ranges on their way."""

    def __init__(self, remote: Ranged, ranges: Sequence[Range]) -> None:
        self._remote = remote
        self._ranges = ranges
        self._error: Exception | None = None
        self._found: list[bytes] = []
        self._thread = threading.Thread(target=self._run, name="crucible-fetch", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._found = self._remote.read_ranges(self._ranges)
        except Exception as error:  # noqa: BLE001 # it is raised again where the bytes are read
            self._error = error

    def has(self, start: int, stop: int) -> bool:
        """Whether the bytes from ``start`` to before ``stop`` are among them."""
        return any(first <= start and stop <= end for first, end in self._ranges)

    def result(self) -> list[tuple[Range, bytes]]:
        """The bytes of each range."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return list(zip(self._ranges, self._found, strict=True))

    def end(self) -> None:
        """Wait a little for the thread; nobody wants its bytes any more."""
        self._thread.join(1.0)


class RangeFile(io.RawIOBase):
    """A remote file that fetches just what is read from it; what was planned comes ahead of time.

    Args:
        file: the file.
    """

    def __init__(self, file: Shared) -> None:
        self._file = file
        self._place = 0
        self._plans: list[Sequence[Range]] = []
        self._coming: _Fetch | None = None
        self._here: list[tuple[Range, bytes]] = []
        file.remote.hold()

    def plan(self, groups: Sequence[Sequence[Range]]) -> None:
        """What will be read, in order: the ranges of one row group after the other."""
        self._plans = [ranges for ranges in groups if ranges]
        self.go_on()

    def go_on(self) -> None:
        """Begin to fetch the next row group, if that has not begun."""
        if self._coming is None and self._plans:
            self._coming = _Fetch(self._file.remote, self._plans.pop(0))

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to ``offset`` from the start, from here or from the end."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._file.remote.size}
        self._place = base[whence] + offset
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` with the next bytes; how many there were."""
        data = self.read(len(memoryview(buffer).cast("B")))
        memoryview(buffer).cast("B")[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1, /) -> bytes:
        """The next ``size`` bytes, or all that are left; fewer only at the end."""
        left = max(0, self._file.remote.size - self._place)
        count = left if size is None or size < 0 else min(size, left)
        data = self._bytes(self._place, self._place + count) if count else b""
        self._place += len(data)
        return data

    def _bytes(self, start: int, stop: int) -> bytes:
        found = self._among_those_here(start, stop)
        if found is None:
            self.go_on()
            if self._coming is not None and self._coming.has(start, stop):
                self._here = self._coming.result()
                self._coming = None
                found = self._among_those_here(start, stop)
        return self._file.read(start, stop) if found is None else found

    def _among_those_here(self, start: int, stop: int) -> bytes | None:
        for (first, end), data in self._here:
            if first <= start and stop <= end:
                return data[start - first : stop - first]
        return None

    def close(self) -> None:
        """Let go of what was fetched."""
        if self._coming is not None:
            self._coming.end()
        if not self.closed:
            self._file.remote.let_go()
        self._coming = None
        self._plans = []
        self._here = []
        super().close()


def chunk_ranges(
    footer: pq.FileMetaData, groups: Sequence[int], names: Collection[str] | None
) -> list[list[Range]]:
    """Where the column chunks of each row group are.

    Args:
        footer: the file's.
        groups: numbers of row groups.
        names: the top-level columns that are read, or None for all.
    """
    found = []
    for group in groups:
        meta = footer.row_group(group)
        chunks = [meta.column(index) for index in range(meta.num_columns)]
        wanted = [
            _range_of(chunk)
            for chunk in chunks
            if names is None or chunk.path_in_schema.split(".")[0] in names
        ]
        found.append(_merged(sorted(wanted)))
    if found and found[0] and found[0][0][0] == len(MAGIC):
        found[0][0] = (0, found[0][0][1])  # who reads all row groups has read the whole file
    return found


def _merged(ranges: Sequence[Range]) -> list[Range]:
    """Ranges that touch as one."""
    found: list[Range] = []
    for start, stop in ranges:
        if found and found[-1][1] == start:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((start, stop))
    return found


def _range_of(chunk: Any) -> Range:
    start = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset:
        start = min(start, chunk.dictionary_page_offset)
    return start, start + chunk.total_compressed_size
