"""``BioSequence`` and ``BioStructure``: sequences and molecules, stored as files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from crucible_datasets.media.file_feature import FileFeature


@dataclass
class _BioFile(FileFeature):
    format: str = ""
    decode: bool = True
    id: str | None = field(default=None, repr=False)
    kind: ClassVar[str] = "biology file"
    _type: str = field(default="", init=False, repr=False)

    def __post_init__(self) -> None:
        self._type = type(self).__name__

    def decode_example(self, value: Any, token_per_repo_id: Any = None) -> Any:  # noqa: ARG002
        """Not there yet: read with ``decode=False``.

        Raises:
            RuntimeError: if ``decode`` is False.
            NotImplementedError: otherwise, for a stored value.
        """
        self.must_decode()
        if not isinstance(value, dict):
            return value
        name = type(self).__name__
        raise NotImplementedError(f"decoding {name} is not there yet; use {name}(decode=False)")


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
