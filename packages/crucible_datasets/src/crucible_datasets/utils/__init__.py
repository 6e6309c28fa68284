"""The peer's name for where ``logging`` is, and its older names for progress bars."""

from __future__ import annotations

from crucible_datasets import logging
from hfhub.progress import (
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
)

__all__ = [
    "are_progress_bars_disabled",
    "disable_progress_bar",
    "disable_progress_bars",
    "enable_progress_bar",
    "enable_progress_bars",
    "is_progress_bar_enabled",
    "logging",
]

disable_progress_bar = disable_progress_bars
enable_progress_bar = enable_progress_bars


def is_progress_bar_enabled() -> bool:
    """Whether long work may draw a bar."""
    return not are_progress_bars_disabled()
