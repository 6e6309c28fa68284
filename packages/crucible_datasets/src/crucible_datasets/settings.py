"""Every environment variable that crucible_datasets reads, once, in a frozen dataclass."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Mapping

_UNITS = {"K": 10, "M": 20, "G": 30, "T": 40}


@dataclass(frozen=True, slots=True)
class Settings:
    """What the library needs to know of its surroundings.

    Attributes:
        cache: the folder for what transforms and random access write; always safe to delete.
        memory_budget: bytes of rows that one table may hold in memory.
        caching: whether results of ``map`` and ``filter`` over files are kept for the next process.
        progress_bars: whether long work may draw a bar; None asks whether someone looks.
        apart: whether ``cache`` was chosen, so that results lie there, and not beside the Hub's cache.
    """

    cache: Path
    memory_budget: int
    caching: bool = True
    progress_bars: bool | None = None
    apart: bool = False

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Self:
        """Read the variables that ``datasets`` documents, and ours."""
        env = os.environ if env is None else env
        xdg = env.get("XDG_CACHE_HOME") or "~/.cache"
        home = env.get("HF_HOME") or f"{xdg}/huggingface"
        cache = env.get("HF_DATASETS_CACHE") or f"{home}/datasets"
        budget = env.get("CRUCIBLE_MEMORY_BUDGET")
        disabled = env.get("HF_DATASETS_DISABLE_PROGRESS_BARS")
        return cls(
            cache=Path(os.path.expandvars(cache)).expanduser().absolute() / "crucible",
            memory_budget=parse_size(budget) if budget else _memory() // 4,
            progress_bars=None
            if disabled is None
            else disabled.strip().upper() not in {"1", "ON", "YES", "TRUE"},
            apart=bool(env.get("HF_DATASETS_CACHE")),
        )


def parse_size(text: str) -> int:
    """Bytes in a size such as ``8G``, ``512MB`` or ``1000000``.

    Raises:
        ValueError: it is not a size.
    """
    number = text.strip().upper().removesuffix("B").removesuffix("I")
    shift = _UNITS.get(number[-1:], 0)
    try:
        return int(float(number[:-1] if shift else number) * (1 << shift))
    except ValueError:
        raise ValueError(
            f"CRUCIBLE_MEMORY_BUDGET={text!r} is not a size; "
            "write bytes, or a number with K, M, G or T"
        ) from None


_current: Settings | None = None


def current() -> Settings:
    """The settings of this process, read from the environment on first use."""
    global _current
    if _current is None:
        _current = Settings.from_env()
    return _current


def reload() -> Settings:
    """Read the environment again; for programs that change it after the first call."""
    global _current
    _current = None
    return current()


def use(settings: Settings) -> None:
    """Make ``settings`` those of this process."""
    global _current
    _current = settings


def _memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):  # Windows has no sysconf
        return 8 << 30
