"""Where the bytes of a data file come from; each source is small and picklable."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from crucible_datasets.formats.base import DataFile


@dataclass(frozen=True, slots=True)
class LocalSource:
    """A file on this machine."""

    path: str

    def open(self) -> BinaryIO:
        """The file, opened for reading."""
        return open(self.path, "rb")

    def local(self) -> Path | None:
        """The file itself."""
        return Path(self.path)


def local_file(path: str | Path, *, name: str | None = None) -> DataFile:
    """The data file at ``path`` on this machine.

    Raises:
        FileNotFoundError: there is none.
    """
    text = str(path)
    found = Path(text).stat()
    return DataFile(
        path=text,
        name=name or text,
        size=found.st_size,
        stamp=str(found.st_mtime_ns),
        source=LocalSource(text),
    )
