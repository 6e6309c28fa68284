"""One file of a repository, on the disk: from the cache, or from the Hub by way of the cache."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from hfhub import settings as settings_module
from hfhub.cache.store import store_for
from hfhub.download.destination import CacheFolder, Wanted
from hfhub.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HFValidationError,
    HubConnectionError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hfhub.repo import RepoRef, check_path, is_commit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from hfhub.cache.store import Store
    from hfhub.download.destination import Destination
    from hfhub.download.locate import Located
    from hfhub.http import Client
    from hfhub.settings import Settings

__all__ = ["DryRunFileInfo", "hf_hub_download", "try_to_load_from_cache"]

DEFAULT_ETAG_TIMEOUT = 10.0


@dataclass
class DryRunFileInfo:
    """What `hf_hub_download` would do; given back instead of a path when ``dry_run`` is set.

    Attributes:
        commit_hash: the commit that the revision stands for.
        file_size: bytes of the file, or None if the server does not say.
        filename: its path in the repository.
        local_path: where it is, or would be.
        is_cached: whether it is there.
        will_download: whether the same call without ``dry_run`` would fetch it.
    """

    commit_hash: str
    file_size: int | None
    filename: str
    local_path: str
    is_cached: bool
    will_download: bool


@dataclass(frozen=True, slots=True)
class Options:
    """What a caller asks of a download, beside the file itself.

    Attributes:
        settings: the settings, with the arguments of the call laid over them.
        token: a token, True, False or None, as `Client` takes it.
        headers: more headers for the endpoint.
        user_agent: more for the user agent.
        library_name: the library that calls.
        library_version: its version.
        force: fetch what is there, too.
        local_only: make no request.
        tqdm_class: the caller's own progress bar.
    """

    settings: Settings
    token: bool | str | None = None
    headers: Mapping[str, str] | None = None
    user_agent: Mapping[str, str] | str | None = None
    library_name: str | None = None
    library_version: str | None = None
    force: bool = False
    local_only: bool = False
    tqdm_class: Callable[..., Any] | None = None

    def client(self) -> Client:
        """The client that makes the requests of this call."""
        from hfhub.http import Client, client_for

        if not (self.headers or self.user_agent or self.library_name or self.library_version):
            return client_for(self.settings, self.token)
        return Client(
            self.settings,
            token=self.token,
            headers=self.headers,
            user_agent=self.user_agent,
            library_name=self.library_name,
            library_version=self.library_version,
        )


def settings_of_call(
    endpoint: str | None, cache_dir: str | Path | None, etag_timeout: float
) -> Settings:
    """The settings with the arguments of a call laid over them.

    ``HF_HUB_ETAG_TIMEOUT`` wins over the argument, as users of the official client expect.
    """
    settings = settings_module.current()
    timeout = None
    if etag_timeout != DEFAULT_ETAG_TIMEOUT and settings.etag_timeout == DEFAULT_ETAG_TIMEOUT:
        timeout = etag_timeout
    return settings.override(endpoint=endpoint, cache_dir=cache_dir, etag_timeout=timeout)


@overload
def hf_hub_download(
    repo_id: str,
    filename: str,
    *,
    subfolder: str | None = ...,
    repo_type: str | None = ...,
    revision: str | None = ...,
    library_name: str | None = ...,
    library_version: str | None = ...,
    cache_dir: str | Path | None = ...,
    local_dir: str | Path | None = ...,
    user_agent: dict[str, str] | str | None = ...,
    force_download: bool = ...,
    etag_timeout: float = ...,
    token: bool | str | None = ...,
    local_files_only: bool = ...,
    headers: dict[str, str] | None = ...,
    endpoint: str | None = ...,
    tqdm_class: Callable[..., Any] | None = ...,
    dry_run: Literal[False] = ...,
) -> str: ...


@overload
def hf_hub_download(
    repo_id: str,
    filename: str,
    *,
    subfolder: str | None = ...,
    repo_type: str | None = ...,
    revision: str | None = ...,
    library_name: str | None = ...,
    library_version: str | None = ...,
    cache_dir: str | Path | None = ...,
    local_dir: str | Path | None = ...,
    user_agent: dict[str, str] | str | None = ...,
    force_download: bool = ...,
    etag_timeout: float = ...,
    token: bool | str | None = ...,
    local_files_only: bool = ...,
    headers: dict[str, str] | None = ...,
    endpoint: str | None = ...,
    tqdm_class: Callable[..., Any] | None = ...,
    dry_run: bool,
) -> str | DryRunFileInfo: ...


def hf_hub_download(
    repo_id: str,
    filename: str,
    *,
    subfolder: str | None = None,
    repo_type: str | None = None,
    revision: str | None = None,
    library_name: str | None = None,
    library_version: str | None = None,
    cache_dir: str | Path | None = None,
    local_dir: str | Path | None = None,
    user_agent: dict[str, str] | str | None = None,
    force_download: bool = False,
    etag_timeout: float = DEFAULT_ETAG_TIMEOUT,
    token: bool | str | None = None,
    local_files_only: bool = False,
    headers: dict[str, str] | None = None,
    endpoint: str | None = None,
    tqdm_class: Callable[..., Any] | None = None,
    dry_run: bool = False,
) -> str | DryRunFileInfo:
    """The path of a file of a repository, fetched and verified if it is not in the cache.

    A file that is cached at the commit asked for costs no request; at a branch or tag one, to learn
    which commit that is. A file that is not cached costs one, redirects apart. What is fetched is
    compared with the digest that the Hub promises while it is written, and goes on at the byte
    where an earlier call, or an earlier process, broke off.

    Args:
        repo_id: ``owner/name``.
        filename: the file's path in the repository.
        subfolder: a folder to put before ``filename``.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or full commit; ``main`` by default.
        library_name: the library that calls, for the user agent.
        library_version: its version.
        cache_dir: the cache; by default that of the settings (``HF_HUB_CACHE``).
        local_dir: a folder to put the file into under its own name, beside the cache.
        user_agent: more for the user agent.
        force_download: fetch it although it is there.
        etag_timeout: seconds to wait for the Hub's first answer.
        token: a token, True (the machine's, required), False (none), None (the machine's).
        local_files_only: make no request.
        headers: more headers for requests to the Hub.
        endpoint: the Hub; by default that of the settings (``HF_ENDPOINT``).
        tqdm_class: a progress bar class of your own.
        dry_run: fetch nothing, say what would be done.

    Returns:
        The path; or a `DryRunFileInfo` when ``dry_run`` is set.

    Raises:
        RepositoryNotFoundError: if there is no such repository, or none that the token opens.
        RevisionNotFoundError: if it has no such revision.
        RemoteEntryNotFoundError: if it has no such file.
        LocalEntryNotFoundError: if the Hub cannot be asked and the file is not in the cache.
        IntegrityError: if twice the wrong bytes came.
        CacheFullError: if there is no room for it.
        HFValidationError: if an argument is malformed; `UnsafePathError` for the file's name.
        LocalTokenNotFoundError: if ``token`` is True and there is none.
    """
    path = f"{subfolder}/{filename}" if subfolder else filename
    revision = getattr(revision, "resolved", revision)  # a ResolvedRevision is a str with more
    ref = RepoRef.parse(repo_id, repo_type, revision)
    settings = settings_of_call(endpoint, cache_dir, etag_timeout)
    store = store_for(settings)
    if local_dir is None and not force_download and is_commit(ref.revision):
        found = store.find(ref, path)
        if found is not None:
            return _info(ref.revision, path, found, force=False) if dry_run else found
    options = Options(
        settings,
        token=token,
        headers=headers,
        user_agent=user_agent,
        library_name=library_name,
        library_version=library_version,
        force=force_download,
        local_only=local_files_only,
        tqdm_class=tqdm_class,
    )
    place: Destination = CacheFolder(store)
    if local_dir is not None:
        from hfhub.download.local_folder import LocalFolder

        place = LocalFolder(local_dir, store)
    return (_dry_run if dry_run else _bring)(store, place, ref, check_path(path), options)


def _bring(store: Store, place: Destination, ref: RepoRef, path: str, options: Options) -> str:
    """The path of the file at its place, after asking the Hub unless told not to."""
    commit = store.resolve_ref(ref)
    settled = None
    if commit is not None and not options.force:
        settled = place.pinned(ref.at(commit), path)
        if settled is not None and ref.is_pinned:
            return settled
    known = None if options.force else settled or place.last_known(ref, path)
    located = _locate(store, ref, path, options, bytes_too=known is None, fall_back=known)
    if isinstance(located, str):
        return located
    try:
        if settled is not None and located.commit == commit and located.is_size_of(settled):
            return settled
        found = _bring_located(place, ref.at(located.commit), path, located, options)
    finally:
        located.close()
    store.write_ref(ref, located.commit)
    return found


def _bring_located(
    place: Destination, at: RepoRef, path: str, located: Located, options: Options
) -> str:
    """The path of a file whose commit and digest the Hub has just told."""
    from hfhub.download.fetch import fetch_one, size_of

    if located.size is None:
        located.size = size_of(located)
    wanted = Wanted(at, path, located.digest, located.size)
    if not options.force:
        found = place.find(wanted) or place.take_over(wanted)
        if found is not None:
            return found
    return fetch_one(
        options.client(),
        place,
        wanted,
        located.link,
        opened=located.opened,
        force=options.force,
        tqdm_class=options.tqdm_class,
    )


def _locate(
    store: Store,
    ref: RepoRef,
    path: str,
    options: Options,
    *,
    bytes_too: bool,
    fall_back: str | None,
) -> Located | str:
    """What the Hub says of the file; ``fall_back`` if it cannot be asked.

    Args:
        store: the cache, which takes note of a file that the Hub does not have.
        ref: the repository at a revision.
        path: the file's path in it.
        options: what the caller asked for.
        bytes_too: ask with GET, for a file that is needed anyway.
        fall_back: a file to use when there is no answer.

    Raises:
        LocalEntryNotFoundError: if the Hub cannot be asked and there is nothing to fall back on.
        RepositoryNotFoundError, RevisionNotFoundError, RemoteEntryNotFoundError: from the Hub.
        HFValidationError: if the file is to be fetched by force, and the Hub cannot be asked.
    """
    error: Exception
    if options.local_only:
        error = OfflineModeIsEnabled("no request was made: local_files_only=True")
    else:
        from hfhub.download.locate import locate

        try:
            # With something to fall back on, a Hub that is down is not worth a wait.
            retry = fall_back is None
            return locate(options.client(), ref, path, bytes_too=bytes_too, retry=retry)
        except RemoteEntryNotFoundError as missing:
            commit = missing.response.headers.get("x-repo-commit")
            if commit is not None and is_commit(commit):
                store.note_absent(ref.at(commit), path)
                store.write_ref(ref, commit)
            raise
        except RevisionNotFoundError:
            raise
        except (HfHubHTTPError, HubConnectionError, OfflineModeIsEnabled, FileMetadataError) as met:
            error = met
    if fall_back is None:
        if is_refusal(error) and not options.force:
            raise error
        raise _unanswered(ref, path, options, error) from error
    return fall_back


def _unanswered(ref: RepoRef, path: str, options: Options, error: Exception) -> Exception:
    """What a caller expects who cannot have the file."""
    if options.force:
        return HFValidationError(
            f"{ref}/{path} cannot be fetched again (force_download=True): {error}"
        )
    if isinstance(error, OfflineModeIsEnabled):
        what = "local_files_only=False" if options.local_only else "HF_HUB_OFFLINE=0"
        return LocalEntryNotFoundError(
            f"{ref}/{path} is not in the cache {options.settings.cache_dir}, and no request may be "
            f"made. Set {what} to fetch it"
        )
    return LocalEntryNotFoundError(
        f"{ref}/{path} is not in the cache {options.settings.cache_dir}, and the Hub could not be "
        f"asked: {error}"
    )


def is_refusal(error: Exception) -> bool:
    """Whether the Hub said no for want of a repository or of rights, so that no retry helps."""
    return isinstance(error, RepositoryNotFoundError) or (
        isinstance(error, HfHubHTTPError) and error.response.status_code == 401
    )


def _dry_run(
    store: Store, place: Destination, ref: RepoRef, path: str, options: Options
) -> DryRunFileInfo:
    """What `_bring` would do."""
    if ref.is_pinned:
        found = place.pinned(ref, path)
        if found is not None:
            return _info(ref.revision, path, found, force=options.force)
    known = place.last_known(ref, path)
    located = _locate(store, ref, path, options, bytes_too=False, fall_back=known)
    if isinstance(located, str):
        return _info(store.resolve_ref(ref) or ref.revision, path, located, force=options.force)
    at = ref.at(located.commit)
    is_cached = False
    if located.size is not None:
        is_cached = is_at_hand(store, place, Wanted(at, path, located.digest, located.size))
    return DryRunFileInfo(
        commit_hash=located.commit,
        file_size=located.size,
        filename=path,
        local_path=place.location(at, path),
        is_cached=is_cached,
        will_download=options.force or not is_cached,
    )


def is_at_hand(store: Store, place: Destination, wanted: Wanted) -> bool:
    """Whether a download of ``wanted`` would fetch nothing; writes nothing."""
    if place.find(wanted) is not None:
        return True
    try:
        return os.stat(store.cache.blob(wanted.ref, wanted.digest)).st_size == wanted.size
    except OSError:
        return False


def _info(commit: str, path: str, local: str, *, force: bool) -> DryRunFileInfo:
    """About a file that is there."""
    return DryRunFileInfo(
        commit_hash=commit,
        file_size=os.path.getsize(local),
        filename=path,
        local_path=local,
        is_cached=True,
        will_download=force,
    )


class _NoExist:
    """The type of `_CACHED_NO_EXIST`."""

    def __repr__(self) -> str:
        return "_CACHED_NO_EXIST"


_CACHED_NO_EXIST = _NoExist()
"""What `try_to_load_from_cache` gives for a file that the Hub is known not to have."""


def try_to_load_from_cache(
    repo_id: str,
    filename: str,
    cache_dir: str | Path | None = None,
    revision: str | None = None,
    repo_type: str | None = None,
) -> str | _NoExist | None:
    """Look for a file in the cache, without a request.

    Args:
        repo_id: ``owner/name``.
        filename: the file's path in the repository.
        cache_dir: the cache; by default that of the settings.
        revision: a branch, tag or commit; ``main`` by default.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.

    Returns:
        The path; `_CACHED_NO_EXIST` if the Hub has said that the file is not there; None if
        nothing is known.

    Raises:
        HFValidationError: if an argument is malformed; `UnsafePathError` for the file's name.
    """
    ref = RepoRef.parse(repo_id, repo_type, getattr(revision, "resolved", revision))
    check_path(filename)
    store = store_for(settings_module.current().override(cache_dir=cache_dir))
    commit = store.resolve_ref(ref)
    if commit is None:
        return None
    at = ref if ref.is_pinned else ref.at(commit)
    found = store.find(at, filename)
    return _CACHED_NO_EXIST if found is None and store.is_absent(at, filename) else found
