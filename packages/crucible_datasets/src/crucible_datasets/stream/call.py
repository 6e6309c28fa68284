"""A user's function and how it is to be called."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True)
class Call:
    """A function with what it is given beside the row.

    Attributes:
        function: takes a row, or the values of ``columns``; then the index if ``with_indices``.
        columns: give the values of these columns, not the row.
        with_indices: give the row's number (for batches: the list of numbers) too.
        kwargs: given by name.
    """

    function: Callable[..., Any]
    columns: tuple[str, ...] | None = None
    with_indices: bool = False
    kwargs: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plain(self) -> bool:
        """Whether the row is all that the function is given."""
        return self.columns is None and not self.with_indices and not self.kwargs

    @property
    def is_async(self) -> bool:
        """Whether the function is a coroutine function."""
        function = self.function
        while hasattr(function, "func"):  # functools.partial
            function = function.func
        return inspect.iscoroutinefunction(function)

    @property
    def name(self) -> str:
        """What the function is called in messages."""
        return getattr(self.function, "__name__", type(self.function).__name__)

    def __call__(self, row: Any, index: Any) -> Any:
        """The function's answer for a row, or for a batch of them."""
        given = (row,) if self.columns is None else tuple(row[name] for name in self.columns)
        return (
            self.function(*given, index, **self.kwargs)
            if self.with_indices
            else self.function(*given, **self.kwargs)
        )


def note_place(error: BaseException, call: Call, index: Any, place: str) -> None:
    """Say in ``error`` which row the function was given. Its type and message stay as they are."""
    error.add_note(f"raised by {call.name!r} for row {index} of the stream ({place})")


@dataclass(frozen=True, slots=True)
class _WithSplit:
    function: Callable[..., Any]
    split: str

    def __call__(self, *given: Any, **kwargs: Any) -> Any:
        return self.function(*given, self.split, **kwargs)


def with_split_name(function: Callable[..., Any], split: str) -> Callable[..., Any]:
    """``function`` given a split's name behind its other arguments."""
    return _WithSplit(function, split)
