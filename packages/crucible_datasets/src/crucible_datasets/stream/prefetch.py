"""``prefetch``: a thread that reads ahead, as far as its queue goes and no further."""

from __future__ import annotations

import queue
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.cursor import Cursor, Reader
from crucible_datasets.stream.node import Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.stream.node import Bundle, Node, Place, Reading, Row

PATIENCE = 0.05
"""Seconds between two looks at whether the iteration was ended."""


@dataclass(frozen=True, slots=True)
class Prefetch(Step):
    """The same rows, read ahead by a thread.

    Attributes:
        bundles: how many bundles may wait (about a thousand rows each; single rows behind a
            function of rows are gathered a hundred together).
    """

    child: Node
    bundles: int

    @property
    def one_by_one(self) -> bool:
        """Never: rows are gathered."""
        return False

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor with a thread that starts with the first row asked for."""
        return _PrefetchCursor(self, reading, place)


@dataclass(frozen=True, slots=True)
class _Ready:
    bundle: Bundle
    place: Place


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


_END = object()
ROWS_TOGETHER = 100


class _PrefetchCursor(Cursor):
    """Stands at the reader's place behind the last bundle that was given, not read."""

    def __init__(self, node: Prefetch, reading: Reading, place: Place) -> None:
        self._place: Place = place
        self._reader = Reader(node.child, reading.below(node), None if place is None else place[0])
        self._single = node.child.one_by_one
        self._queue: queue.Queue[Any] = queue.Queue(max(1, node.bundles))
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def place(self) -> Place:
        return self._place

    def where(self, row: int) -> str:  # noqa: ARG002 # the reader is ahead of what is given
        return f"a little before {self._reader.where()}"

    def close(self) -> None:
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
        self._thread = None
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        self._thread = threading.Thread(target=self._read, name="crucible-prefetch", daemon=True)
        self._thread.start()
        while (item := self._queue.get()) is not _END:
            if isinstance(item, _Failed):
                raise item.error
            self._place = (item.place,)
            yield item.bundle

    def _read(self) -> None:
        try:
            for bundle in self._gathered():
                if not self._put(_Ready(bundle, self._reader.place())):
                    return
            self._put(_END)
        except BaseException as error:  # noqa: BLE001 # it is raised again where rows are asked for
            self._put(_Failed(error))

    def _gathered(self) -> Iterator[Bundle]:
        if not self._single:
            yield from self._reader.bundles()
            return
        size = 1
        rows: list[Row]
        while rows := self._reader.take(size):
            yield rows
            size = min(ROWS_TOGETHER, size * 2)

    def _put(self, item: Any) -> bool:
        """Wait for room, unless the iteration has ended."""
        while not self._stop.is_set():
            try:
                self._queue.put(item, timeout=PATIENCE)
            except queue.Full:
                continue
            return True
        return False
