"""Repositories of another Hub, fetched when they are asked for, kept, then served without it.

What is kept is a cache in the layout that all clients share, in the mirror's folder, with every
file verified; beside it, in ``.hub/mirror/``, the branches and tags of each repository.
"""

from __future__ import annotations

from hfhub.local_hub.mirror.shelf import MirrorShelf

__all__ = ["MirrorShelf"]
