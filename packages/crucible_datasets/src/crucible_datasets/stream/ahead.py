"""A thread that goes through an iterator ahead of the one who wants its items."""

from __future__ import annotations

import threading
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

T = TypeVar("T")

_END = object()


class _Failed:
    def __init__(self, error: BaseException) -> None:
        self.error = error


class Ahead(Generic[T]):
    """The items of an iterator, up to ``depth`` of them made before they are asked for.

    The first item is made when it is asked for, those behind it when the second is: many want one.
    All are made by the same thread, as memory that another one let go is not always used again.

    Args:
        items: the iterator; a generator is closed with this.
        depth: how many items may wait.
    """

    def __init__(self, items: Iterator[T], depth: int) -> None:
        self._items = items
        self._depth = depth
        self._room = threading.Semaphore(1)
        self._ready: SimpleQueue[Any] = SimpleQueue()
        self._stopped = False
        self._thread: threading.Thread | None = None

    def __iter__(self) -> Iterator[T]:
        self._thread = threading.Thread(target=self._run, name="crucible-ahead", daemon=True)
        self._thread.start()
        first = True
        while (item := self._ready.get()) is not _END:
            if isinstance(item, _Failed):
                raise item.error
            if first:
                first = False
                yield item
                self._room.release(self._depth)
            else:
                self._room.release()
                yield item

    def close(self) -> None:
        """End the thread, and close the iterator."""
        self._stopped = True
        self._room.release()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join()
            self._thread = None
        close = getattr(self._items, "close", None)
        if close is not None:
            close()

    def _run(self) -> None:
        try:
            while True:
                self._room.acquire()
                if self._stopped:
                    return
                item = next(self._items, _END)
                self._ready.put(item)
                if item is _END:
                    return
        except BaseException as error:  # noqa: BLE001 # it is raised again where items are asked for
            self._ready.put(_Failed(error))
