"""``BioSequence`` and ``BioStructure``: sequences and molecules, stored as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from crucible_datasets.media.raw import Undecoded


@dataclass
class _BioFile(Undecoded):
    format: str = ""
    decode: bool = True
    id: str | None = field(default=None, repr=False)
    kind: ClassVar[str] = "biology file"
    _type: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        self._type = type(self).__name__


@dataclass
class BioSequence(_BioFile):
    """A biological sequence: a path or bytes in; read raw with ``decode=False``.

    Args:
        format: the file's format, as biopython calls it.
        decode: give the parsed record; not there yet.
        id: kept, and not used.
    """

    format: str = "fasta"
    dtype: ClassVar[str] = "Bio.SeqRecord.SeqRecord"


@dataclass
class BioStructure(_BioFile):
    """A molecule's structure: a path or bytes in; read raw with ``decode=False``.

    Args:
        format: ``"pdb"`` or ``"mmcif"``.
        decode: give the parsed structure; not there yet.
        id: kept, and not used.
    """

    format: str = "pdb"
    dtype: ClassVar[str] = "Bio.PDB.Structure.Structure"
