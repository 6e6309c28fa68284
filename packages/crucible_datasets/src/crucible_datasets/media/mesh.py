"""``Mesh``: three-dimensional shapes, stored as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crucible_datasets.media.raw import RawFile


@dataclass
class Mesh(RawFile):
    """A shape (GLB, PLY, STL): a path or bytes in; read raw with ``decode=False``.

    Args:
        decode: give the opened shape; not there yet; False gives bytes and path.
        id: kept, and not used.
    """

    dtype: ClassVar[str] = "trimesh.Trimesh"
    kind: ClassVar[str] = "mesh"
