"""Who looks on while requests are made."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hfhub.http.response import Request, Response

    Hook = Callable[[Request, Response | None], None]

_hooks: tuple[Hook, ...] = ()
_lock = threading.Lock()


@contextmanager
def observe(hook: Hook) -> Iterator[None]:
    """Call ``hook`` for every request that any thread sends while the block runs.

    It is called with the request and its answer, redirects and retries each counted, or
    with None when no answer came.

    >>> seen = []
    >>> with observe(lambda request, response: seen.append(request.url)):
    ...     pass
    """
    global _hooks
    with _lock:
        _hooks = (*_hooks, hook)
    try:
        yield
    finally:
        with _lock:
            remaining = list(_hooks)
            remaining.remove(hook)
            _hooks = tuple(remaining)


def tell(request: Request, response: Response | None) -> None:
    """Call the hooks."""
    for hook in _hooks:
        hook(request, response)


class RequestLog:
    """A list of what was sent, to be filled by `observe`.

    >>> log = RequestLog()
    >>> with observe(log): pass
    >>> log.count
    0
    """

    def __init__(self) -> None:
        self.entries: list[tuple[str, str, int | None]] = []

    def __call__(self, request: Request, response: Response | None) -> None:
        """Note one request."""
        status = None if response is None else response.status_code
        self.entries.append((request.method, request.url, status))

    @property
    def count(self) -> int:
        """How many requests were sent, those that were answered with a redirect not counted."""
        return sum(1 for _, _, status in self.entries if status is None or not 300 <= status < 400)
