"""A dataset repository on the Hub at one commit, as a tree of files."""

from __future__ import annotations

import atexit
import logging
import posixpath
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crucible_datasets.discovery.glob import select
from crucible_datasets.errors import DatasetNotFoundError
from crucible_datasets.formats.base import DataFile
from crucible_datasets.formats.members import MemberSource
from crucible_datasets.formats.ranges import shared

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from crucible_datasets.formats.base import Source
    from crucible_datasets.formats.ranges import Shared
    from hfhub.download.remote import RemoteFile
    from hfhub.http import Client
    from hfhub.models import RepoFile
    from hfhub.repo import RepoRef
    from hfhub.settings import Settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class HubSource:
    """A file of a repository: read from the cache if it is there, else over the network.

    With ``keep`` it is in the cache as soon as all its bytes were read.
    """

    ref: RepoRef
    file: RepoFile
    settings: Settings = field(repr=False)
    token: bool | str | None = field(default=None, repr=False)
    keep: bool = False

    def local(self) -> Path | None:
        """The file in the cache, or None."""
        from hfhub.cache.store import store_for

        found = store_for(self.settings).find(self.ref, self.file.path)
        return None if found is None else Path(found)

    def open(self) -> BinaryIO:
        """The bytes."""
        local = self.local()
        if local is not None:
            return local.open("rb")
        remote: Any = self._remote()
        remote.hold()
        return remote  # type: ignore[no-any-return] # it reads like a file

    def ranges(self) -> Shared:
        """The file over the network, to be read by ranges; its link is resolved once a process."""
        key = (self.settings.endpoint, self.ref, self.file.path, self.token, self.keep)
        return shared(key, self._remote)

    def _remote(self) -> RemoteFile:
        from hfhub.download.remote import open_file
        from hfhub.http import client_for

        digest = self.file.digest
        if digest is None:
            raise FileNotFoundError(f"the Hub tells no digest of {self.ref}/{self.file.path}")
        client = client_for(self.settings, self.token)
        with told(self.ref):
            return open_file(
                client,
                self.ref,
                self.file.path,
                digest=digest,
                size=self.file.size,
                keep=self.keep,
            )


def kept(file: DataFile) -> DataFile:
    """The same file; one of the Hub stays in the cache when it was read whole."""
    source = file.source
    return (
        replace(file, source=replace(source, keep=True)) if isinstance(source, HubSource) else file
    )


class HubTree:
    """The files of a dataset repository at a commit."""

    def __init__(
        self, ref: RepoRef, files: Sequence[RepoFile], client: Client, token: bool | str | None
    ) -> None:
        self.ref = ref
        self._files = {file.path: file for file in files}
        self._client = client
        self._token = token
        self._folder = ""

    @property
    def place(self) -> str:
        """The folder, as ``hf://datasets/owner/name@commit``."""
        return f"hf://{self.ref}/{self._folder}".rstrip("/")

    @cached_property
    def paths(self) -> Sequence[str]:
        """All files below the folder, relative to it."""
        return sorted(
            path[len(self._folder) :] for path in self._files if path.startswith(self._folder)
        )

    def file(self, path: str) -> DataFile:
        """The file at ``path`` below the folder."""
        found = self._files[self._folder + path]
        return DataFile(
            path=self._client.url(self.ref.resolve_path(found.path)),
            name=f"hf://{self.ref}/{found.path}",
            size=found.size,
            digest=None if found.digest is None else found.digest.hex,
            source=HubSource(self.ref, found, self._client.settings, self._token),
        )

    def glob(self, pattern: str, extensions: Collection[str] | None = None) -> list[DataFile]:
        """The data files that ``pattern`` picks.

        Raises:
            ValueError: it points out of the repository.
        """
        pattern = pattern.removeprefix(f"hf://{self.ref}/")
        joined = posixpath.normpath(posixpath.join(self._folder, pattern))
        if "://" in pattern or joined.startswith(("/", "../")) or joined == "..":
            raise ValueError(
                f"Data files don't belong to {self.ref.id}: {pattern!r}. They should be relative "
                "paths below the repository's root"
            )
        below = self.within("")
        return [below.file(path) for path in select(below.paths, joined, extensions)]

    def read(self, path: str) -> bytes | None:
        """The content of a small file below the folder, through the cache, or None."""
        found = self._files.get(self._folder + path)
        if found is None:
            return None
        [local] = fetch([self.file(path)])
        return local.read_bytes()

    def within(self, folder: str) -> HubTree:
        """The tree below ``folder`` of the repository's root."""
        below = HubTree(self.ref, list(self._files.values()), self._client, self._token)
        folder = posixpath.normpath(folder).strip("/") if folder else ""
        below._folder = f"{folder}/" if folder not in ("", ".") else ""
        return below


def open_repo(
    path: str, *, revision: str | None, token: bool | str | None, settings: Settings
) -> HubTree:
    """The repository ``path`` at the commit that ``revision`` stands for now.

    One request for the commit and one for each thousand files; none for what is pinned and cached.
    Offline, the last commit and listing that were seen.

    Raises:
        DatasetNotFoundError: there is no such repository or revision, or it is gated or private.
        ConnectionError: the Hub can't be reached, and nothing is in the cache.
    """
    from hfhub.cache.store import store_for
    from hfhub.http import client_for
    from hfhub.repo import RepoRef

    ref = RepoRef.parse(path, "dataset", revision)
    client = client_for(settings, token)
    store = store_for(settings)
    with told(ref):
        commit = _resolve(ref, client)
        pinned = ref.at(commit)
        files = store.read_tree(pinned)
        if files is None:
            files = _list(pinned, client)
        if not ref.is_pinned:
            store.write_ref(ref, commit)
    return HubTree(pinned, files, client, token)


def fetch(files: Sequence[DataFile], *, again: bool = False) -> list[Path]:
    """The files on this machine, in order; those of the Hub are fetched, many at once.

    For a member of an archive it is the archive.

    Args:
        files: of the Hub, of this machine or of the web, mixed.
        again: fetch those of the Hub that are cached, too.

    Raises:
        DatasetNotFoundError: the repository is gated, and the token does not open it.
        FileNotFoundError: a file is neither here nor on the Hub.
    """
    remote: dict[tuple[RepoRef, Settings, bool | str | None], list[RepoFile]] = {}
    for source in map(_origin, files):
        if isinstance(source, HubSource):
            remote.setdefault((source.ref, source.settings, source.token), []).append(source.file)
    for (ref, settings, token), wanted in remote.items():
        from hfhub.download.fetch import fetch_files  # not for files that lie here
        from hfhub.http import client_for

        with told(ref):
            _hold(settings, wanted)
            fetch_files(client_for(settings, token), ref, wanted, force=again)
    return [_here(file) for file in files]


_held: dict[Path, set[str]] = {}


def _hold(settings: Settings, files: Sequence[RepoFile]) -> None:
    """Keep ``files`` from eviction while this process lives, where the cache has a limit.

    They are read when rows are asked for, which may be long after they were fetched.
    """
    if settings.cache_max_size is None:
        return
    from hfhub.cache.store import store_for

    held = _held.setdefault(settings.cache_dir, set())
    digests = [file.digest for file in files if file.digest and file.digest.hex not in held]
    if digests:
        held.update(digest.hex for digest in digests)
        lease = store_for(settings).lease(digests)
        lease.__enter__()
        atexit.register(lease.__exit__, None, None, None)


@contextmanager
def told(ref: RepoRef) -> Iterator[None]:
    """What the Hub refuses inside, said as the peer says it."""
    from hfhub.errors import GatedRepoError, RepositoryNotFoundError, RevisionNotFoundError

    try:
        yield
    except GatedRepoError as error:
        text = f"Dataset '{ref.id}' is a gated dataset on the Hub."
        if error.response.status_code == 401:
            text += " You must be authenticated to access it."
        else:
            text += f" Visit https://huggingface.co/datasets/{ref.id} to ask for access."
        raise DatasetNotFoundError(text) from error
    except RevisionNotFoundError as error:
        raise DatasetNotFoundError(
            f"Revision '{ref.revision}' doesn't exist for dataset '{ref.id}' on the Hub."
        ) from error
    except RepositoryNotFoundError as error:
        status = error.response.status_code
        raise DatasetNotFoundError(
            f"Dataset '{ref.id}' doesn't exist on the Hub or cannot be accessed (status {status})."
        ) from error


def _resolve(ref: RepoRef, client: Client) -> str:
    from hfhub.api.commit import resolve
    from hfhub.cache.store import store_for
    from hfhub.errors import HubConnectionError, OfflineModeIsEnabled

    try:
        return resolve(ref, client)
    except (HubConnectionError, OfflineModeIsEnabled) as error:
        commit = store_for(client.settings).resolve_ref(ref)
        if commit is None:
            raise ConnectionError(
                f"Couldn't reach '{ref.id}' on the Hub ({type(error).__name__}), and it is not in "
                f"the cache {client.settings.cache_dir}: {error}"
            ) from error
        logger.warning(
            "%s could not be reached; going on with commit %s of %s from the cache",
            client.settings.endpoint,
            commit,
            ref.id,
        )
        return commit


def _list(ref: RepoRef, client: Client) -> list[RepoFile]:
    from hfhub.api.tree import list_files
    from hfhub.cache.store import store_for
    from hfhub.errors import HubConnectionError, OfflineModeIsEnabled

    try:
        files = list_files(client, ref)
    except (HubConnectionError, OfflineModeIsEnabled) as error:
        raise ConnectionError(
            f"Couldn't reach '{ref.id}' on the Hub ({type(error).__name__}), and the listing of "
            f"commit {ref.revision} is not in the cache: {error}"
        ) from error
    store_for(client.settings).write_tree(ref, files)
    return files


def _origin(file: DataFile) -> Source:
    return file.source.archive if isinstance(file.source, MemberSource) else file.source


def _here(file: DataFile) -> Path:
    found = _origin(file).local()
    if found is None:
        raise FileNotFoundError(f"{file.name} is not on this machine")
    return found
