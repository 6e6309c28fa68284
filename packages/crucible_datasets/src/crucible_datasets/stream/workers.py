"""The process that a stream is read in: a torch worker, a forked child, or neither."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Worker:
    """One of the processes that read a stream together.

    Attributes:
        index: from 0.
        count: how many there are.
    """

    index: int
    count: int


def current_worker() -> Worker | None:
    """The torch ``DataLoader`` worker that this is, or None in any other process."""
    data = sys.modules.get("torch.utils.data")
    info = None if data is None else data.get_worker_info()
    return None if info is None else Worker(info.id, info.num_workers)


class _Fork:
    """Whether this process was forked off one that had loaded the stream modules."""

    happened = False

    @classmethod
    def note(cls) -> None:
        cls.happened = True


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Fork.note)


class ForkedPolarsError(RuntimeError):
    """Polars can't be used in a forked process: its threads are in the parent."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.what} needs Polars, which hangs in a forked process; start workers with "
            "multiprocessing_context='spawn' (or 'forkserver'), or filter with a Python function"
        )


def check_polars_may_run(what: str) -> None:
    """Refuse ``what`` in a forked process.

    Raises:
        ForkedPolarsError: this is one.
    """
    if _Fork.happened:
        raise ForkedPolarsError(what)
