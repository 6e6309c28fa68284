"""What may stand between the brackets of ``dataset[...]``."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from crucible_datasets.table.selection import Rows


def position(key: Any, size: int) -> int:
    """A row number, counted from the end if negative, as one from the beginning.

    Raises:
        TypeError: it is no integer; bool is not taken for one.
        IndexError: there is no such row.
    """
    if isinstance(key, (bool, np.bool_)):
        refuse(key)
    try:
        index = operator.index(key)
    except TypeError:
        refuse(key)
    found = index + size if index < 0 else index
    if not 0 <= found < size:
        raise IndexError(f"row {index} is out of bounds: the dataset has {size} rows")
    return found


def rows(key: Any, size: int) -> Rows:
    """The rows of a slice, a range or a collection of row numbers.

    Raises:
        TypeError: it is neither.
        IndexError: one of them is not there.
    """
    if isinstance(key, slice):
        return range(*key.indices(size))
    if isinstance(key, range):
        if len(key) == 0:
            return range(0)
        first, last = position(key[0], size), position(key[-1], size)
        if key.step > 0 and first <= last:
            return range(first, last + 1, key.step)
        return np.asarray([position(index, size) for index in key], dtype=np.int64)
    numbers = _numbers(key)
    if numbers.size == 0:
        return range(0)
    found = numbers.astype(np.int64)
    low, high = int(found.min()), int(found.max())
    if high >= size or low < -size:
        wrong = high if high >= size else low
        raise IndexError(f"row {wrong} is out of bounds: the dataset has {size} rows")
    return np.where(found < 0, found + size, found) if low < 0 else found


def selected(indices: Iterable[Any], size: int) -> Rows:
    """The rows of a selection: as :func:`rows`, but counted from the beginning only.

    Raises:
        TypeError: ``indices`` is no collection of integers; a list of bools is none.
        OverflowError: one of them is negative, as in ``datasets``.
        IndexError: one of them is not there.
    """
    if isinstance(indices, range):
        if indices.step == 1 and indices.start == indices.stop:
            position(indices.start, size)
        lowest = min(indices[0], indices[-1]) if indices else 0
    else:
        is_list = not hasattr(indices, "__array__")
        indices = _numbers(indices)
        if is_list and indices.dtype.kind == "b":
            refuse(indices[0])
        lowest = indices.min(initial=0)
    found = rows(indices, size)
    if lowest < 0:
        raise OverflowError(f"row {lowest}: rows are selected by their numbers from 0 on")
    return found


def _numbers(key: Any) -> npt.NDArray[Any]:
    """A collection of row numbers as an array."""
    if not isinstance(key, Iterable) or isinstance(key, (str, bytes, dict)):
        refuse(key)
    numbers = np.asarray(key if hasattr(key, "__array__") else list(key))
    if numbers.size and numbers.dtype.kind not in "iub":
        refuse(numbers.ravel()[0])
    return numbers


def refuse(key: Any) -> NoReturn:
    """Say what a key may be.

    Raises:
        TypeError: always.
    """
    raise TypeError(
        f"{key!r} is a {type(key).__name__}; index with an integer, a slice, a range, "
        "a collection of integers, or a column's name"
    )
