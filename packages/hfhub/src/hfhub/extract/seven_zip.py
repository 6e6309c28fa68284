"""The members of a 7z archive, by py7zr (extra ``7z``)."""

from __future__ import annotations

import contextlib
import io
import queue
import threading
from typing import IO, TYPE_CHECKING, Any

from hfhub.errors import ArchiveError, MissingExtraError
from hfhub.extract.damage import translated
from hfhub.extract.member import Member, MemberKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer
    from py7zr import SevenZipFile

_PIECES = 8
"""Pieces of a member that may wait for the reader: what bounds the memory."""


def seven_zip_members(file: IO[bytes], archive: str) -> Iterator[Member]:
    """The members of the 7z archive in ``file``.

    py7zr unpacks a whole archive into writers that it is given. Here it does so in a thread, and
    its writers hand the bytes over piece by piece, so nothing is written and little is held.
    """
    try:
        import py7zr
    except ImportError:
        raise MissingExtraError("py7zr", "7z", f"reading {archive}") from None
    try:
        with py7zr.SevenZipFile(file) as opened:
            if opened.needs_password():
                raise ArchiveError(archive, "encrypted: there is no password to give")
            kinds = {info.filename: _kind(info) for info in opened.list()}
            for name, kind in kinds.items():
                if kind == "folder":
                    yield Member(name, kind)
            with _Pump(opened, archive) as pump:
                for name in pump.members():
                    kind = kinds.get(name, "file")
                    target = pump.read().decode() if kind == "symlink" else ""
                    yield Member(name, kind, target=target, open=pump.open)
    except py7zr.exceptions.ArchiveError as error:
        raise ArchiveError(archive, f"damaged: {error}") from None


def _kind(info: Any) -> MemberKind:
    if info.is_directory:
        return "folder"
    if info.is_symlink:
        return "symlink"
    return "file" if info.is_file else "special"


class _Stopped(Exception):
    """The reader has gone; raised inside py7zr to end its work."""


class _Pump:
    """Runs py7zr in a thread and gives its output in order: name, pieces, None, name, ..."""

    def __init__(self, opened: SevenZipFile, archive: str) -> None:
        self._opened = opened
        self._archive = archive
        self._pieces: queue.Queue[str | bytes | None | BaseException] = queue.Queue(_PIECES)
        self._stopped = threading.Event()
        self._in_member = False
        self._thread = threading.Thread(target=self._run, name="hfhub-7z", daemon=True)

    def __enter__(self) -> _Pump:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        while self._thread.is_alive():
            self._drain()
            self._thread.join(0.01)

    def members(self) -> Iterator[str]:
        """The names in order; what is not read of a member is passed over."""
        while True:
            while self._in_member:
                self.piece()
            got = self._get()
            if got is None:
                return
            self._in_member = True
            yield str(got)

    def piece(self) -> bytes:
        """The next bytes of this member, empty at its end."""
        if not self._in_member:
            return b""
        got = self._get()
        if got is None:
            self._in_member = False
            return b""
        assert isinstance(got, bytes), "inside a member come bytes"
        return got

    def read(self) -> bytes:
        """All the bytes of this member."""
        return b"".join(iter(self.piece, b""))

    def open(self) -> io.RawIOBase:
        """This member as a file."""
        return _PieceFile(self)

    def put(self, piece: str | bytes | None | BaseException) -> None:
        """Hand ``piece`` over; waits while the reader is behind."""
        while not self._stopped.is_set():
            try:
                return self._pieces.put(piece, timeout=0.1)
            except queue.Full:
                continue
        raise _Stopped

    def _get(self) -> str | bytes | None:
        got = self._pieces.get()
        if isinstance(got, BaseException):
            with translated(self._archive):
                raise got
        return got

    def _drain(self) -> None:
        while not self._pieces.empty():
            self._pieces.get_nowait()

    def _run(self) -> None:
        try:
            self._opened.extractall(factory=_writers(self))
            self.put(None)
        except _Stopped:
            pass
        except BaseException as error:  # noqa: BLE001 - goes on in the reader's thread
            with contextlib.suppress(_Stopped):
                self.put(error)


def _writers(pump: _Pump) -> Any:
    """A py7zr writer factory that feeds ``pump``."""
    from py7zr.io import Py7zIO, WriterFactory

    class Writer(Py7zIO):
        def __init__(self, name: str) -> None:
            self._name: str | None = name
            self._size = 0

        def _start(self) -> None:
            if self._name is not None:
                pump.put(self._name)
                self._name = None

        def write(self, data: bytes | bytearray) -> int:
            self._start()
            if data:
                pump.put(bytes(data))
                self._size += len(data)
            return len(data)

        def close(self) -> None:
            self._start()
            pump.put(None)

        def read(self, size: int | None = None) -> bytes:  # noqa: ARG002 - py7zr's interface
            raise io.UnsupportedOperation("write only")

        def seek(self, offset: int, whence: int = 0) -> int:  # noqa: ARG002 - see above
            return offset

        def flush(self) -> None:
            return None

        def size(self) -> int:
            return self._size

    class Factory(WriterFactory):
        def create(self, filename: str) -> Writer:
            return Writer(filename)

    return Factory()


class _PieceFile(io.RawIOBase):
    """The pieces of one member as a file."""

    def __init__(self, pump: _Pump) -> None:
        self._pump = pump
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._rest:
            self._rest = memoryview(self._pump.piece())
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count
