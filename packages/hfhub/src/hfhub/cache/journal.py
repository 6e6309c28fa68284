"""What happened to the cache, one line an event, before the index takes it in.

A download appends one line, without opening a database: no contention, and nothing is lost when the
process is killed. One file a host and user, appended to with ``O_APPEND``, so that lines of several
processes never mix.

Events are JSON arrays:

- ``["brought", path, hex, size, mtime_ns, time]``: hfhub is about to put this blob there
- ``["used", path, time]``
- ``["made", path, kind, key, size, time]``: an extraction, a memory map, ...

Paths are relative to the root.
"""

from __future__ import annotations

import contextlib
import errno
import os
import time
from typing import TYPE_CHECKING, Any

from hfhub.cache import owner
from hfhub.cache.place import write_whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Journal"]

Event = list[Any]

_ROTATE_AT = 8 << 20
_BASE = "base.log"
# A writer keeps the file open for a minute; an hour later none can still be at it.
_REOPEN_AFTER = 60.0
_SETTLED_AFTER = 3600.0
_APPEND = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)


class Journal:
    """The event files of one cache.

    Args:
        folder: where they lie.
    """

    def __init__(self, folder: str) -> None:
        self.folder = folder
        user = os.getuid() if hasattr(os, "getuid") else 0
        self._file = f"{folder}/{owner.host()}-{user}.log"
        self._lock = owner.ForkedLock()
        self._descriptor = -1
        self._until = 0.0

    def append(self, events: Iterable[Event]) -> None:
        """Write events down; they survive the death of this process.

        Raises:
            OSError: if the cache cannot be written.
        """
        data = _format(events)
        if os.write(self._open(), data) != len(data):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self._file)

    def _open(self) -> int:
        """The descriptor to append to; opened anew from time to time, as the file may be aside."""
        now = time.monotonic()
        with self._lock:
            if self._descriptor >= 0 and now < self._until:
                return self._descriptor
            try:
                descriptor = os.open(self._file, _APPEND, 0o666)
            except FileNotFoundError:
                os.makedirs(self.folder, exist_ok=True)
                descriptor = os.open(self._file, _APPEND, 0o666)
            if self._descriptor >= 0:
                # Other threads may be about to write to the old number: it gets the new file.
                os.dup2(descriptor, self._descriptor, inheritable=False)
                os.close(descriptor)
            else:
                self._descriptor = descriptor
            self._until = now + _REOPEN_AFTER
            return self._descriptor

    def __del__(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def names(self) -> list[str]:
        """The event files, oldest name first."""
        try:
            return sorted(name for name in os.listdir(self.folder) if ".log" in name)
        except OSError:
            return []

    def read(self, offsets: Mapping[str, int]) -> Iterator[tuple[str, int, list[Event]]]:
        """What is new in each file.

        Args:
            offsets: where the last reading ended, by the names that this gives.

        Yields:
            A name that no other content will have, where this reading ends, and the events. A torn
            line at the end is left for later.
        """
        for name in self.names():
            try:
                with open(f"{self.folder}/{name}", "rb") as file:
                    key = f"{name}:{os.fstat(file.fileno()).st_ino}"
                    offset = offsets.get(key, 0)
                    file.seek(offset)
                    data = file.read()
            except OSError:
                continue
            if whole := data.rfind(b"\n") + 1:
                yield key, offset + whole, list(_parse(data[:whole]))

    def rebase(self, events: Iterable[Event], scratch: str) -> None:
        """Write down once more what still matters, and forget the files that are settled."""
        settled = self.settled()
        write_whole(f"{self.folder}/{_BASE}", _format(events), scratch)
        for name in settled:
            with contextlib.suppress(OSError):
                os.unlink(f"{self.folder}/{name}")

    def rotate(self) -> None:
        """Put our file aside if it has grown long; :meth:`rebase` forgets it when it is settled."""
        with contextlib.suppress(OSError):
            if os.stat(self._file).st_size >= _ROTATE_AT:
                os.rename(self._file, f"{self._file}.{time.time_ns()}")

    def settled(self) -> list[str]:
        """Files put aside so long ago that nobody writes to them any more."""
        before = time.time_ns() - int(_SETTLED_AFTER * 1e9)
        return [
            name
            for name in self.names()
            if (stamp := name.rpartition(".log.")[2]).isdecimal() and int(stamp) < before
        ]


def _format(events: Iterable[Event]) -> bytes:
    import json  # costs 2 ms; a cached file is found without it

    lines = [json.dumps(event, separators=(",", ":")) for event in events]
    # The line break in front ends what a full disk may have torn off before.
    return "\n".join(("", *lines, "")).encode()


def _parse(data: bytes) -> Iterator[Event]:
    import json

    for line in data.splitlines():
        try:
            event = json.loads(line)
        except ValueError:
            continue
        if isinstance(event, list) and len(event) > 2 and isinstance(event[1], str):
            yield event
