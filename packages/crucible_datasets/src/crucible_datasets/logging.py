"""How much the library says, under the peer's names; it logs to ``crucible_datasets``."""

from __future__ import annotations

import logging
from logging import CRITICAL, DEBUG, ERROR, FATAL, INFO, NOTSET, WARN, WARNING

__all__ = [
    "CRITICAL",
    "DEBUG",
    "ERROR",
    "FATAL",
    "INFO",
    "NOTSET",
    "WARN",
    "WARNING",
    "disable_propagation",
    "enable_propagation",
    "get_logger",
    "get_verbosity",
    "set_verbosity",
    "set_verbosity_debug",
    "set_verbosity_error",
    "set_verbosity_info",
    "set_verbosity_warning",
]

_ROOT = "crucible_datasets"


def get_logger(name: str | None = None) -> logging.Logger:
    """The logger called ``name``, or the library's own."""
    return logging.getLogger(name or _ROOT)


def get_verbosity() -> int:
    """The least level that is logged, as in :mod:`logging`."""
    return get_logger().getEffectiveLevel()


def set_verbosity(verbosity: int) -> None:
    """Log what is at least at the level ``verbosity``."""
    get_logger().setLevel(verbosity)


def set_verbosity_info() -> None:
    """Log what goes on, too."""
    set_verbosity(INFO)


def set_verbosity_warning() -> None:
    """Log warnings and errors."""
    set_verbosity(WARNING)


def set_verbosity_debug() -> None:
    """Log everything."""
    set_verbosity(DEBUG)


def set_verbosity_error() -> None:
    """Log errors only."""
    set_verbosity(ERROR)


def disable_propagation() -> None:
    """Keep what is logged from the handlers of the program."""
    get_logger().propagate = False


def enable_propagation() -> None:
    """Hand what is logged to the handlers of the program, as is the default."""
    get_logger().propagate = True
