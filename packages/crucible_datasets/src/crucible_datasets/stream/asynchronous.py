"""``map`` with a coroutine function: many rows are on their way together, and come out in order."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.batched import as_columns, merged_columns
from crucible_datasets.stream.call import note_place
from crucible_datasets.stream.cursor import Cursor, fixed
from crucible_datasets.stream.map import Map, merged
from crucible_datasets.stream.node import standing
from crucible_datasets.stream.rows import columns_of_rows, rows_of_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Place, Reading, Row

AT_ONCE = 1000
"""Calls that run together, as many as in ``datasets``."""


@dataclass(frozen=True, slots=True)
class MapAsync(Map):
    """Like :class:`Map`, with a coroutine function.

    Attributes:
        size: rows in a call, or None for single rows.
        drop_last: leave out the last batch if it is smaller.
        at_once: calls that run together, at most.
        keep: the function says which rows stay, nothing else.
    """

    size: int | None = None
    drop_last: bool = False
    at_once: int = AT_ONCE
    keep: bool = False

    @property
    def one_by_one(self) -> bool:
        """Single rows come one by one."""
        return self.size is None

    @property
    def features(self) -> Any:
        """Those that the user gave, or the input's for a filter."""
        return self.child.features if self.keep else self.types

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor with an event loop of its own."""
        return _AsyncCursor(self, reading, place)


class _AsyncCursor(Cursor):
    """Stands at ``(index, place)`` before the oldest input whose rows were not given."""

    def __init__(self, node: MapAsync, reading: Reading, place: Place) -> None:
        self._index, inner = standing(place, 0, None)
        self._node = node
        self._reader = node.reader(reading, inner)
        self._tasks: deque[tuple[Place, asyncio.Task[list[Row]]]] = deque()
        self._loop: asyncio.AbstractEventLoop | None = None

    def place(self) -> Place:
        return self._tasks[0][0] if self._tasks else (self._index, self._reader.place())

    def locator(self) -> Locator:
        return fixed(f"up to {len(self._tasks)} calls before {self._reader.where()}")

    def close(self) -> None:
        self._reader.close()
        loop, self._loop = self._loop, None
        if loop is None:
            return
        tasks = [task for _, task in self._tasks]
        self._tasks.clear()
        for task in tasks:
            task.cancel()
        if tasks:
            loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()

    def __iter__(self) -> Iterator[list[Row]]:
        self._loop = asyncio.new_event_loop()
        inputs = self._inputs()
        more = True
        while more or self._tasks:
            while more and len(self._tasks) < self._node.at_once:
                more = self._start(next(inputs, None))
                # What is done already is given before more is begun, as soon as it is the oldest.
                self._loop.run_until_complete(asyncio.sleep(0))
                if self._tasks and self._tasks[0][1].done():
                    break
            if not self._tasks:
                break
            rows = self._loop.run_until_complete(self._tasks[0][1])
            self._tasks.popleft()
            if rows:
                yield rows
        self.close()

    def _inputs(self) -> Iterator[tuple[Place, Any, Any]]:
        size = self._node.size
        while True:
            before = (self._index, self._reader.place())
            rows = self._reader.take(size or 1)
            if not rows or (size and self._node.drop_last and len(rows) < size):
                return
            first = self._index
            self._index += len(rows)
            if size is None:
                yield before, rows[0], first
            else:
                yield before, columns_of_rows(rows), list(range(first, self._index))

    def _start(self, following: tuple[Place, Any, Any] | None) -> bool:
        if following is None or self._loop is None:
            return False
        before, given, index = following
        task = self._loop.create_task(self._answer(given, index, self._reader.where()))
        self._tasks.append((before, task))
        return True

    async def _answer(self, given: Any, index: Any, where: str) -> list[Row]:
        node = self._node
        try:
            answer = await node.call(dict(given), index)
        except Exception as error:
            note_place(error, node.call, index, where)
            raise
        if node.keep:
            rows = [given] if node.size is None else rows_of_columns(given)
            mask = [answer] if node.size is None else answer
            return [row for row, keep in zip(rows, mask, strict=True) if keep]
        if node.size is None:
            return [merged(given, answer, node.remove)]
        kept = {name: values for name, values in given.items() if name not in node.remove}
        return rows_of_columns(merged_columns(kept, as_columns(answer)))
