"""Repositories of the Hub as an fsspec filesystem."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from hfhub.download.remote import RemoteFile, open_file
from hfhub.download.stream import FileStream
from hfhub.errors import FileMetadataError, MissingExtraError
from hfhub.filesystem.listing import Listings, info_of
from hfhub.filesystem.location import Location
from hfhub.hf_api import HfApi
from hfhub.models.files import RepoFile, RepoFolder

try:
    from fsspec.callbacks import DEFAULT_CALLBACK
    from fsspec.spec import AbstractFileSystem
except ImportError as error:
    raise MissingExtraError("fsspec", "fsspec", "HfFileSystem") from error

from hfhub.filesystem.hub_file import HubFile, HubStream

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from hfhub.http import Client

_STREAM_BUFFER = 1 << 20
_WORKERS = 8


class HfFileSystem(AbstractFileSystem):  # type: ignore[misc] # fsspec has no types
    """Reads ``hf://[datasets/|spaces/]owner/name[@revision]/path``.

    A branch is resolved to its commit once for each object, so that all that is read through it
    belongs together; `invalidate_cache` looks again. It may be used by many threads.
    """

    protocol = "hf"
    root_marker = ""

    def __init__(
        self,
        *args: Any,
        endpoint: str | None = None,
        token: bool | str | None = None,
        block_size: int | None = None,
        **storage_options: Any,
    ) -> None:
        """Make a filesystem; nothing is asked yet.

        Args:
            args: passed on to fsspec.
            endpoint: the Hub's URL; by default ``HF_ENDPOINT``.
            token: a token, True (required), False (none), None (the machine's).
            block_size: bytes that an open file reads at a time.
            storage_options: passed on to fsspec.
        """
        super().__init__(*args, **storage_options)
        self._api = HfApi(endpoint=endpoint, token=token)
        self._listings = Listings()
        self.block_size = block_size

    @property
    def endpoint(self) -> str:
        """The Hub's URL."""
        return self._api.endpoint

    def resolve_path(self, path: str, revision: str | None = None) -> Location:
        """Where ``path`` points.

        Raises:
            HFValidationError: if it names no repository, or another revision than ``revision``.
        """
        return Location.parse(self._strip_protocol(path), revision)

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget commits and listings: of all repositories, or of the one that ``path`` is in."""
        self._listings.clear(None if path is None else self.resolve_path(path))

    # --- what is there

    def ls(
        self,
        path: str,
        detail: bool = True,
        refresh: bool = False,
        revision: str | None = None,
        **_: Any,
    ) -> list[Any]:
        """What is in a folder, or the file itself.

        Args:
            path: a folder or file.
            detail: whether each comes with its information, or only its name.
            refresh: whether to look again.
            revision: if it is not in the path.

        Raises:
            FileNotFoundError: if there is nothing there.
        """
        location = self.resolve_path(path, revision)
        if refresh:
            self._listings.clear(location)
        try:
            entries = self._listings.children(self._client, location)
        except FileNotFoundError:
            entry = self._listings.entry(self._client, location)
            entries = [] if entry is None else [entry]
        found = [info_of(location, entry) for entry in entries]
        return found if detail else [one["name"] for one in found]

    def info(
        self, path: str, refresh: bool = False, revision: str | None = None, **_: Any
    ) -> dict[str, Any]:
        """What is known of a file or folder: name, type, size, digests.

        Raises:
            FileNotFoundError: if there is nothing there.
        """
        location = self.resolve_path(path, revision)
        if refresh:
            self._listings.clear(location)
        return info_of(location, self._listings.entry(self._client, location))

    def find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        refresh: bool = False,
        revision: str | None = None,
        **_: Any,
    ) -> Any:
        """Every file below a folder, by one listing.

        Args:
            path: a folder, or a file, which is found itself.
            maxdepth: how many levels are entered.
            withdirs: whether folders are given too.
            detail: whether a dict by name with information is given, or sorted names.
            refresh: whether to look again.
            revision: if it is not in the path.

        Raises:
            ValueError: if ``maxdepth`` is below 1.
        """
        if maxdepth is not None and maxdepth < 1:
            raise ValueError(f"maxdepth is to be at least 1, not {maxdepth}")
        location = self.resolve_path(path, revision)
        if refresh:
            self._listings.clear(location)
        entries: list[RepoFile | RepoFolder | None]
        try:
            if maxdepth == 1:
                entries = [*self._listings.children(self._client, location)]
            else:
                entries = [*self._listings.descendants(self._client, location)]
            if withdirs:
                entries.append(self._listings.entry(self._client, location))
        except FileNotFoundError:
            try:
                entries = [self._listings.entry(self._client, location)]
            except FileNotFoundError:
                entries = []
        base = len(location.path) + 1 if location.path else 0
        found = {}
        for entry in entries:
            is_folder = entry is None or isinstance(entry, RepoFolder)
            depth = 0 if entry is None else entry.path.count("/", base) + 1
            if (withdirs or not is_folder) and (maxdepth is None or depth <= maxdepth):
                one = info_of(location, entry)
                found[one["name"]] = one
        names = sorted(found)
        return {name: found[name] for name in names} if detail else names

    def glob(self, path: str, maxdepth: int | None = None, **kwargs: Any) -> Any:
        """The names that a pattern matches, sorted; by one listing of what stands before it."""
        revision = kwargs.pop("revision", None)
        if revision is not None:
            location = self.resolve_path(path, revision)
            if "@" not in location.root:
                path = f"{location.root}@{_quoted(revision)}/{location.path}"
        return super().glob(path, maxdepth=maxdepth, **kwargs)

    def exists(self, path: str, **kwargs: Any) -> bool:
        """Whether there is a file or folder; a Hub that cannot be reached is an error."""
        try:
            self.info(path, **kwargs)
        except FileNotFoundError:
            return False
        return True

    def isfile(self, path: str) -> bool:
        """Whether there is a file."""
        try:
            return bool(self.info(path)["type"] == "file")
        except FileNotFoundError:
            return False

    def isdir(self, path: str) -> bool:
        """Whether there is a folder."""
        try:
            return bool(self.info(path)["type"] == "directory")
        except FileNotFoundError:
            return False

    def modified(self, path: str, **_: Any) -> datetime | None:
        """When the file's last commit was made."""
        location = self.resolve_path(path)
        ref = self._listings.pinned(self._client, location)
        (entry,) = self._api.get_paths_info(
            ref.id, location.path, expand=True, revision=ref.revision, repo_type=ref.kind
        )
        return None if entry.last_commit is None else entry.last_commit.date

    def ukey(self, path: str) -> str:
        """The digest of the file's content: what changes when the file does."""
        info = self.info(path)
        lfs = info.get("lfs")
        return str(lfs.sha256 if lfs else info.get("blob_id") or info["name"])

    checksum = ukey

    def url(self, path: str) -> str:
        """The URL of a file or folder at the Hub."""
        location = self.resolve_path(path)
        url = f"{self.endpoint}/{location.repo.resolve_path(location.path)}"
        return url.replace("/resolve/", "/tree/", 1) if self.isdir(path) else url

    # --- what is in it

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | None = None,
        autocommit: bool = True,  # noqa: ARG002 - about writing, but fsspec passes it
        cache_options: dict[str, Any] | None = None,
        revision: str | None = None,
        **kwargs: Any,
    ) -> Any:
        if mode != "rb":
            raise NotImplementedError(
                f"HfFileSystem cannot open {path!r} with mode {mode!r} yet: hfhub only reads. "
                "huggingface_hub.HfFileSystem writes"
            )
        remote = self._remote(path, revision)
        size = self.block_size if block_size is None else block_size
        if size == 0:
            return io.BufferedReader(HubStream(remote), _STREAM_BUFFER)
        if size is not None:
            kwargs["block_size"] = size
        return HubFile(self, path, remote, cache_options=cache_options, **kwargs)

    def cat_file(
        self, path: str, start: int | None = None, end: int | None = None, **kwargs: Any
    ) -> bytes:
        """The bytes of a file, or a range of them; negative places count from its end."""
        remote = self._remote(path, kwargs.get("revision"))
        return remote.read_range(*_span(start, end, remote.size))

    def cat_ranges(
        self,
        paths: Sequence[str],
        starts: int | Sequence[int | None] | None,
        ends: int | Sequence[int | None] | None,
        max_gap: int | None = None,  # noqa: ARG002 - see below
        on_error: str = "return",
        **kwargs: Any,
    ) -> list[Any]:
        """Ranges of files, several at once, in the order they were asked for.

        Args:
            paths: a file for each range.
            starts: where each begins, or all.
            ends: where each ends, or all.
            max_gap: is not looked at: ranges of a file that nearly touch are read as one, and
                others over several connections.
            on_error: ``raise``, or ``return`` the error in the place of the bytes.
            kwargs: ``revision``, if it is not in the paths.

        Raises:
            ValueError: if there are not as many starts and ends as paths.
        """
        firsts, lasts = _for_each(starts, len(paths)), _for_each(ends, len(paths))
        places: dict[str, list[int]] = {}
        for place, path in enumerate(paths):
            places.setdefault(path, []).append(place)

        def read(path: str) -> Sequence[Any]:
            try:
                remote = self._remote(path, kwargs.get("revision"))
                return remote.read_ranges(
                    [_span(firsts[place], lasts[place], remote.size) for place in places[path]]
                )
            except Exception as error:  # the caller chose to get errors in place of bytes
                if on_error == "return":
                    return [error] * len(places[path])
                raise

        found: list[Any] = [b""] * len(paths)
        with ThreadPoolExecutor(min(_WORKERS, max(1, len(places)))) as pool:
            for path, pieces in zip(places, pool.map(read, places), strict=True):
                for place, piece in zip(places[path], pieces, strict=True):
                    found[place] = piece
        return found

    def get_file(
        self,
        rpath: str,
        lpath: Any = None,
        callback: Any = DEFAULT_CALLBACK,
        outfile: Any = None,
        **kwargs: Any,
    ) -> None:
        """Copy a file to ``lpath``, verified while it is written; it appears when it is whole.

        Args:
            rpath: the file; a folder is only made.
            lpath: where to.
            callback: fsspec's, told of the bytes.
            outfile: an open file to write to instead.
            kwargs: ``revision``, if it is not in the path.

        Raises:
            IntegrityError: if the bytes are not those that the Hub promised; nothing is kept.
        """
        location = self.resolve_path(rpath, kwargs.get("revision"))
        entry = self._listings.entry(self._client, location)
        if not isinstance(entry, RepoFile):
            os.makedirs(lpath, exist_ok=True)
            return
        callback.set_size(entry.size)
        if outfile is not None:
            _copy(self._remote_of(location, entry), outfile, callback)
            return
        beside = f"{os.fspath(lpath)}.{os.getpid()}.part"
        os.makedirs(os.path.dirname(os.path.abspath(lpath)), exist_ok=True)
        try:
            with open(beside, "wb") as file:
                _copy(self._remote_of(location, entry), file, callback)
            os.replace(beside, lpath)
        except BaseException:  # also on Ctrl-C: a half-written file must not look whole
            if os.path.exists(beside):
                os.unlink(beside)
            raise

    # --- whom to ask

    @property
    def _client(self) -> Client:
        return self._api.client()

    def _remote(self, path: str, revision: str | None) -> RemoteFile:
        location = self.resolve_path(path, revision)
        entry = self._listings.entry(self._client, location)
        if not isinstance(entry, RepoFile):
            raise IsADirectoryError(f"hf://{location.name}")
        return self._remote_of(location, entry)

    def _remote_of(self, location: Location, entry: RepoFile) -> RemoteFile:
        ref = self._listings.pinned(self._client, location)
        digest = entry.digest
        if digest is None:
            raise FileMetadataError(f"the listing of {ref} has no digest for {entry.path!r}")
        return open_file(self._client, ref, entry.path, digest=digest, size=entry.size)


def _copy(remote: RemoteFile, file: Any, callback: Any) -> None:
    with FileStream(remote) as chunks:
        for chunk in chunks:
            file.write(chunk)
            callback.relative_update(len(chunk))


def _span(start: int | None, end: int | None, size: int) -> tuple[int, int]:
    """The bytes that a slice means in a file of ``size`` bytes."""
    first, last, _ = slice(start, end).indices(size)
    return first, max(first, last)


def _for_each(value: int | Sequence[int | None] | None, count: int) -> Sequence[int | None]:
    if value is None or isinstance(value, int):
        return [value] * count
    if len(value) != count:
        raise ValueError(f"{len(value)} places were given for {count} paths")
    return value


def _quoted(revision: str) -> str:
    from urllib.parse import quote

    return quote(revision, safe="")
