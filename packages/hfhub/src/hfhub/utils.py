"""What ``huggingface_hub.utils`` is imported for; each name has its home elsewhere in hfhub."""

from hfhub.auth import get_token
from hfhub.download.patterns import filter_repo_objects
from hfhub.errors import (
    BadRequestError,
    CacheNotFound,
    CorruptedCacheException,
    DisabledRepoError,
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    LocalTokenNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from hfhub.http import build_hf_headers, hf_raise_for_status
from hfhub.progress import (
    are_progress_bars_disabled,
    disable_progress_bars,
    enable_progress_bars,
)
from hfhub.repo import validate_repo_id

__all__ = [
    "BadRequestError",
    "CacheNotFound",
    "CorruptedCacheException",
    "DisabledRepoError",
    "EntryNotFoundError",
    "FileMetadataError",
    "GatedRepoError",
    "HFValidationError",
    "HfHubHTTPError",
    "LocalEntryNotFoundError",
    "LocalTokenNotFoundError",
    "OfflineModeIsEnabled",
    "RemoteEntryNotFoundError",
    "RepositoryNotFoundError",
    "RevisionNotFoundError",
    "are_progress_bars_disabled",
    "build_hf_headers",
    "disable_progress_bars",
    "enable_progress_bars",
    "filter_repo_objects",
    "get_token",
    "hf_raise_for_status",
    "validate_repo_id",
]
