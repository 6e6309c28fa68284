"""A real Hub server for loopback: tests, demos, sites without a network.

::

    bytes on a socket            server, line, call, answer, body
        -> who asks, what breaks access, limits, faults
        -> which function        routes
        -> the answer            info, tree, history, listing, parquet, files
        -> from                  catalog, shelf, folder, mirror, repository, content, git
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hfhub.local_hub.access import User
    from hfhub.local_hub.faults import Fault, Faults
    from hfhub.local_hub.hub import LocalHub
    from hfhub.local_hub.seen import Seen

__all__ = ["Fault", "Faults", "LocalHub", "Seen", "User"]

# Loaded when used: the command line asks this package for its arguments only.
_HOMES = {
    "Fault": "faults",
    "Faults": "faults",
    "LocalHub": "hub",
    "Seen": "seen",
    "User": "access",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
