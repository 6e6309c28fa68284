"""Which rows: a run of positions, or positions one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Iterator

Positions: TypeAlias = npt.NDArray[np.int64]
Rows: TypeAlias = range | Positions
"""A run of positions (a range with step 1) or an array of them in any order."""


def as_positions(rows: Rows) -> Positions:
    """The positions as an array."""
    if isinstance(rows, range):
        return np.arange(rows.start, rows.stop, rows.step, dtype=np.int64)
    return rows


def compact(positions: Positions) -> Rows:
    """The same positions, as a range where they are one run."""
    n = len(positions)
    if n == 0:
        return range(0)
    first, last = int(positions[0]), int(positions[-1])
    if last - first == n - 1 and is_ascending(positions):
        return range(first, last + 1)
    return positions


def is_ascending(positions: Positions) -> bool:
    """Whether each position is greater than the one before."""
    return bool(np.all(positions[1:] > positions[:-1]))


def compose(outer: Rows, inner: Rows) -> Rows:
    """The rows ``inner`` of the rows ``outer``: positions that the table below understands."""
    if isinstance(inner, range):
        if isinstance(outer, range):
            if inner.step == 1:
                return outer[inner.start : inner.stop]
            return as_positions(outer)[as_positions(inner)]
        return outer[inner.start : inner.stop] if inner.step == 1 else outer[as_positions(inner)]
    if isinstance(outer, range):
        return inner if outer.start == 0 else inner + outer.start
    return outer[inner]


def pieces(rows: Rows, size: int) -> Iterator[Rows]:
    """``rows`` cut into runs of ``size``; the last may be shorter."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
