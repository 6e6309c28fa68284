"""Files read where they are, without a copy on the disk."""

from __future__ import annotations

import io
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from hfhub.cache.store import store_for
from hfhub.download.destination import CacheFolder, Wanted
from hfhub.download.file import DEFAULT_ETAG_TIMEOUT, Options, settings_of_call
from hfhub.download.keeping import Keeper
from hfhub.download.link import Link
from hfhub.download.locate import locate
from hfhub.download.small import SMALL, fetch_small
from hfhub.download.spans import Spans
from hfhub.errors import FileMetadataError, IntegrityError
from hfhub.repo import RepoRef, check_path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hfhub.digest import Digest
    from hfhub.download.link import Opened
    from hfhub.http import Client
    from hfhub.settings import Settings

__all__ = ["RemoteFile", "RemoteTarget", "open_file", "open_remote", "resolve_url"]

_FIRST_WINDOW = 128 << 10
_LAST_WINDOW = 8 << 20


@dataclass(frozen=True, slots=True)
class RemoteTarget:
    """Where a file's bytes are, for an engine that reads by itself.

    Attributes:
        url: the URL; a signed one needs no token, and must not be given one.
        size: how many bytes there are.
        etag: the file's digest as hex: sha256, or git's sha1.
        commit: the commit that the revision stands for.
        expires: when a signed URL ends, in seconds since 1970; None if it does not, or does not
            tell.
        is_signed: whether the URL is signed; else the Hub's own token applies.
    """

    url: str
    size: int
    etag: str
    commit: str
    expires: float | None
    is_signed: bool

    def is_fresh(self, seconds: float = 60.0) -> bool:
        """Whether the URL still works for ``seconds``."""
        return self.expires is None or self.expires - time.time() > seconds


def resolve_url(
    repo_id: str,
    path: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    token: bool | str | None = None,
    endpoint: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> RemoteTarget:
    """Ask the Hub once where a file's bytes are; call it again when the URL has expired.

    Args:
        repo_id: ``owner/name``.
        path: the file's path in the repository.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or commit; ``main`` by default.
        token: a token, True (the machine's, required), False (none), None (the machine's).
        endpoint: the Hub; by default that of the settings.
        headers: more headers for requests to the Hub.

    Raises:
        HfHubHTTPError: or its subclass.
        HubConnectionError: if no answer came.
        FileMetadataError: if the answer lacks the commit, the digest or the size.
    """
    ref = RepoRef.parse(repo_id, repo_type, getattr(revision, "resolved", revision))
    settings = settings_of_call(endpoint, None, DEFAULT_ETAG_TIMEOUT)
    client = Options(settings, token=token, headers=headers).client()
    located = locate(client, ref, check_path(path), bytes_too=False, retry=True)
    if located.size is None:
        raise FileMetadataError(f"{located.link.url}: the answer does not tell the file's size")
    signed = located.link.is_elsewhere
    return RemoteTarget(
        url=located.link.target,
        size=located.size,
        etag=located.digest.hex,
        commit=located.commit,
        expires=_expiry(located.link.target) if signed else None,
        is_signed=signed,
    )


def open_remote(
    repo_id: str,
    path: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    token: bool | str | None = None,
    endpoint: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> RemoteFile:
    """Open a file of a repository to be read where it is; one request, redirects apart.

    Args:
        repo_id: ``owner/name``.
        path: the file's path in the repository.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or commit; ``main`` by default. Later moves of it change nothing.
        token: a token, True (the machine's, required), False (none), None (the machine's).
        endpoint: the Hub; by default that of the settings.
        headers: more headers for requests to the Hub.

    Raises:
        HfHubHTTPError: or its subclass.
        HubConnectionError: if no answer came.
        FileMetadataError: if the answer lacks the commit, the digest or the size.
    """
    ref = RepoRef.parse(repo_id, repo_type, getattr(revision, "resolved", revision))
    settings = settings_of_call(endpoint, None, DEFAULT_ETAG_TIMEOUT)
    client = Options(settings, token=token, headers=headers).client()
    located = locate(client, ref, check_path(path), bytes_too=False, retry=True)
    if located.size is None:
        raise FileMetadataError(f"{located.link.url}: the answer does not tell the file's size")
    at = ref.at(located.commit)
    return RemoteFile(client, at, path, located.digest, located.size, located.link)


def open_file(
    client: Client, ref: RepoRef, path: str, *, digest: Digest, size: int, keep: bool = False
) -> RemoteFile:
    """Open a file that a listing has told digest and size of; no request before the first read.

    Args:
        client: makes the requests.
        ref: the repository at a commit.
        path: the file's path in it.
        digest: what its bytes come to.
        size: how many there are.
        keep: bring the file to the cache when all its bytes were read; see `RemoteFile.hold`.
    """
    link = Link(client, client.url(ref.resolve_path(check_path(path))))
    return RemoteFile(client, ref, path, digest, size, link, keep=keep)


class RemoteFile(io.BufferedIOBase):
    """A remote file that reads like a local one, opened for binary reading.

    Any thread may use it. Reading on from where the last read ended fetches ahead, ever more;
    reading here and there fetches what is asked for. A broken connection is resumed at the byte, an
    expired link made anew. A file of up to 1 MiB comes whole and is compared with its digest; parts
    of a larger one cannot be, so use `hf_hub_download` or `stream_file` where that matters.

    Attributes:
        size: how many bytes there are.
        commit: the commit that it is read at.
        digest: what all its bytes come to.
    """

    def __init__(
        self,
        client: Client,
        ref: RepoRef,
        path: str,
        digest: Digest,
        size: int,
        link: Link,
        *,
        keep: bool = False,
    ) -> None:
        self.size = size
        self.commit = ref.revision
        self.digest = digest
        self._name = f"{ref}/{path}"
        self._settings = client.settings
        self._link = link
        self._keeper: Keeper | None = None
        if keep:
            place = CacheFolder(store_for(client.settings))
            wanted = Wanted(ref, path, digest, size)
            self._keeper = Keeper(place, wanted, self.read_ranges)
        self._holds = 0
        self._spans = Spans(
            link,
            size,
            self._name,
            client.settings,
            lambda: _confirm(client, ref, path, digest),
            None if self._keeper is None else self._keeper.write,
        )
        self._lock = threading.RLock()
        self._place = 0
        self._window = b""
        self._window_start = 0
        self._window_size = _FIRST_WINDOW
        self._ahead: _Ahead | None = None

    @property
    def name(self) -> str:
        """The file, as ``owner/name@commit/path``."""
        return self._name

    @property
    def mode(self) -> str:
        """Always ``"rb"``."""
        return "rb"

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins."""
        self._check_open()
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to ``offset`` from the start, from here or from the end; no request."""
        self._check_open()
        with self._lock:
            base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self.size}.get(whence)
            if base is None:
                raise ValueError(f"whence is {whence}, not 0, 1 or 2")
            if base + offset < 0:
                raise ValueError(f"{base + offset} lies before the start of the file")
            self._place = base + offset
            return self._place

    def read(self, size: int | None = -1, /) -> bytes:
        """The next ``size`` bytes, or all that are left; fewer only at the end.

        Raises:
            IntegrityError: if the file is not the one that was opened.
            HfHubHTTPError: or its subclass.
            HubConnectionError: if no byte came for as long as the settings allow.
        """
        self._check_open()
        with self._lock:
            left = max(0, self.size - self._place)
            count = left if size is None or size < 0 else min(size, left)
            data = self._read_at(self._place, self._place + count)
            self._place += len(data)
            return data

    def read1(self, size: int = -1, /) -> bytes:
        """Some of the next bytes, ``size`` at most; empty only at the end."""
        with self._lock:
            here = self._window_start + len(self._window) - self._place
            if size < 0:
                size = here if here > 0 else self._window_size
            return self.read(min(size, here) if here > 0 else size)

    def readinto(self, buffer: Any, /) -> int:
        """Fill ``buffer`` with the next bytes; how many there were."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        view[: len(data)] = data
        return len(data)

    def readinto1(self, buffer: Any, /) -> int:
        """Fill ``buffer`` with some of the next bytes; how many there were."""
        view = memoryview(buffer).cast("B")
        data = self.read1(len(view))
        view[: len(data)] = data
        return len(data)

    def read_range(self, start: int, stop: int) -> bytes:
        """The bytes from ``start`` to before ``stop``; the position stays. Raises as `read`."""
        return self.read_ranges([(start, stop)])[0]

    def read_ranges(self, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """The bytes of each range ``(start, stop)``, in the order given.

        Ranges that nearly touch come with one request, others over several connections at once. The
        position stays. Raises as `read`.
        """
        self._check_open()
        if self.size <= SMALL:
            data = self._whole()
            return [data[start:stop] for start, stop in ranges]
        return self._spans.read_many(ranges)

    @property
    def settings(self) -> Settings:
        """How often and how long a read is tried."""
        return self._settings

    def open_at(self, start: int) -> Opened:
        """One answer with the bytes from ``start`` to the end, for reading in a row.

        Raises:
            IntegrityError: if the file is not the one that was opened.
            HfHubHTTPError: or its subclass.
            HubConnectionError: if there was no usable answer.
        """
        opened = self._link.open(start, etag=self._spans.etag)
        try:
            self._spans.check(opened)
        except BaseException:  # the answer is of no use
            opened.response.close()
            raise
        return opened

    def hold(self) -> None:
        """Bytes read from now on stay: when they are all there, the file is in the cache.

        Without effect unless the file was opened to be kept.
        """
        if self._keeper is not None:
            self._holds += 1
            self._keeper.hold()

    def let_go(self) -> None:
        """End what :meth:`hold` began, once; fetches what little the file lacks.

        Raises:
            IntegrityError: the file is whole now, and not what was promised.
        """
        if self._keeper is not None:
            self._holds -= 1
            self._keeper.let_go()

    def close(self) -> None:
        """Forget what was read ahead."""
        if not self.closed:
            while self._holds:
                self.let_go()
            self._window = b""
            self._ahead = None
        super().close()

    def _read_at(self, start: int, stop: int) -> bytes:
        if self.size <= SMALL:
            return self._whole()[start:stop]
        window_stop = self._window_start + len(self._window)
        if self._window_start <= start and stop <= window_stop:
            return self._window[start - self._window_start : stop - self._window_start]
        head = b""
        if self._window_start <= start < window_stop:
            head = self._window[start - self._window_start :]
        at = start + len(head)
        # To read on is to want more; to jump is to look at single places.
        goes_on = at == window_stop or at == 0
        self._window_size = min(self._window_size * 2, _LAST_WINDOW) if goes_on else _FIRST_WINDOW
        data = self._taken(at)
        if at + len(data) < stop:
            end = min(max(stop, at + self._window_size), self.size)
            data += self._spans.read(at + len(data), end)
        self._window, self._window_start = data, at
        if goes_on and at and at + len(data) < self.size:
            end = at + len(data)
            self._ahead = _Ahead(self._spans, end, min(end + self._window_size, self.size))
        return head + data[: stop - at]

    def _taken(self, at: int) -> bytes:
        """What was fetched ahead, if it begins at ``at``."""
        ahead, self._ahead = self._ahead, None
        return ahead.result() if ahead is not None and ahead.start == at else b""

    def _whole(self) -> bytes:
        """All bytes of a small file, verified."""
        with self._lock:
            if not self._window and self.size:
                self._window = fetch_small(
                    self._link, self.digest, self.size, name=self._name, settings=self._settings
                )
                if self._keeper is not None:
                    self._keeper.write(0, memoryview(self._window))
            return self._window

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError(f"{self._name} is closed")

    def __repr__(self) -> str:
        return f"<RemoteFile {self._name} {self.size} bytes>"


class _Ahead:
    """Bytes that are fetched before they are asked for."""

    def __init__(self, spans: Spans, start: int, stop: int) -> None:
        self.start = start
        self._stop = stop
        self._spans = spans
        self._data = b""
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            self._data = self._spans.read(self.start, self._stop)
        except Exception as error:  # noqa: BLE001 - raised again to whoever asks for the bytes
            self._error = error

    def result(self) -> bytes:
        """The bytes, when they are there."""
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._data


def _confirm(client: Client, ref: RepoRef, path: str, digest: Digest) -> None:
    """See that the Hub still promises ``digest``.

    Raises:
        IntegrityError: if it promises something else.
    """
    located = locate(client, ref, path, bytes_too=False, retry=True)
    if located.digest != digest:
        raise IntegrityError(f"{ref}/{path}", str(digest), str(located.digest))


def _expiry(url: str) -> float | None:
    """When a signed URL ends: as CloudFront, or as S3 and its likes, write it."""
    query = parse_qs(urlsplit(url).query)
    try:
        if "Expires" in query:
            return float(query["Expires"][0])
        for prefix in ("X-Amz", "X-Goog"):
            if f"{prefix}-Expires" in query:
                from datetime import UTC, datetime

                signed = datetime.strptime(query[f"{prefix}-Date"][0], "%Y%m%dT%H%M%SZ")
                seconds = float(query[f"{prefix}-Expires"][0])
                return signed.replace(tzinfo=UTC).timestamp() + seconds
    except (ValueError, KeyError):
        pass
    return None
