"""A light client for the Hugging Face Hub: verified bytes in a cache that is shared and bounded.

::

    owner/name, revision ──► api       what is there, at which commit
                        ──► download  verified bytes, into the cache
                        ──► cache     one blob for each digest, links to it, the limit
                        ──► extract   archives and compressed files

The names are those of ``huggingface_hub``. They are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hfhub.api import (
        HfApi,
        HfFileMetadata,
        auth_check,
        dataset_configs,
        dataset_info,
        dataset_splits,
        file_exists,
        get_paths_info,
        list_dataset_parquet_files,
        list_datasets,
        list_models,
        list_repo_commits,
        list_repo_files,
        list_repo_refs,
        list_repo_tree,
        list_spaces,
        model_info,
        repo_exists,
        repo_info,
        resolve_revision,
        revision_exists,
        space_info,
        whoami,
    )
    from hfhub.auth import (
        get_token,
    )
    from hfhub.cache.delete import (
        DeleteCacheStrategy,
    )
    from hfhub.cache.inspect import (
        scan_cache_dir,
    )
    from hfhub.cache.maintain import (
        cache_usage,
        pin,
        prune_cache,
        unpin,
    )
    from hfhub.cache.report import (
        CachedFileInfo,
        CachedRepoInfo,
        CachedRevisionInfo,
        HFCacheInfo,
    )
    from hfhub.cache.verify import (
        verify_cache,
    )
    from hfhub.download.file import (
        DryRunFileInfo,
        hf_hub_download,
        try_to_load_from_cache,
    )
    from hfhub.download.metadata import (
        get_hf_file_metadata,
        hf_hub_url,
    )
    from hfhub.download.remote import (
        RemoteFile,
        RemoteTarget,
        open_remote,
        resolve_url,
    )
    from hfhub.download.snapshot import (
        get_cached_repo_tree,
        snapshot_download,
    )
    from hfhub.download.stream import (
        stream_file,
    )
    from hfhub.errors import (
        CacheNotFound,
        CorruptedCacheException,
        HfHubHTTPError,
        HubError,
    )
    from hfhub.extract import (
        iter_archive,
        open_compressed,
    )
    from hfhub.filesystem import (
        HfFileSystem,
    )
    from hfhub.http import (
        RequestLog,
        build_hf_headers,
        hf_raise_for_status,
        observe,
    )
    from hfhub.local_hub import (
        LocalHub,
    )
    from hfhub.models import (
        BlobLfsInfo,
        BlobSecurityInfo,
        DatasetInfo,
        DatasetParquetEntry,
        GitCommitInfo,
        GitRefInfo,
        GitRefs,
        LastCommitInfo,
        ModelInfo,
        RepoFile,
        RepoFolder,
        RepoSibling,
        SpaceInfo,
        SpaceRuntime,
    )
    from hfhub.progress import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )
    from hfhub.repo import (
        validate_repo_id,
    )
    from hfhub.repocard import (
        DatasetCard,
        ModelCard,
        RepoCard,
        SpaceCard,
        metadata_eval_result,
        metadata_load,
        metadata_save,
        metadata_update,
    )
    from hfhub.repocard_data import (
        CardData,
        DatasetCardData,
        EvalResult,
        ModelCardData,
        SpaceCardData,
    )
    from hfhub.revision import (
        ResolvedRevision,
    )
    from hfhub.signin import (
        auth_list,
        auth_switch,
        interpreter_login,
        list_tokens,
        login,
        logout,
        notebook_login,
    )
    from hfhub.stored_tokens import (
        get_stored_tokens,
    )

__version__ = "0.1.0"

_HOMES = {
    "hfhub.api": (
        "HfApi",
        "HfFileMetadata",
        "auth_check",
        "dataset_configs",
        "dataset_info",
        "dataset_splits",
        "file_exists",
        "get_paths_info",
        "list_dataset_parquet_files",
        "list_datasets",
        "list_models",
        "list_repo_commits",
        "list_repo_files",
        "list_repo_refs",
        "list_repo_tree",
        "list_spaces",
        "model_info",
        "repo_exists",
        "repo_info",
        "resolve_revision",
        "revision_exists",
        "space_info",
        "whoami",
    ),
    "hfhub.auth": ("get_token",),
    "hfhub.cache.delete": ("DeleteCacheStrategy",),
    "hfhub.cache.inspect": ("scan_cache_dir",),
    "hfhub.cache.maintain": (
        "cache_usage",
        "pin",
        "prune_cache",
        "unpin",
    ),
    "hfhub.cache.report": (
        "CachedFileInfo",
        "CachedRepoInfo",
        "CachedRevisionInfo",
        "HFCacheInfo",
    ),
    "hfhub.cache.verify": ("verify_cache",),
    "hfhub.download.file": (
        "DryRunFileInfo",
        "hf_hub_download",
        "try_to_load_from_cache",
    ),
    "hfhub.download.metadata": (
        "get_hf_file_metadata",
        "hf_hub_url",
    ),
    "hfhub.download.remote": (
        "RemoteFile",
        "RemoteTarget",
        "open_remote",
        "resolve_url",
    ),
    "hfhub.download.snapshot": (
        "get_cached_repo_tree",
        "snapshot_download",
    ),
    "hfhub.download.stream": ("stream_file",),
    "hfhub.errors": (
        "CacheNotFound",
        "CorruptedCacheException",
        "HfHubHTTPError",
        "HubError",
    ),
    "hfhub.extract": (
        "iter_archive",
        "open_compressed",
    ),
    "hfhub.filesystem": ("HfFileSystem",),
    "hfhub.http": (
        "RequestLog",
        "build_hf_headers",
        "hf_raise_for_status",
        "observe",
    ),
    "hfhub.local_hub": ("LocalHub",),
    "hfhub.models": (
        "BlobLfsInfo",
        "BlobSecurityInfo",
        "DatasetInfo",
        "DatasetParquetEntry",
        "GitCommitInfo",
        "GitRefInfo",
        "GitRefs",
        "LastCommitInfo",
        "ModelInfo",
        "RepoFile",
        "RepoFolder",
        "RepoSibling",
        "SpaceInfo",
        "SpaceRuntime",
    ),
    "hfhub.progress": (
        "are_progress_bars_disabled",
        "disable_progress_bars",
        "enable_progress_bars",
    ),
    "hfhub.repo": ("validate_repo_id",),
    "hfhub.repocard": (
        "DatasetCard",
        "ModelCard",
        "RepoCard",
        "SpaceCard",
        "metadata_eval_result",
        "metadata_load",
        "metadata_save",
        "metadata_update",
    ),
    "hfhub.repocard_data": (
        "CardData",
        "DatasetCardData",
        "EvalResult",
        "ModelCardData",
        "SpaceCardData",
    ),
    "hfhub.revision": ("ResolvedRevision",),
    "hfhub.signin": (
        "auth_list",
        "auth_switch",
        "interpreter_login",
        "list_tokens",
        "login",
        "logout",
        "notebook_login",
    ),
    "hfhub.stored_tokens": ("get_stored_tokens",),
}
# Reached as attributes too, as with the peer.
_MODULES = frozenset(["errors", "utils"])
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "BlobLfsInfo",
    "BlobSecurityInfo",
    "CacheNotFound",
    "CachedFileInfo",
    "CachedRepoInfo",
    "CachedRevisionInfo",
    "CardData",
    "CorruptedCacheException",
    "DatasetCard",
    "DatasetCardData",
    "DatasetInfo",
    "DatasetParquetEntry",
    "DeleteCacheStrategy",
    "DryRunFileInfo",
    "EvalResult",
    "GitCommitInfo",
    "GitRefInfo",
    "GitRefs",
    "HFCacheInfo",
    "HfApi",
    "HfFileMetadata",
    "HfFileSystem",
    "HfHubHTTPError",
    "HubError",
    "LastCommitInfo",
    "LocalHub",
    "ModelCard",
    "ModelCardData",
    "ModelInfo",
    "RemoteFile",
    "RemoteTarget",
    "RepoCard",
    "RepoFile",
    "RepoFolder",
    "RepoSibling",
    "RequestLog",
    "ResolvedRevision",
    "SpaceCard",
    "SpaceCardData",
    "SpaceInfo",
    "SpaceRuntime",
    "__version__",
    "are_progress_bars_disabled",
    "auth_check",
    "auth_list",
    "auth_switch",
    "build_hf_headers",
    "cache_usage",
    "dataset_configs",
    "dataset_info",
    "dataset_splits",
    "disable_progress_bars",
    "enable_progress_bars",
    "file_exists",
    "get_cached_repo_tree",
    "get_hf_file_metadata",
    "get_paths_info",
    "get_stored_tokens",
    "get_token",
    "hf_hub_download",
    "hf_hub_url",
    "hf_raise_for_status",
    "interpreter_login",
    "iter_archive",
    "list_dataset_parquet_files",
    "list_datasets",
    "list_models",
    "list_repo_commits",
    "list_repo_files",
    "list_repo_refs",
    "list_repo_tree",
    "list_spaces",
    "list_tokens",
    "login",
    "logout",
    "metadata_eval_result",
    "metadata_load",
    "metadata_save",
    "metadata_update",
    "model_info",
    "notebook_login",
    "observe",
    "open_compressed",
    "open_remote",
    "pin",
    "prune_cache",
    "repo_exists",
    "repo_info",
    "resolve_revision",
    "resolve_url",
    "revision_exists",
    "scan_cache_dir",
    "snapshot_download",
    "space_info",
    "stream_file",
    "try_to_load_from_cache",
    "unpin",
    "validate_repo_id",
    "verify_cache",
    "whoami",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    home = _HOME_OF.get(name) or _home_of_what_is_not_there_yet(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def _home_of_what_is_not_there_yet(name: str) -> str | None:
    # Python asks here for a module, too, before it looks for its file: those that every download
    # needs have short names, and the names of calls that write hold a verb.
    if "_" not in name.strip("_"):
        return None
    writing = import_module(f"{__name__}.writing")
    return writing.__name__ if name in writing.WRITING else None


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
