"""``Mesh``: three-dimensional shapes, stored as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from crucible_datasets.media.file_feature import FileFeature


@dataclass
class Mesh(FileFeature):
    """A shape (GLB, PLY, STL): a path or bytes in; read raw with ``decode=False``.

    Args:
        decode: give the opened shape; not there yet; False gives bytes and path.
        id: kept, and not used.
    """

    decode: bool = True
    id: str | None = field(default=None, repr=False)
    dtype: ClassVar[str] = "trimesh.Trimesh"
    kind: ClassVar[str] = "mesh"
    _type: str = field(default="Mesh", init=False, repr=False)

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:  # noqa: ARG002
        """Not there yet: read with ``decode=False``.

        Raises:
            RuntimeError: if ``decode`` is False.
            NotImplementedError: otherwise, for a stored value.
        """
        self.must_decode()
        if not isinstance(value, dict):
            return value
        raise NotImplementedError(
            "decoding meshes is not there yet; read the raw bytes with Mesh(decode=False)"
        )
