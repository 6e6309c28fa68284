"""Work on a sequence of chunks in a few threads, its results in order."""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Item = TypeVar("Item")
Result = TypeVar("Result")

#: What is done here runs in C without the interpreter lock; more threads than this wait for memory.
THREADS = min(4, os.cpu_count() or 1)


def ordered_map(
    work: Callable[[Item], Result], items: Iterable[Item], *, threads: int = THREADS
) -> Iterator[Result]:
    """``map(work, items)`` with a few items ahead of the consumer in threads.

    The first item has been consumed before the second is touched: it may be all that is wanted, or
    tell how to work on the others.

    The first error of ``work`` or of ``items`` comes out behind the results of the items before it;
    what is ahead is dropped then, as it is when the consumer stops.
    """
    iterator = iter(items)
    yield from map(work, islice(iterator, 1))
    waiting: deque[Future[Result]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="crucible-read") as pool:
        try:
            for future in _begun(iterator, lambda item: pool.submit(work, item)):
                waiting.append(future)
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def _begun(
    items: Iterator[Item], submit: Callable[[Item], Future[Result]]
) -> Iterator[Future[Result]]:
    """The futures of the items; an error of ``items`` is the last one's."""
    try:
        yield from map(submit, items)
    except Exception as error:  # noqa: BLE001 # it is raised where its turn is
        failed: Future[Result] = Future()
        failed.set_exception(error)
        yield failed
