"""Calls of a user's function, one after the other or, for an async one, many at a time."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Work = tuple[Any, list[tuple[Any, ...]]]

T = TypeVar("T")

AT_A_TIME = 1000
"""Calls of an async function that run at one time, as many as in ``datasets``."""


def is_async(function: Callable[..., Any]) -> bool:
    """Whether calling ``function`` gives a coroutine; partials are looked through."""
    while isinstance(function, partial):
        function = function.func
    return inspect.iscoroutinefunction(function) or inspect.iscoroutinefunction(
        getattr(function, "__call__", None)  # noqa: B004 - its own kind is asked, not whether it is there
    )


def outputs(
    function: Callable[..., Any], kwargs: dict[str, Any], work: Iterable[Work]
) -> Iterator[tuple[Any, list[Any]]]:
    """What ``function`` gives for each piece of work, in order.

    Args:
        function: an ordinary or an async one.
        kwargs: passed at each call.
        work: whatever belongs to a piece, and the arguments of its calls.
    """
    if is_async(function):
        yield from _concurrent(function, kwargs, work)
        return
    for piece, calls in work:
        if kwargs:
            yield piece, [function(*arguments, **kwargs) for arguments in calls]
        else:
            yield piece, [function(*arguments) for arguments in calls]


def _concurrent(
    function: Callable[..., Any], kwargs: dict[str, Any], work: Iterable[Work]
) -> Iterator[tuple[Any, list[Any]]]:
    # A thread of its own has no loop yet, also where the caller runs in one (a notebook).
    with ThreadPoolExecutor(1) as thread, asyncio.Runner() as runner:
        started: deque[tuple[Any, list[asyncio.Task[Any]]]] = deque()
        source = iter(work)
        loop: asyncio.AbstractEventLoop = thread.submit(runner.get_loop).result()

        async def start(calls: list[tuple[Any, ...]]) -> list[asyncio.Task[Any]]:
            return [loop.create_task(function(*arguments, **kwargs)) for arguments in calls]

        async def finish(tasks: list[asyncio.Task[Any]]) -> list[Any]:
            return list(await asyncio.gather(*tasks))

        def run(coroutine: Any) -> Any:
            return thread.submit(runner.run, coroutine).result()

        try:
            more = True
            while more or started:
                while more and sum(len(tasks) for _, tasks in started) < AT_A_TIME:
                    try:
                        piece, calls = next(source)
                    except StopIteration:
                        more = False
                    else:
                        started.append((piece, run(start(calls))))
                if started:
                    piece, tasks = started.popleft()
                    yield piece, run(finish(tasks))
        finally:
            thread.submit(runner.close).result()
