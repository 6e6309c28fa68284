"""Data files inside archives, read where they lie: nothing is unpacked."""

from __future__ import annotations

import io
import posixpath
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO

from crucible_datasets.formats.base import DataFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from crucible_datasets.formats.base import Source

_ARCHIVES = (".zip", ".tar", ".tgz", ".tbz2", ".txz", ".tzst", ".7z", ".rar")
_TAR = tuple(f".tar.{codec}" for codec in ("gz", "bz2", "xz", "zst", "lz4"))


@dataclass(frozen=True, slots=True)
class MemberSource:
    """A member of an archive."""

    archive: Source
    member: str

    def local(self) -> Path | None:
        """None: only its archive is on this machine."""
        return None

    def open(self) -> BinaryIO:
        """The member's bytes, from the archive; they can't seek."""
        members = members_of(self.archive)
        for name, file in members:
            if name == self.member:
                return io.BufferedReader(_Held(file, members))
        raise FileNotFoundError(f"the archive has no member {self.member!r} any more")


def is_archive(name: str) -> bool:
    """Whether a file's name is that of an archive with members.

    >>> is_archive("data/train.tar.gz"), is_archive("data/train.csv.gz")
    (True, False)
    """
    return name.lower().endswith(_ARCHIVES + _TAR)


def member_files(archive: DataFile) -> list[DataFile]:
    """The files in an archive in the order in which they would be walked when unpacked.

    Hidden files, and what lies in hidden folders or in such as ``__MACOSX``, are left out.

    Raises:
        hfhub.errors.ArchiveError: it is no archive, or a damaged one.
        hfhub.errors.UnsafeArchiveError: a name would leave the folder.
    """
    names = [name for name, _ in members_of(archive.source) if not _is_hidden(name)]
    return [
        DataFile(
            path=f"zip://{name}::{archive.path}",
            name=f"{archive.name}::{name}",
            digest=None if archive.digest is None else f"{archive.digest}:{name}",
            stamp=archive.stamp,
            source=MemberSource(archive.source, name),
        )
        for name in sorted(names, key=_walked)
    ]


def expanded(files: Iterable[DataFile]) -> tuple[DataFile, ...]:
    """The files, with each archive replaced by what is in it."""
    return tuple(
        inner
        for file in files
        for inner in (member_files(file) if is_archive(file.name) else [file])
    )


def inner_path(name: str) -> str:
    """The part of a member's name that is inside the archive; the whole name of other files."""
    return name.rpartition("::")[2]


def members_of(source: Source) -> Iterator[tuple[str, IO[bytes]]]:
    """The names and the bytes of an archive's members, each valid until the next one."""
    from hfhub.extract import iter_archive

    local = source.local()
    if local is not None:
        yield from iter_archive(local)
        return
    with source.open() as stream:
        yield from iter_archive(stream)


def _walked(name: str) -> list[tuple[int, str]]:
    """A folder's files come before its folders."""
    *folders, last = name.split("/")
    return [*((1, folder) for folder in folders), (0, last)]


def _is_hidden(name: str) -> bool:
    return any(part.startswith((".", "__")) for part in posixpath.normpath(name).split("/"))


class _Held(io.RawIOBase):
    """A member's bytes, with the archive held open until they are closed."""

    def __init__(self, file: IO[bytes], members: Iterator[tuple[str, IO[bytes]]]) -> None:
        self._file = file
        self._members = members

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override] # what is handed in
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            close = getattr(self._members, "close", None)
            if close is not None:
                close()
        super().close()
