"""A real Hub server for loopback: tests, demos, sites without a network.

::

    bytes on a socket            wire, server
        -> who asks, what breaks access, limits, faults
        -> which function        routes
        -> the answer            info, tree, history, listing, parquet, files
        -> from                  catalog, shelf, folder, repository, content, git
"""

from __future__ import annotations

from hfhub.local_hub.access import User
from hfhub.local_hub.faults import Fault, Faults
from hfhub.local_hub.hub import LocalHub
from hfhub.local_hub.seen import Seen

__all__ = ["Fault", "Faults", "LocalHub", "Seen", "User"]
