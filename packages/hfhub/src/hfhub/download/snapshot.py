"""All files of a repository at one commit, or those that match."""

from __future__ import annotations

import contextlib
import logging
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, overload

from hfhub.api.commit import resolve
from hfhub.api.tree import list_files
from hfhub.cache.store import store_for
from hfhub.download.destination import CacheFolder, Wanted
from hfhub.download.fetch import bring_files
from hfhub.download.file import (
    DEFAULT_ETAG_TIMEOUT,
    DryRunFileInfo,
    Options,
    is_at_hand,
    is_refusal,
    settings_of_call,
)
from hfhub.download.patterns import filter_repo_objects
from hfhub.errors import (
    CachedRepoTreeNotFoundError,
    DryRunError,
    HfHubHTTPError,
    HubConnectionError,
    IncompleteSnapshotError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RevisionNotFoundError,
)
from hfhub.repo import RepoRef, check_path

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hfhub.cache.store import Store
    from hfhub.download.destination import Destination
    from hfhub.download.local_folder import LocalFolder
    from hfhub.models import RepoFile

__all__ = ["get_cached_repo_tree", "snapshot_download"]


@overload
def snapshot_download(
    repo_id: str,
    *,
    repo_type: str | None = ...,
    revision: str | None = ...,
    cache_dir: str | Path | None = ...,
    local_dir: str | Path | None = ...,
    library_name: str | None = ...,
    library_version: str | None = ...,
    user_agent: dict[str, str] | str | None = ...,
    etag_timeout: float = ...,
    force_download: bool = ...,
    token: bool | str | None = ...,
    local_files_only: bool = ...,
    allow_patterns: list[str] | str | None = ...,
    ignore_patterns: list[str] | str | None = ...,
    max_workers: int = ...,
    tqdm_class: Callable[..., Any] | None = ...,
    headers: dict[str, str] | None = ...,
    endpoint: str | None = ...,
    dry_run: Literal[False] = ...,
) -> str: ...


@overload
def snapshot_download(
    repo_id: str,
    *,
    repo_type: str | None = ...,
    revision: str | None = ...,
    cache_dir: str | Path | None = ...,
    local_dir: str | Path | None = ...,
    library_name: str | None = ...,
    library_version: str | None = ...,
    user_agent: dict[str, str] | str | None = ...,
    etag_timeout: float = ...,
    force_download: bool = ...,
    token: bool | str | None = ...,
    local_files_only: bool = ...,
    allow_patterns: list[str] | str | None = ...,
    ignore_patterns: list[str] | str | None = ...,
    max_workers: int = ...,
    tqdm_class: Callable[..., Any] | None = ...,
    headers: dict[str, str] | None = ...,
    endpoint: str | None = ...,
    dry_run: bool,
) -> str | list[DryRunFileInfo]: ...


def snapshot_download(
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    cache_dir: str | Path | None = None,
    local_dir: str | Path | None = None,
    library_name: str | None = None,
    library_version: str | None = None,
    user_agent: dict[str, str] | str | None = None,
    etag_timeout: float = DEFAULT_ETAG_TIMEOUT,
    force_download: bool = False,
    token: bool | str | None = None,
    local_files_only: bool = False,
    allow_patterns: list[str] | str | None = None,
    ignore_patterns: list[str] | str | None = None,
    max_workers: int = 8,
    tqdm_class: Callable[..., Any] | None = None,
    headers: dict[str, str] | None = None,
    endpoint: str | None = None,
    dry_run: bool = False,
) -> str | list[DryRunFileInfo]:
    """The folder with the files of a repository, those that are missing fetched and verified.

    A repository that is cached costs one request, to learn the commit of the revision, and none
    when the revision is a full commit. Otherwise its files are listed once and each costs one
    request (redirects apart), since the listing tells size and digest. The revision is noted last,
    so that it never stands for a snapshot that was broken off.

    Args:
        repo_id: ``owner/name``.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or full commit; ``main`` by default.
        cache_dir: the cache; by default that of the settings (``HF_HUB_CACHE``).
        local_dir: a folder to put the files into under their own names, beside the cache.
        library_name: the library that calls, for the user agent.
        library_version: its version.
        user_agent: more for the user agent.
        etag_timeout: seconds to wait for the Hub's first answer.
        force_download: fetch what is there, too.
        token: a token, True (the machine's, required), False (none), None (the machine's).
        local_files_only: make no request.
        allow_patterns: only files that match one of these, as `filter_repo_objects` has it.
        ignore_patterns: no files that match one of these.
        max_workers: how many files to fetch at once.
        tqdm_class: a progress bar class of your own.
        headers: more headers for requests to the Hub.
        endpoint: the Hub; by default that of the settings (``HF_ENDPOINT``).
        dry_run: fetch nothing, say what would be done.

    Returns:
        The folder; or a `DryRunFileInfo` a file when ``dry_run`` is set.

    Raises:
        RepositoryNotFoundError: if there is no such repository, or none that the token opens.
        RevisionNotFoundError: if it has no such revision.
        LocalEntryNotFoundError: if the Hub cannot be asked and nothing is cached;
            `IncompleteSnapshotError` if something is, but not every file.
        DryRunError: if ``dry_run`` is set and the Hub cannot be asked.
        IntegrityError: if twice the wrong bytes came for a file.
        CacheFullError: if there is no room.
        HFValidationError: if an argument is malformed; `UnsafePathError` for a file's name.
    """
    ref = RepoRef.parse(repo_id, repo_type, getattr(revision, "resolved", revision))
    settings = settings_of_call(endpoint, cache_dir, etag_timeout)
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
    store = store_for(settings)
    choice = _Choice(allow_patterns, ignore_patterns)
    folder = None
    if local_dir is not None:
        from hfhub.download.local_folder import LocalFolder

        folder = LocalFolder(local_dir, store)
    try:
        listing = _list(store, ref, options, keep=not dry_run)
    except RevisionNotFoundError:
        raise
    except (HfHubHTTPError, HubConnectionError, OfflineModeIsEnabled) as error:
        if dry_run:
            raise DryRunError(f"{ref}: the Hub has to be asked for a dry run: {error}") from error
        return _from_disk(store, folder, ref, choice, error)
    files = choice.of(listing.files)
    place = folder or CacheFolder(store)
    if dry_run:
        return _dry_run(store, place, listing.ref, files, force=force_download)
    bring_files(
        options.client(),
        place,
        listing.ref,
        files,
        max_workers=max_workers,
        force=force_download,
        tqdm_class=tqdm_class,
    )
    store.write_ref(ref, listing.ref.revision)
    return folder.root if folder else store.cache.snapshot(listing.ref)


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which files are wanted."""

    allow: list[str] | str | None
    ignore: list[str] | str | None

    def of(self, files: Sequence[RepoFile]) -> Sequence[RepoFile]:
        """Those of ``files`` that are."""
        if self.allow is None and self.ignore is None:
            return files
        return list(
            filter_repo_objects(
                files,
                allow_patterns=self.allow,
                ignore_patterns=self.ignore,
                key=lambda file: file.path,
            )
        )


@dataclass(frozen=True, slots=True)
class _Listing:
    """The files of a repository at a commit."""

    ref: RepoRef
    files: Sequence[RepoFile]


def _list(store: Store, ref: RepoRef, options: Options, *, keep: bool) -> _Listing:
    """The commit of ``ref`` and its files, from the cache as far as it knows them for sure."""
    if options.local_only:
        raise OfflineModeIsEnabled("no request was made: local_files_only=True")
    if options.settings.offline:
        raise OfflineModeIsEnabled("no request was made: offline mode is on (HF_HUB_OFFLINE)")
    client = options.client()
    # With something to fall back on, a Hub that is down is not worth a wait.
    at = ref.at(resolve(ref, client, retry=store.resolve_ref(ref) is None))
    files = store.read_tree(at)
    if files is None:
        files = list_files(client, at)
        if keep:
            store.write_tree(at, files)
    return _Listing(at, files)


def _from_disk(
    store: Store, folder: LocalFolder | None, ref: RepoRef, choice: _Choice, error: Exception
) -> str:
    """What there is of the snapshot, if it is all that is wanted as far as that can be told."""
    commit = store.resolve_ref(ref)
    root = None
    if folder is not None:
        with contextlib.suppress(OSError):
            root = folder.root if os.listdir(folder.root) else None
    elif commit is not None:
        root = store.cache.snapshot(ref.at(commit))
    if root is None or not os.path.isdir(root):
        if is_refusal(error):
            raise error
        raise LocalEntryNotFoundError(
            f"{ref} is not in the cache {store.cache.root}, and the Hub could not be asked: {error}"
        ) from error
    files = None if commit is None else store.read_tree(ref.at(commit))
    if files is None:
        # Older clients keep no listing, and people work offline on what those have fetched.
        logging.getLogger(__name__).warning(
            "%s: the Hub could not be asked (%s), and no listing tells whether %s is complete",
            ref,
            error,
            root,
        )
    missing = [
        file.path
        for file in choice.of(files or ())
        if not os.path.isfile(f"{root}/{check_path(file.path)}")
    ]
    if missing:
        some = ", ".join(missing[:3]) + (", ..." if len(missing) > 3 else "")
        raise IncompleteSnapshotError(
            f"{ref} at {commit} is not complete in {root}: {len(missing)} files are missing "
            f"({some}), and the Hub could not be asked: {error}",
            root,
        ) from error
    return root


def _dry_run(
    store: Store, place: Destination, at: RepoRef, files: Sequence[RepoFile], *, force: bool
) -> list[DryRunFileInfo]:
    """What `bring_files` would do."""
    infos = []
    for file in files:
        digest = file.digest
        is_cached = digest is not None and is_at_hand(
            store, place, Wanted(at, file.path, digest, file.size)
        )
        infos.append(
            DryRunFileInfo(
                commit_hash=at.revision,
                file_size=file.size,
                filename=file.path,
                local_path=place.location(at, file.path),
                is_cached=is_cached,
                will_download=force or not is_cached,
            )
        )
    return infos


def get_cached_repo_tree(
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    cache_dir: str | Path | None = None,
    local_dir: str | Path | None = None,  # noqa: ARG001 - the peer's; our listings are in the cache
) -> list[RepoFile]:
    """The files of a repository as they were listed by an earlier `snapshot_download`; no request.

    Args:
        repo_id: ``owner/name``.
        repo_type: ``"model"`` (also None), ``"dataset"`` or ``"space"``.
        revision: a branch, tag or commit; ``main`` by default.
        cache_dir: the cache; by default that of the settings.
        local_dir: not looked at: listings are kept in the cache.

    Raises:
        CachedRepoTreeNotFoundError: if it was not listed at that revision.
    """
    ref = RepoRef.parse(repo_id, repo_type, getattr(revision, "resolved", revision))
    store = store_for(settings_of_call(None, cache_dir, DEFAULT_ETAG_TIMEOUT))
    commit = store.resolve_ref(ref)
    files = None if commit is None else store.read_tree(ref.at(commit))
    if files is None:
        raise CachedRepoTreeNotFoundError(
            f"{ref} has not been listed yet in {store.cache.root}; call snapshot_download first"
        )
    return files
