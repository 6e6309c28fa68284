"""Telling quick answers, which one thread gives in turn, from those that need a thread."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_here = threading.local()


class TakesLong(Exception):
    """The answer would keep others waiting; ask again in a thread."""


@contextmanager
def hurried() -> Iterator[None]:
    """Within this block, on this thread, :func:`about_to_take_long` raises."""
    _here.hurried = True
    try:
        yield
    finally:
        _here.hurried = False


def about_to_take_long() -> None:
    """To be called before reading many bytes, waiting, or using the network.

    Raises:
        TakesLong: in a hurry.
    """
    if getattr(_here, "hurried", False):
        raise TakesLong
