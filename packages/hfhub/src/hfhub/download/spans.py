"""Parts of a remote file in memory: resumed at the byte, near ones joined, large ones at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from hfhub.download.patience import Patience
from hfhub.errors import HubConnectionError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hfhub.download.link import Link, Opened
    from hfhub.http import Response
    from hfhub.settings import Settings

# A gap this small is cheaper to fetch than to ask around.
GAP = 64 << 10
# One request brings this much at most, so that large reads come over several connections.
PIECE = 8 << 20
CONNECTIONS = 8
_SKIP = 1 << 18
# More memory than this is not set aside for a size that a header alone has told.
_BELIEVED = 1 << 30


class Spans:
    """Reads spans of one remote file; any thread may.

    Args:
        link: the way to the bytes.
        size: how many the file has.
        name: the file, for errors.
        settings: how often and how long to try.
        confirm: asks the Hub whether the file is still the one that was opened, or raises.
        arrived: told of the bytes of each piece that has come, and where they begin.
    """

    def __init__(
        self,
        link: Link,
        size: int,
        name: str,
        settings: Settings,
        confirm: Callable[[], None],
        arrived: Callable[[int, memoryview], None] | None = None,
    ) -> None:
        self.size = size
        self.name = name
        self._link = link
        self._settings = settings
        self._confirm = confirm
        self._arrived = arrived
        self._etag = ""

    def read(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` to before ``stop``, or to the end of the file.

        Raises:
            IntegrityError: if the file is not the one that was opened.
            HfHubHTTPError: or its subclass.
            HubConnectionError: if no byte came for as long as the settings allow.
        """
        return self.read_many([(start, stop)])[0]

    def read_many(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """The bytes of each range, in the order given; else as `read`."""
        clipped = [self._clip(start, stop) for start, stop in ranges]
        merged = merge(clipped)
        if sum(stop - start for start, stop in merged) > _BELIEVED:
            self.fill(merged[0][0], memoryview(bytearray(1)))  # compares the size with the server's
        if len(clipped) == 1 and len(merged) == 1 and merged[0] == clipped[0]:
            data = bytearray(merged[0][1] - merged[0][0])
            self._fetch([(merged[0][0], memoryview(data))])
            return [bytes(data)]
        buffers = [(start, bytearray(stop - start)) for start, stop in merged]
        self._fetch([(start, memoryview(buffer)) for start, buffer in buffers])
        return [_cut(buffers, start, stop) for start, stop in clipped]

    def fill(self, start: int, view: memoryview) -> None:
        """Fill ``view`` with the bytes from ``start`` on; else as `read`."""
        patience = Patience(self._settings)
        filled = 0
        while filled < len(view):
            before = filled
            try:
                place = start + filled
                with self._link.open(place, start + len(view), etag=self._etag) as opened:
                    self.check(opened)
                    skip(opened.response, place - opened.start)
                    while filled < len(view):
                        count = opened.response.readinto(view[filled:])
                        if not count:
                            raise HubConnectionError(self.name, f"the body ended at {place}")
                        filled += count
            except HubConnectionError as error:
                time.sleep(patience.after(error, filled - before))
        if self._arrived is not None:
            self._arrived(start, view)

    def check(self, opened: Opened) -> None:
        """See that an answer is of the same file as those before.

        Raises:
            IntegrityError: if it is not.
        """
        if opened.total is not None and opened.total != self.size:
            raise IntegrityError(self.name, f"{self.size} bytes", f"{opened.total} bytes")
        if self._etag and opened.etag != self._etag:
            # Another server may have another etag for the same bytes; the Hub knows.
            self._confirm()
        self._etag = opened.etag

    @property
    def etag(self) -> str:
        """The validator of the bytes read so far, for ``If-Range``."""
        return self._etag

    def _clip(self, start: int, stop: int) -> tuple[int, int]:
        if start < 0 or stop < start:
            raise ValueError(f"{start}-{stop} is not a range of bytes")
        return min(start, self.size), min(stop, self.size)

    def _fetch(self, wanted: list[tuple[int, memoryview]]) -> None:
        """Fill all views, by several connections if there is much to fetch."""
        pieces: deque[tuple[int, memoryview]] = deque()
        for start, view in wanted:
            for at in range(0, len(view), PIECE):
                pieces.append((start + at, view[at : at + PIECE]))
        errors: list[BaseException] = []

        def work() -> None:
            try:
                while not errors:
                    self.fill(*pieces.popleft())
            except IndexError:
                pass
            except Exception as error:  # noqa: BLE001 - raised again below
                errors.append(error)

        threads = [
            threading.Thread(target=work, daemon=True)
            for _ in range(min(CONNECTIONS, len(pieces)) - 1)
        ]
        for thread in threads:
            thread.start()
        work()
        for thread in threads:
            thread.join()
        if errors:
            raise errors[0]


def merge(ranges: Sequence[tuple[int, int]], gap: int = GAP) -> list[tuple[int, int]]:
    """The ranges in order, those that touch or nearly do made one; empty ones left out.

    >>> merge([(10, 20), (0, 5), (18, 30)], gap=4)
    [(0, 5), (10, 30)]
    """
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(ranges):
        if start == stop:
            continue
        if merged and start <= merged[-1][1] + gap:
            merged[-1] = merged[-1][0], max(merged[-1][1], stop)
        else:
            merged.append((start, stop))
    return merged


def skip(response: Response, count: int) -> None:
    """Read ``count`` bytes away: the server sent the file from its start, not the range."""
    buffer = memoryview(bytearray(min(_SKIP, max(count, 0))))
    while count > 0:
        got = response.readinto(buffer[:count])
        if not got:
            raise HubConnectionError(response.url.partition("?")[0], "the body ended early")
        count -= got


def _cut(buffers: list[tuple[int, bytearray]], start: int, stop: int) -> bytes:
    for at, buffer in buffers:
        if at <= start and stop <= at + len(buffer):
            return bytes(memoryview(buffer)[start - at : stop - at])
    return b""  # an empty range
