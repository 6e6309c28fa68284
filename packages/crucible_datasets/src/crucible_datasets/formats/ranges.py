"""Remote Parquet files: only the column chunks that are wanted, the next row group ahead of time.

What is held of a file is bounded by bytes: of a large row group, a window of each column chunk.
"""

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

GROUP_BYTES = 16 << 20
"""A row group of which no more is wanted comes whole; of a larger one half as much at a time."""
WINDOW = 64 << 10
"""The least that is fetched of a column chunk at a time."""

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

    def result(self) -> list[bytes]:
        """The bytes of each range."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._found

    def end(self) -> None:
        """Wait a little for the thread; nobody wants its bytes any more."""
        self._thread.join(1.0)


class _Chunk:
    """A span of the file that is read from its beginning to its end, a window at a time.

    Args:
        remote: the file.
        start: where it begins.
        stop: where it ends.
        window: bytes to fetch at a time; the next ones are on their way while some are read.
    """

    def __init__(self, remote: Ranged, start: int, stop: int, window: int) -> None:
        self._remote = remote
        self._stop = stop
        self._window = window
        self._start = start  # of what is here
        self._data = b""
        self._fetched = start
        self._coming: _Fetch | None = None
        self._go_on()

    def read(self, start: int, stop: int) -> bytes | None:
        """The bytes from ``start`` to before ``stop``, those before them are forgotten; or None."""
        if not self._start <= start < stop <= self._stop:
            return None
        while self._start + len(self._data) < stop and self._coming is not None:
            (more,) = self._coming.result()
            self._coming = None
            held = self._data[start - self._start :]
            self._start += len(self._data) - len(held)
            self._data = held + more
            self._go_on()
        return self._data[start - self._start : stop - self._start]

    def end(self) -> None:
        """Nobody wants its bytes any more."""
        if self._coming is not None:
            self._coming.end()

    def _go_on(self) -> None:
        if self._fetched < self._stop:
            here = (self._fetched, min(self._fetched + self._window, self._stop))
            self._fetched = here[1]
            self._coming = _Fetch(self._remote, [here])


class _Group:
    """What is wanted of a row group, on its way: whole, or where it is large a window at a time."""

    def __init__(self, remote: Ranged, ranges: Sequence[Range]) -> None:
        total = sum(stop - start for start, stop in ranges)
        self._ranges = merged(ranges)
        self._whole = _Fetch(remote, self._ranges) if total <= GROUP_BYTES else None
        self._found: list[bytes] = []
        self._chunks: list[_Chunk] = []
        if self._whole is None:
            for start, stop in ranges:
                share = GROUP_BYTES // 2 * (stop - start) // total
                self._chunks.append(_Chunk(remote, start, stop, max(WINDOW, share)))

    def read(self, start: int, stop: int) -> bytes | None:
        """The bytes from ``start`` to before ``stop``, when they are there; None if not of these."""
        for chunk in self._chunks:
            if (data := chunk.read(start, stop)) is not None:
                return data
        if self._whole is not None:
            for number, (first, end) in enumerate(self._ranges):
                if first <= start and stop <= end:
                    self._found = self._found or self._whole.result()
                    return self._found[number][start - first : stop - first]
        return None

    def end(self) -> None:
        """Nobody wants its bytes any more."""
        for coming in (self._whole, *self._chunks):
            if coming is not None:
                coming.end()


class RangeFile(io.RawIOBase):
    """A remote file that fetches just what is read from it; what was planned comes ahead of time.

    Args:
        file: the file.
    """

    def __init__(self, file: Shared) -> None:
        self._file = file
        self._place = 0
        self._plans: list[Sequence[Range]] = []
        self._here: _Group | None = None
        self._coming: _Group | None = None
        file.remote.hold()

    def plan(self, groups: Sequence[Sequence[Range]]) -> None:
        """What will be read, in order: the ranges of one row group after the other."""
        self._plans = [ranges for ranges in groups if ranges]
        self.go_on()

    def go_on(self) -> None:
        """Begin to fetch the next row group, if that has not begun."""
        if self._coming is None and self._plans:
            self._coming = _Group(self._file.remote, self._plans.pop(0))

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
        found = None if self._here is None else self._here.read(start, stop)
        if found is None:
            self.go_on()
            if self._coming is not None:
                found = self._coming.read(start, stop)
            if found is not None:
                self._here, self._coming = self._coming, None
        return self._file.read(start, stop) if found is None else found

    def close(self) -> None:
        """Let go of what was fetched."""
        for group in (self._here, self._coming):
            if group is not None:
                group.end()
        if not self.closed:
            self._file.remote.let_go()
        self._here = self._coming = None
        self._plans = []
        super().close()


def chunk_ranges(
    footer: pq.FileMetaData, groups: Sequence[int], names: Collection[str] | None
) -> list[list[Range]]:
    """Where the column chunks of each row group are, in the order of the file.

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
        found.append(sorted(wanted))
    if found and found[0] and found[0][0][0] == len(MAGIC):
        found[0][0] = (0, found[0][0][1])  # who reads all row groups has read the whole file
    return found


def merged(ranges: Sequence[Range]) -> list[Range]:
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
