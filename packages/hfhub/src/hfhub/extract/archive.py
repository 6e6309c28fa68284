"""The members of an archive, one after another, without a decompressed copy of it."""

from __future__ import annotations

import io
import os
import stat
import tarfile
from contextlib import contextmanager
from functools import partial
from typing import IO, TYPE_CHECKING, Any

from hfhub.errors import ArchiveError, MissingExtraError
from hfhub.extract import sniff
from hfhub.extract.ahead import ReadAhead
from hfhub.extract.compressed import Source, name_of, open_compressed, peek
from hfhub.extract.damage import Guarded, translated, zipfile
from hfhub.extract.limits import Limits, Meter
from hfhub.extract.member import Member, MemberKind
from hfhub.extract.names import SafeNames

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer


_BUFFER = 64 << 10


def iter_archive(
    source: Source, *, limits: Limits | None = None
) -> Iterator[tuple[str, IO[bytes]]]:
    """Read the files of an archive in the order in which they stand there.

    zip (stored, deflate, bzip2, lzma, zstd), tar (plain or compressed by any codec that
    :func:`open_compressed` knows), and with their extras 7z and rar; told by the first bytes.
    Folders, links and special files are passed over: only bytes are given. Every name is checked,
    so it may be joined to a folder.

    Args:
        source: a path, or a binary file open at its start.
        limits: caps on entries and depth; the bytes are yours to count.

    Yields:
        The member's name and a binary file of its bytes, valid until the next member.

    Raises:
        ArchiveError: if the file is no archive, or a damaged one.
        UnsafeArchiveError: if a name would leave a folder.
        ArchiveLimitError: if there are more entries than allowed.
    """
    limits = limits or Limits()
    name = name_of(source)
    names = SafeNames(name, limits)
    meter = Meter(limits, name, None)
    with open_members(source) as members:
        for member in members:
            meter.entry(member.name)
            path = names.check(member.name)
            if member.kind == "file":
                with io.BufferedReader(member.open(), buffer_size=_BUFFER) as file:
                    yield path, file


@contextmanager
def open_members(source: Source, *, ahead: bool = False) -> Iterator[Iterator[Member]]:
    """Open an archive; gives its members in order.

    Args:
        source: a path, or a binary file open at its start.
        ahead: whether a thread decompresses a tar while its members are worked on.

    Raises:
        ArchiveError: if it is none.
    """
    name = name_of(source)
    with _opened(source) as file:
        head, file = peek(file)
        kind = sniff.container(head)
        if kind == "zip":
            yield _zip_members(file, name)
        elif kind == "7z":
            from hfhub.extract.seven_zip import seven_zip_members

            yield seven_zip_members(file, name)
        elif kind == "rar":
            yield _rar_members(file, name)
        elif kind == "tar":
            yield _tar_members(file, name)
        elif sniff.codec(head) is not None:
            with open_compressed(file) as plain:
                head, plain = peek(plain)
                if sniff.container(head) != "tar":
                    raise ArchiveError(
                        name, "a single compressed file, not an archive; open_compressed reads it"
                    )
                if not ahead:
                    yield _tar_members(plain, name)
                    return
                with io.BufferedReader(ReadAhead(plain), buffer_size=_BUFFER) as read_ahead:
                    yield _tar_members(read_ahead, name)
        else:
            raise ArchiveError(
                name,
                f"not an archive that we read (zip, tar, 7z, rar): it begins with {head[:16]!r}",
            )


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if isinstance(source, str | os.PathLike):
        with open(source, "rb", buffering=1 << 20) as file:
            yield file
    else:
        yield source


# --- tar


class _StrictTarInfo(tarfile.TarInfo):
    """A header that does not pass for the end of the archive when it is damaged.

    tarfile takes a bad or missing header after the first member for the end, so that a cut or
    damaged archive would just lose its tail.
    """

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> _StrictTarInfo:
        try:
            return super().frombuf(buf, encoding, errors)
        except tarfile.HeaderError as error:
            if buf and not any(buf):
                raise  # a block of zeros is the end
            reason = f"a damaged header ({error})" if buf else "no end mark: it is cut short"
            raise tarfile.ReadError(reason) from None


class _Forward:
    """What tarfile needs of a file, over a stream that only goes forward."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._position = 0

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        data = self._file.read(size)
        self._position += len(data)
        return data

    def seek(self, target: int) -> int:
        if target < self._position:
            raise io.UnsupportedOperation("a compressed tar is read forward only")
        while self._position < target:
            if not self.read(min(1 << 20, target - self._position)):
                raise tarfile.ReadError("it ends early")
        return self._position


def _tar_members(file: IO[bytes], archive: str) -> Iterator[Member]:
    stream: Any = file if file.seekable() else _Forward(file)
    with translated(archive):
        tar = tarfile.TarFile(
            fileobj=stream,
            mode="r",
            tarinfo=_StrictTarInfo,
            errorlevel=2,
        )
    with tar:
        while True:
            with translated(archive):
                info = tar.next()
            if info is None:
                return
            yield _tar_member(tar, stream, info, archive)
            tar.members.clear()  # type: ignore[attr-defined]  # else a million members stay in memory


def _tar_member(tar: tarfile.TarFile, stream: Any, info: tarfile.TarInfo, archive: str) -> Member:
    kind: MemberKind = "special"
    if info.isreg():
        kind = "file"
    elif info.isdir():
        kind = "folder"
    elif info.issym():
        kind = "symlink"
    elif info.islnk():
        kind = "hardlink"

    def open_member() -> io.RawIOBase:
        if not info.issparse():
            return _Slice(stream, info, archive)
        opened = tar.extractfile(info)
        assert opened is not None, "only a regular file is opened"
        return Guarded(opened, archive, info.name)

    return Member(info.name, kind, bool(info.mode & stat.S_IXUSR), info.linkname, open_member)


class _Slice(io.RawIOBase):
    """The bytes of one member where they lie in the tar.

    tarfile's own way to them goes through three layers of Python, which for many small files costs
    more than writing them.
    """

    def __init__(self, stream: Any, info: tarfile.TarInfo, archive: str) -> None:
        self._stream = stream
        self._archive = archive
        self._position = info.offset_data
        self._left = info.size
        self.name = info.name

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = self._left if size is None or size < 0 else min(size, self._left)
        if not wanted:
            return b""
        with translated(self._archive, self.name):
            if self._stream.tell() != self._position:
                self._stream.seek(self._position)
            data: bytes = self._stream.read(wanted)
        if not data:
            raise ArchiveError(self._archive, "damaged: it ends early", self.name)
        self._position += len(data)
        self._left -= len(data)
        return data

    def readall(self) -> bytes:
        return b"".join(iter(self.read, b""))

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)


# --- zip


def _zip_members(file: IO[bytes], archive: str) -> Iterator[Member]:
    zipped = open_zip(file, archive)
    for info in zipped.infolist():
        yield zip_member(zipped, info, archive)


def open_zip(file: IO[bytes], archive: str) -> zipfile.ZipFile:
    """The zip archive in ``file``."""
    with translated(archive):
        return zipfile.ZipFile(file)


def zip_member(zipped: zipfile.ZipFile, info: zipfile.ZipInfo, archive: str) -> Member:
    """One entry of ``zipped``."""
    mode = info.external_attr >> 16
    kind: MemberKind = "file"
    target = ""
    if info.is_dir():
        kind = "folder"
    elif stat.S_ISLNK(mode):
        kind = "symlink"
        with translated(archive, info.filename), zipped.open(info) as link:
            target = os.fsdecode(link.read(4096))
    elif stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        kind = "special"

    def open_member() -> io.RawIOBase:
        if info.flag_bits & 0x1:
            raise ArchiveError(archive, "encrypted: there is no password to give", info.filename)
        with translated(archive, info.filename):
            return Guarded(zipped.open(info), archive, info.filename)

    # orig_filename: zipfile cuts the other one at a NUL byte.
    name = info.orig_filename if "\0" in info.orig_filename else info.filename
    return Member(name, kind, bool(mode & stat.S_IXUSR), target, open_member)


# --- rar


def _rar_members(file: IO[bytes], archive: str) -> Iterator[Member]:
    try:
        import rarfile
    except ImportError:
        raise MissingExtraError("rarfile", "rar", f"reading {archive}") from None
    try:
        rar = rarfile.RarFile(file)
        for info in rar.infolist():
            kind: MemberKind = "file"
            if info.is_dir():
                kind = "folder"
            elif info.is_symlink():
                kind = "symlink"
            elif not info.is_file():
                kind = "special"
            target = info.file_redir[2] if kind == "symlink" and info.file_redir else ""
            yield Member(info.filename, kind, target=target, open=partial(rar.open, info))
    except rarfile.RarCannotExec:
        raise ArchiveError(
            archive, "reading compressed rar members needs the program unrar"
        ) from None
    except rarfile.Error as error:
        raise ArchiveError(archive, f"damaged: {error}") from None
