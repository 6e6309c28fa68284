"""``Pdf``: documents, stored as files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from crucible_datasets.media.raw import RawFile


@dataclass
class Pdf(RawFile):
    """A PDF document: a path or bytes in; read raw with ``decode=False``.

    Args:
        decode: give the opened document; not there yet; False gives bytes and path.
        id: kept, and not used.
    """

    dtype: ClassVar[str] = "pdfplumber.pdf.PDF"
    kind: ClassVar[str] = "PDF"
