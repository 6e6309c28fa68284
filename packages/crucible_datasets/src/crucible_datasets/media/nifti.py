"""``Nifti``: brain scans in NIfTI format, stored as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crucible_datasets.media.raw import RawFile


@dataclass
class Nifti(RawFile):
    """A NIfTI image: a path or bytes in; read raw with ``decode=False``.

    Args:
        decode: give the opened image; not there yet; False gives bytes and path.
        id: kept, and not used.
    """

    dtype: ClassVar[str] = "nibabel.nifti1.Nifti1Image"
    kind: ClassVar[str] = "NIfTI"
