"""Progress bars of downloads, uploads and extractions, drawn by tqdm when someone can see them."""

from __future__ import annotations

import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any, Protocol, Self

from hfhub import settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

__all__ = [
    "are_progress_bars_disabled",
    "bar",
    "disable_progress_bars",
    "enable_progress_bars",
]

# Group name -> shown or not; "" is every group. A group inherits from the nearest one above it.
_shown: dict[str, bool] = {}


class Bar(Protocol):
    """What work reports to; any thread may call it."""

    def update(self, n: float = 1, /) -> None:
        """Move on by ``n`` units."""

    def grow(self, n: float, /) -> None:
        """Expect ``n`` units more."""

    def close(self) -> None:
        """Draw the last state and leave the line."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def bar(
    total: float | None,
    desc: str,
    *,
    unit: str = "B",
    name: str | None = None,
    initial: float = 0,
    tqdm_class: Callable[..., Any] | None = None,
) -> Bar:
    """Make a bar to enter with ``with`` and to ``update(n)`` from any thread.

    Nothing is drawn, and tqdm is not even imported, when the bars are switched off or stderr is no
    terminal.

    Args:
        total: how many units are expected, or None if that is not known.
        desc: what stands in front of the bar.
        unit: ``"B"`` for bytes (scaled to k, M, G), or a word such as ``" files"``.
        name: the group that :func:`disable_progress_bars` switches, such as ``"hfhub.extract"``.
        initial: units that were done before.
        tqdm_class: the caller's own class, which then decides by itself whether to draw.
    """
    if tqdm_class is None:
        if are_progress_bars_disabled(name) or not _is_terminal():
            return _Silent()
        from tqdm.auto import tqdm

        tqdm_class = tqdm
    drawn = tqdm_class(
        total=total,
        initial=initial,
        desc=desc,
        unit=unit,
        unit_scale=unit == "B",
    )
    return _Drawn(drawn)


class disable_progress_bars:  # noqa: N801 - the peer's name, called like a function
    """Switch bars off, for good when called, for a block when entered with ``with``.

    Args:
        name: the group to switch, with all groups below it (``"hfhub"`` covers
            ``"hfhub.extract"``); None switches every group.
    """

    def __init__(self, name: str | None = None) -> None:
        self.name = name
        self._switched = False
        if settings.current().progress_bars is True:
            warnings.warn(
                "HF_HUB_DISABLE_PROGRESS_BARS=0 is set and decides: the bars stay on", stacklevel=2
            )
            return
        self._switched = not are_progress_bars_disabled(name)
        _switch(name, shown=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._switched:
            enable_progress_bars(self.name)


def enable_progress_bars(name: str | None = None) -> None:
    """Switch bars on again.

    Args:
        name: the group to switch, with all groups below it; None switches every group.
    """
    if settings.current().progress_bars is False:
        warnings.warn(
            "HF_HUB_DISABLE_PROGRESS_BARS=1 is set and decides: the bars stay off", stacklevel=2
        )
        return
    _switch(name, shown=True)


def are_progress_bars_disabled(name: str | None = None) -> bool:
    """Whether bars of the group ``name`` (None: of no group) are switched off.

    ``HF_HUB_DISABLE_PROGRESS_BARS=1`` in the environment decides over everything said in code.
    """
    if settings.current().progress_bars is False:
        return True
    group = name or ""
    while group:
        if group in _shown:
            return not _shown[group]
        group = group.rpartition(".")[0]
    return not _shown.get("", True)


def _switch(name: str | None, *, shown: bool) -> None:
    prefix = f"{name}." if name else ""
    for group in [group for group in _shown if group.startswith(prefix)]:
        del _shown[group]
    _shown[name or ""] = shown


def _is_terminal() -> bool:
    # stderr is None under pythonw, and some replacements of it lack isatty.
    isatty = getattr(sys.stderr, "isatty", None)
    return isatty is not None and bool(isatty())


class _Silent:
    """A bar that nobody sees."""

    def update(self, n: float = 1, /) -> None:
        """Do nothing."""

    def grow(self, n: float, /) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        pass


class _Drawn:
    """A tqdm bar behind a lock: tqdm's own counter loses updates between threads."""

    def __init__(self, drawn: Any) -> None:
        self._drawn = drawn
        self._lock = threading.Lock()

    def update(self, n: float = 1, /) -> None:
        """Move on by ``n`` units."""
        with self._lock:
            self._drawn.update(n)

    def grow(self, n: float, /) -> None:
        """Expect ``n`` units more."""
        with self._lock:
            self._drawn.total = (self._drawn.total or 0) + n

    def close(self) -> None:
        """Draw the last state and leave the line."""
        with self._lock:
            self._drawn.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()
