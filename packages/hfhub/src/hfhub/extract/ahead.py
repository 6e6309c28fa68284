"""A stream read ahead by a thread, so that decoding and writing go on side by side."""

from __future__ import annotations

import io
import queue
import threading
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PIECE = 256 << 10
_PIECES = 8


class ReadAhead(io.RawIOBase):
    """The bytes of ``file``, up to 2 MiB of them read before they are asked for.

    The codecs release the interpreter lock while they work. Close it to end the thread; ``file``
    itself stays open.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._pieces: queue.Queue[bytes | BaseException] = queue.Queue(_PIECES)
        self._rest = memoryview(b"")
        self._ended = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hfhub-ahead", daemon=True)
        self._thread.start()

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill ``buffer`` with what is there, waiting for the first of it."""
        view = memoryview(buffer).cast("B")
        if not self._rest and not self._ended:
            self._rest = memoryview(self._next())
        count = min(len(view), len(self._rest))
        view[:count] = self._rest[:count]
        self._rest = self._rest[count:]
        return count

    def close(self) -> None:
        """End the thread."""
        if not self.closed:
            self._stopping.set()
            while self._thread.is_alive():
                while not self._pieces.empty():
                    self._pieces.get_nowait()
                self._thread.join(0.01)
        super().close()

    def _next(self) -> bytes:
        piece = self._pieces.get()
        if isinstance(piece, BaseException):
            self._ended = True
            raise piece
        self._ended = not piece
        return piece

    def _run(self) -> None:
        try:
            while not self._stopping.is_set():
                piece = self._file.read(_PIECE)
                self._pieces.put(piece)
                if not piece:
                    return
        except BaseException as error:  # noqa: BLE001 - raised again where the bytes are read
            self._pieces.put(error)
