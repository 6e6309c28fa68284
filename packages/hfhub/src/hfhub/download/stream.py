"""A remote file from one end to the other, in chunks or lines, verified at the end."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Self

from hfhub.download.patience import Patience
from hfhub.download.remote import open_remote
from hfhub.download.spans import skip
from hfhub.errors import HubConnectionError, IntegrityError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from hfhub.download.remote import RemoteFile

__all__ = ["FileStream", "stream_file"]

_BUFFER = 1 << 18


def stream_file(
    repo_id: str,
    path: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    start: int = 0,
    token: bool | str | None = None,
    endpoint: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> FileStream:
    """Read a file from ``start`` to its end, without a copy on the disk.

    >>> for line in stream_file("owner/name", "train.jsonl", repo_type="dataset").lines():
    ...     json.loads(line)  # doctest: +SKIP

    Args:
        repo_id: ``owner/name``.
        path: the file's path in the repository.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or commit; ``main`` by default. Later moves of it change nothing.
        start: the first byte; a `FileStream.position` of an earlier stream goes on there.
        token: a token, True (the machine's, required), False (none), None (the machine's).
        endpoint: the Hub; by default that of the settings.
        headers: more headers for requests to the Hub.

    Raises:
        HfHubHTTPError: or its subclass.
        HubConnectionError: if no answer came.
        FileMetadataError: if the answer lacks the commit, the digest or the size.
    """
    file = open_remote(
        repo_id,
        path,
        repo_type=repo_type,
        revision=revision,
        token=token,
        endpoint=endpoint,
        headers=headers,
    )
    return FileStream(file, start)


class FileStream:
    """The bytes of a file in order; iterate over it for chunks, or over `lines`.

    A broken connection is resumed at the byte and an expired link made anew. Read from the start,
    the bytes are compared with the file's digest when the last one has come.

    Attributes:
        file: the file.
        position: the byte after the last chunk or line that was given out.
    """

    def __init__(self, file: RemoteFile, start: int = 0) -> None:
        self.file = file
        self.position = start
        self._running = file.digest.hasher(file.size) if start == 0 else None
        self._chunks = self._read(start)

    def __iter__(self) -> Iterator[bytes]:
        """The chunks, of any length.

        Raises:
            IntegrityError: after the last chunk, if the bytes were not the promised ones.
            HfHubHTTPError: or its subclass.
            HubConnectionError: if no byte came for as long as the settings allow.
        """
        for chunk in self._chunks:
            self.position += len(chunk)
            yield chunk

    def lines(self) -> Iterator[bytes]:
        r"""The lines without their ``\n`` or ``\r\n``; raises as iteration does."""
        rest = b""
        for chunk in self._chunks:
            first, *others = chunk.split(b"\n")
            if not others:
                rest += first
                continue
            self.position += len(rest) + len(first) + 1
            yield (rest + first).removesuffix(b"\r")
            for line in others[:-1]:
                self.position += len(line) + 1
                yield line.removesuffix(b"\r")
            rest = others[-1]
        if rest:
            self.position += len(rest)
            yield rest

    def text_lines(self, encoding: str = "utf-8", errors: str = "strict") -> Iterator[str]:
        """The lines as text; raises as iteration does, and UnicodeDecodeError."""
        for line in self.lines():
            yield line.decode(encoding, errors)

    def close(self) -> None:
        """Hang up."""
        self._chunks.close()
        self.file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def _read(self, place: int) -> Generator[bytes, None, None]:
        file = self.file
        patience = Patience(file.settings)
        buffer = memoryview(bytearray(_BUFFER))
        while place < file.size:
            before = place
            try:
                with file.open_at(place) as opened:
                    skip(opened.response, place - opened.start)
                    while place < file.size:
                        # Not read(): when that breaks off, what it had is lost.
                        count = opened.response.readinto(buffer[: file.size - place])
                        if not count:
                            raise HubConnectionError(file.name, f"the body ended at {place}")
                        chunk = bytes(buffer[:count])
                        place += count
                        if self._running is not None:
                            self._running.update(chunk)
                        yield chunk
            except HubConnectionError as error:
                time.sleep(patience.after(error, place - before))
        if self._running is not None and self._running.hexdigest() != file.digest.hex:
            found = f"{file.digest.kind}:{self._running.hexdigest()}"
            raise IntegrityError(file.name, str(file.digest), found)
