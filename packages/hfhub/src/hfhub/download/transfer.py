"""Bytes from the network into an unfinished file, hashed in order while they are written.

Several threads fetch parts; the calling thread hashes what is there without a gap, reading it back
from the page cache: hashing and receiving both release the interpreter lock. Bytes of an earlier
process are hashed like all others, so nothing is believed because a state file says so.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.download import positioned
from hfhub.download.ledger import Ledger
from hfhub.download.patience import Patience
from hfhub.errors import HfHubHTTPError, HubConnectionError, IntegrityError

if TYPE_CHECKING:
    from hfhub.download.link import Link, Opened
    from hfhub.download.partial import Partial
    from hfhub.progress import Bar
    from hfhub.settings import Settings

_BUFFER = 1 << 18
_HASH_BUFFER = 1 << 20
_WRITE_BACK = 8 << 20


class Stopped(Exception):
    """The download was told to stop; what it has stays for the next one."""


class _WrongSize(Exception):
    """The server has a file of another size."""


def fetch_large(
    link: Link,
    partial: Partial,
    *,
    name: str,
    settings: Settings,
    bar: Bar,
    connections: int,
    opened: Opened | None = None,
    stop: threading.Event | None = None,
) -> None:
    """Fill ``partial`` with verified bytes, going on with what it has.

    Args:
        link: where they are to be had.
        partial: the file to fill.
        name: the file, for errors.
        settings: how often and how long to try without progress.
        bar: told of each byte.
        connections: how many at most, for bytes that lie outside the Hub.
        opened: an answer to a request for the whole file that was made already.
        stop: set by others to make it stop.

    Raises:
        IntegrityError: if the wrong bytes came, from a fresh start, twice; the file is deleted.
        HfHubHTTPError: or its subclass; what came stays for the next try, here and below.
        HubConnectionError: if no byte came for as long as the settings allow; `HubTimeoutError`.
        Stopped: if ``stop`` was set.
        OSError: if the file cannot be written.
    """
    # Wrong bytes of an earlier process are not this one's failure.
    tries = 3 if partial.ledger is not None and partial.ledger.present else 2
    expected = f"{partial.digest} ({partial.size} bytes)"
    for left in reversed(range(tries)):
        job = _Job(link, partial, settings, bar, stop)
        try:
            found = f"{partial.digest.kind}:{job.run(connections, opened)}"
        except _WrongSize as error:
            found = str(error)
        if found == str(partial.digest):
            return
        opened = None
        bar.update(-job.reported)
        partial.ledger = None
        if not left:
            partial.discard()
            raise IntegrityError(name, expected, found)


@dataclass(slots=True)
class _Cursor:
    """Where a thread is: the part that it fetches, and the bytes it has received in all."""

    part: int
    received: int = 0


class _Job:
    """One pass over the file: threads that fetch parts, and the hash that follows them."""

    def __init__(
        self,
        link: Link,
        partial: Partial,
        settings: Settings,
        bar: Bar,
        stop: threading.Event | None,
    ) -> None:
        self._link = link
        self._partial = partial
        self._settings = settings
        self._bar = bar
        self._stop = stop or threading.Event()
        self._ledger = Ledger(partial.digest, partial.size)
        self._changed = threading.Condition()
        self._error: BaseException | None = None
        self._taken: set[int] = set()
        self._edge = 0  # the first part that is not complete
        self._epoch = 0  # counts restarts, so that everyone notices
        self._workers = 0
        self._many = False
        self.reported = 0

    # --- the calling thread

    def run(self, connections: int, opened: Opened | None) -> str:
        """Fetch and hash everything; the hash as hex.

        Raises:
            _WrongSize: if the server's file has another size.
        """
        partial = self._partial
        if partial.ledger is not None and partial.ledger.present:
            self._ledger = partial.ledger
            self._report(self._ledger.present)
            if opened is not None:
                opened.response.close()  # it would bring everything, and we want the rest only
                opened = None
        first = self._next_gap(0)
        if first is None:
            return self._hash()
        self._many = connections > 1
        opened = opened or self._ask(first)
        with opened:
            # The server may have the whole file in mind, or the Hub the bytes itself: one thread
            # then.
            self._many = self._link.is_elsewhere and opened.response.status_code == 206
            if self._ledger is not partial.ledger:
                self._ledger = partial.begin(opened.etag)
            self._start(first, connections if self._many else 1, opened)
            return self._watched()

    def _start(self, first: int, connections: int, opened: Opened) -> None:
        """Let threads fetch what is missing; the first one reads ``opened``."""
        self._taken.add(first)
        missing = sum(self._gap(part) > 0 for part in range(len(self._ledger.done)))
        self._workers = min(connections, missing)
        for number in range(self._workers):
            arguments = (first, opened) if not number else (None, None)
            threading.Thread(target=self._work, args=arguments, daemon=True).start()

    def _watched(self) -> str:
        """The hash, when no thread writes to the file any more."""
        try:
            return self._hash()
        except BaseException as error:  # Ctrl-C too: the threads end before the file is closed
            with self._changed:
                self._error = self._error or error
            raise
        finally:
            with self._changed:
                self._changed.wait_for(lambda: self._workers == 0)

    def _hash(self) -> str:
        """Follow the bytes that are there without a gap, and hash them."""
        partial = self._partial
        buffer = memoryview(bytearray(min(_HASH_BUFFER, partial.size)))
        epoch = self._epoch
        running = partial.digest.hasher(partial.size)
        place = 0
        while place < partial.size:
            with self._changed:
                while self._epoch == epoch and (end := self._contiguous()) <= place:
                    self._raise_if_over()
                    self._changed.wait(1.0)
                if self._epoch != epoch:
                    epoch = self._epoch
                    running = partial.digest.hasher(partial.size)
                    place = 0
                    continue
            while place < end:
                count = positioned.readinto(partial.fd, buffer[: end - place], place)
                running.update(buffer[:count])
                place += count
            self._raise_if_over()
        return running.hexdigest()

    def _contiguous(self) -> int:
        """How many bytes are there without a gap."""
        ledger = self._ledger
        done = ledger.done
        while self._edge < len(done) and done[self._edge] == ledger.length(self._edge):
            self._edge += 1
        if self._edge == len(done):
            return ledger.size
        return ledger.start(self._edge) + done[self._edge]

    def _raise_if_over(self) -> None:
        if self._error is not None:
            raise self._error
        if self._stop.is_set():
            raise Stopped

    # --- the threads

    def _work(self, part: int | None, opened: Opened | None) -> None:
        """Fetch parts until none is missing."""
        epoch = 0  # not what it is by now: a thread that starts after a restart is not needed
        buffer = memoryview(bytearray(_BUFFER))
        try:
            while self._goes_on(epoch):
                if part is None:
                    part = self._take()
                if part is None:
                    return
                epoch = self._fill(_Cursor(part), opened, buffer, epoch)
                part = opened = None
        except BaseException as error:  # noqa: BLE001 - raised again by the calling thread
            with self._changed:
                self._error = self._error or error
        finally:
            if opened is not None:
                opened.response.close()
            with self._changed:
                self._workers -= 1
                self._changed.notify_all()

    def _goes_on(self, epoch: int) -> bool:
        return self._error is None and self._epoch == epoch and not self._stop.is_set()

    def _take(self) -> int | None:
        with self._changed:
            part = self._next_gap(self._edge)
            if part is not None:
                self._taken.add(part)
            return part

    def _next_gap(self, part: int) -> int | None:
        """The first part from ``part`` on that is missing bytes and that no thread fetches."""
        for candidate in range(part, len(self._ledger.done)):
            if candidate not in self._taken and self._gap(candidate):
                return candidate
        return None

    def _gap(self, part: int) -> int:
        return self._ledger.length(part) - self._ledger.done[part]

    def _ask(self, part: int) -> Opened:
        """Ask for what ``part`` misses; to the end of the file unless there are many threads."""
        ledger = self._ledger
        place = ledger.start(part) + ledger.done[part]
        end = ledger.start(part) + ledger.length(part)
        stop = end if self._many and end < ledger.size else None
        try:
            return self._link.open(place, stop, etag=ledger.etag)
        except HfHubHTTPError as error:
            if error.response.status_code != 416:
                raise
            held = error.response.headers.get("content-range", "an unknown length")
            raise _WrongSize(f"a file that ends earlier: {held}") from error

    def _fill(self, at: _Cursor, opened: Opened | None, buffer: memoryview, epoch: int) -> int:
        """Fetch a part and what its answer holds beyond it; the epoch that it ended in."""
        patience = Patience(self._settings)
        while self._goes_on(epoch) and self._gap(at.part):
            before = at.received
            try:
                opened = opened or self._ask(at.part)
                with opened:
                    if opened.start != self._ledger.start(at.part) + self._ledger.done[at.part]:
                        restarted = self._restart(epoch, opened)
                        if restarted is None:
                            return epoch
                        epoch = restarted
                        at.part = 0
                    if opened.total is not None and opened.total != self._ledger.size:
                        raise _WrongSize(f"{opened.total} bytes")
                    self._pour(at, opened, buffer, epoch)
            except HubConnectionError as error:
                self._stop.wait(patience.after(error, at.received - before))
            opened = None
        return epoch

    def _restart(self, epoch: int, opened: Opened) -> int | None:
        """Begin again with the whole file that came instead of a range; None if another thread did.

        The server ignores ranges, or its file has changed: either way the bytes that we have and
        those that come may not belong together.
        """
        with self._changed:
            if self._epoch != epoch:
                return None
            self._epoch += 1
            # The others notice, and have written their last byte when they are gone.
            self._changed.wait_for(lambda: self._workers == 1)
            self._many = False
            self._report(-self._ledger.present)
            self._ledger = self._partial.begin(opened.etag)
            self._edge = 0
            self._taken = {0}
            return self._epoch

    def _pour(self, at: _Cursor, opened: Opened, buffer: memoryview, epoch: int) -> None:
        """Write the body to its place, up to bytes that another thread fetches."""
        ledger = self._ledger
        fd = self._partial.fd
        place = opened.start
        while self._goes_on(epoch):
            room = self._gap(at.part)
            count = opened.response.readinto(buffer[:room])
            if not count:
                if room == ledger.length(at.part) and opened.response.status_code == 206:
                    return  # the range ended where the part before did
                raise HubConnectionError(
                    opened.response.url.partition("?")[0], f"the body ended at {place}"
                )
            if self._epoch != epoch:
                return  # not for any other reason to stop: the next try need not fetch these again
            positioned.write(fd, buffer[:count], place)
            place += count
            at.received += count
            # The count goes to disk after the bytes: a kill in between costs only these few again.
            with self._changed:
                ledger.done[at.part] += count
                self._changed.notify_all()
            ledger.record(fd, at.part)
            self._report(count)
            if place // _WRITE_BACK != (place - count) // _WRITE_BACK:
                # So that the disk works meanwhile, and the sync at the end has little left to do.
                positioned.write_back(
                    fd, place // _WRITE_BACK * _WRITE_BACK - _WRITE_BACK, _WRITE_BACK
                )
            if count == room:
                if place == ledger.size or not self._take_if_free(at.part + 1):
                    return
                at.part += 1

    def _take_if_free(self, part: int) -> bool:
        with self._changed:
            if part in self._taken or self._ledger.done[part]:
                return False
            self._taken.add(part)
            return True

    def _report(self, count: int) -> None:
        self.reported += count
        self._bar.update(count)
