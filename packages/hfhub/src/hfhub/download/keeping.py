"""Bytes of a remote file that are read anyway, kept in the cache once all of them were."""

from __future__ import annotations

import logging
import os
import threading
from itertools import pairwise
from typing import TYPE_CHECKING

from hfhub.download import positioned
from hfhub.download.partial import claim
from hfhub.errors import HubError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hfhub.download.destination import Destination, Wanted
    from hfhub.download.partial import Partial

__all__ = ["Keeper"]

logger = logging.getLogger(__name__)

Span = tuple[int, int]
LITTLE = 64 << 10
"""Bytes that are fetched for the sake of the file, if it then is whole; or 2% of a larger one."""
_HASH_BUFFER = 1 << 20


class Keeper:
    """Writes what is read of a remote file into its unfinished download, and finishes that.

    What is there goes on where another reading, or a download, broke off. When the last byte has
    come the file is compared with its digest and moved into place; nothing sees it before. A reader
    notices none of it: what can't be kept is read all the same. Any thread may write.

    Args:
        place: where the file goes.
        wanted: the file.
        read: reads a span of the file, so that it is written here: for the few bytes between what
            readers want.
    """

    def __init__(
        self, place: Destination, wanted: Wanted, read: Callable[[Sequence[Span]], object]
    ) -> None:
        self._place = place
        self._wanted = wanted
        self._read = read
        self._lock = threading.RLock()
        self._readers = 0
        self._partial: Partial | None = None
        self._there: list[Span] = []
        self._inherited = False  # some of it came from another process
        self._left: tuple[int, int] | None = None  # the file as it was when readers went
        self._over = False  # kept, or not to be kept by those who read now

    def hold(self) -> None:
        """Somebody begins to read: from now on bytes are written."""
        with self._lock:
            self._over = self._over and self._readers > 0
            self._readers += 1

    def write(self, start: int, data: memoryview) -> None:
        """Keep the bytes that were read at ``start``.

        Raises:
            IntegrityError: with them the file is whole, and not what was promised.
        """
        with self._lock:
            if self._over or not self._readers:
                return
            try:
                partial = self._partial or self._claimed()
                if partial is not None:
                    positioned.write(partial.fd, data, start)
                    self._there = _merged([*self._there, (start, start + len(data))])
                    if self._there == [(0, self._wanted.size)]:
                        self._finish(partial)
            except IntegrityError:
                raise
            except (OSError, HubError) as error:
                self._give_up(error)

    def let_go(self) -> None:
        """Somebody has read enough. With the last one, what little is missing is fetched.

        Raises:
            IntegrityError: as by :meth:`write`.
        """
        try:
            if gaps := self._few_missing():
                self._read(gaps)
        except IntegrityError:
            raise
        except (OSError, HubError) as error:
            logger.info("%s is not whole yet: %s", self._wanted.name, error)
        finally:
            with self._lock:
                self._readers -= 1
                if not self._readers and self._partial is not None:
                    self._leave(self._partial)

    def _claimed(self) -> Partial | None:
        """The unfinished file, or None where this process need not or may not write it."""
        wanted = self._wanted
        if self._place.take_over(wanted) is not None:
            self._over = True
            return None
        self._place.make_room(wanted.size)
        partial = claim(self._place.partial(wanted), wanted.digest, wanted.size, resume=True)
        if partial is None:
            self._over = True  # another process is at it
            return None
        if partial.ledger is None:
            partial.begin("", reserve=False)
        ledger = partial.ledger
        assert ledger is not None
        if self._left != _state(partial):  # others may have written to it; the ledger knows less
            starts = [(ledger.start(part), done) for part, done in enumerate(ledger.done)]
            self._there = _merged([(start, start + done) for start, done in starts if done])
            self._inherited = bool(self._there)
        self._partial = partial
        return partial

    def _finish(self, partial: Partial) -> None:
        wanted = self._wanted
        self._over, self._partial = True, None
        with partial:
            running = wanted.digest.hasher(wanted.size)
            buffer = memoryview(bytearray(min(_HASH_BUFFER, wanted.size)))
            place = 0
            while count := positioned.readinto(partial.fd, buffer[: wanted.size - place], place):
                running.update(buffer[:count])
                place += count
            if running.hexdigest() != wanted.digest.hex:
                partial.discard()
                found = f"{wanted.digest.kind}:{running.hexdigest()}"
                if not self._inherited:
                    raise IntegrityError(wanted.name, str(wanted.digest), found)
                logger.warning("%s is not kept: what was there of it was wrong", wanted.name)
                return
            self._place.adopt(partial.seal(), wanted)
            partial.tidy()

    def _leave(self, partial: Partial) -> None:
        """Note what is there for those who go on, and let them."""
        self._partial = None
        ledger = partial.ledger
        with partial:
            if ledger is None:
                return
            for part in range(len(ledger.done)):
                first, end = ledger.start(part), ledger.start(part) + ledger.length(part)
                for start, stop in self._there:
                    if start <= first < stop:
                        ledger.done[part] = min(stop, end) - first
            ledger.write(partial.fd)
            self._left = _state(partial)

    def _give_up(self, error: Exception) -> None:
        logger.warning("%s is read, and not kept: %s", self._wanted.name, error)
        self._over = True
        if self._partial is not None:
            with self._partial as partial:
                partial.discard()
            self._partial = None

    def _few_missing(self) -> list[Span]:
        """The spans that the last reader leaves missing, if they are worth a request."""
        with self._lock:
            if self._readers != 1 or self._partial is None:
                return []
            size = self._wanted.size
            edges = [(0, 0), *self._there, (size, size)]
        gaps = [(before[1], after[0]) for before, after in pairwise(edges) if before[1] < after[0]]
        few = sum(stop - start for start, stop in gaps) <= max(LITTLE, size // 50)
        return gaps if few else []


def _state(partial: Partial) -> tuple[int, int]:
    """Changes when somebody writes to the file, or another has its name."""
    found = os.fstat(partial.fd)
    return found.st_ino, found.st_mtime_ns


def _merged(spans: list[Span]) -> list[Span]:
    """The spans in order, those that touch or overlap as one.

    >>> _merged([(4, 6), (0, 2), (2, 4), (8, 9)])
    [(0, 6), (8, 9)]
    """
    found: list[Span] = []
    for start, stop in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], stop))
        else:
            found.append((start, stop))
    return found
