"""A thread that reads ahead while rows are made of what was read."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


def ahead(source: Callable[[], Iterator[T]], depth: int = 2) -> Iterator[T]:
    """What ``source()`` gives, read by a thread that is at most ``depth`` items ahead.

    The thread starts with the second item: whoever wants the first one only pays for no more. It ends
    when the iteration does, also when that is given up early.

    Args:
        source: gives the iterator.
        depth: items that may wait.
    """
    items = source()
    try:
        first = next(items)
    except StopIteration:
        return
    yield first
    waiting: deque[T] = deque()
    ready = threading.Condition()
    ended = False
    given_up = False
    error: BaseException | None = None

    def read() -> None:
        nonlocal ended, error
        try:
            for item in items:
                with ready:
                    ready.wait_for(lambda: len(waiting) < depth or given_up)
                    if given_up:
                        return
                    waiting.append(item)
                    ready.notify_all()
        except BaseException as raised:  # noqa: BLE001 - the consumer raises it
            error = raised
        finally:
            with ready:
                ended = True
                ready.notify_all()

    thread = threading.Thread(target=read, name="crucible-ahead", daemon=True)
    thread.start()
    try:
        while True:
            with ready:
                ready.wait_for(lambda: waiting or ended)
                if not waiting:
                    break
                item = waiting.popleft()
                ready.notify_all()
            yield item
        if error is not None:
            raise error
    finally:
        with ready:
            given_up = True
            ready.notify_all()
        thread.join()
