"""Which symbolic links of a served folder may be followed: those that stay in it."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Fence:
    """The border of a served folder.

    A repository may be a checkout from elsewhere; a link in it must not publish the rest of the
    machine.
    """

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._told: set[str] = set()

    def holds(self, path: str | Path) -> bool:
        """Whether ``path`` lies in the folder, links followed; else one log line says so, once."""
        target = os.path.realpath(path)
        try:
            if os.path.commonpath((self._root, target)) == self._root:
                return True
        except ValueError:  # another drive
            pass
        name = os.fspath(path)
        if name not in self._told:
            self._told.add(name)
            logging.getLogger(__name__).warning(
                "%s is not served: it leads to %s, outside %s", name, target, self._root
            )
        return False
