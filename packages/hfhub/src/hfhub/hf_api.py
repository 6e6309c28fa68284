"""Every call to the Hub, in one object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hfhub.api.files import FileCalls
from hfhub.api.repositories import RepositoryCalls
from hfhub.api.searches import SearchCalls
from hfhub.download.file import hf_hub_download
from hfhub.download.snapshot import snapshot_download
from hfhub.writing import WRITING, NotThereYetError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hfhub.download.file import DryRunFileInfo

__all__ = ["HfApi"]


class HfApi(RepositoryCalls, SearchCalls, FileCalls):
    """A Hub as one caller sees it: its endpoint, with one token.

    >>> HfApi(endpoint="https://mirror.example", token=False)
    HfApi(endpoint='https://mirror.example')
    """

    if not TYPE_CHECKING:  # else every misspelt name would pass the type checker

        def __getattr__(self, name: str) -> Any:
            if name in WRITING:
                raise NotThereYetError(
                    f"HfApi.{name} is not there yet: hfhub only reads. huggingface_hub.HfApi writes"
                )
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def hf_hub_download(
        self,
        repo_id: str,
        filename: str,
        *,
        subfolder: str | None = None,
        repo_type: str | None = None,
        revision: str | None = None,
        cache_dir: str | Path | None = None,
        local_dir: str | Path | None = None,
        force_download: bool = False,
        etag_timeout: float | None = None,
        token: bool | str | None = None,
        local_files_only: bool = False,
        tqdm_class: Callable[..., Any] | None = None,
        dry_run: bool = False,
    ) -> str | DryRunFileInfo:
        """As `hfhub.hf_hub_download`, from this endpoint with this token."""
        return hf_hub_download(
            repo_id,
            filename,
            subfolder=subfolder,
            repo_type=repo_type,
            revision=revision,
            cache_dir=cache_dir,
            local_dir=local_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            tqdm_class=tqdm_class,
            dry_run=dry_run,
            **self._as_caller(token, etag_timeout),
        )

    def snapshot_download(
        self,
        repo_id: str,
        *,
        repo_type: str | None = None,
        revision: str | None = None,
        cache_dir: str | Path | None = None,
        local_dir: str | Path | None = None,
        etag_timeout: float | None = None,
        force_download: bool = False,
        token: bool | str | None = None,
        local_files_only: bool = False,
        allow_patterns: list[str] | str | None = None,
        ignore_patterns: list[str] | str | None = None,
        max_workers: int = 8,
        tqdm_class: Callable[..., Any] | None = None,
        dry_run: bool = False,
    ) -> str | list[DryRunFileInfo]:
        """As `hfhub.snapshot_download`, from this endpoint with this token."""
        return snapshot_download(
            repo_id,
            repo_type=repo_type,
            revision=revision,
            cache_dir=cache_dir,
            local_dir=local_dir,
            force_download=force_download,
            local_files_only=local_files_only,
            allow_patterns=allow_patterns,
            ignore_patterns=ignore_patterns,
            max_workers=max_workers,
            tqdm_class=tqdm_class,
            dry_run=dry_run,
            **self._as_caller(token, etag_timeout),
        )

    def _as_caller(self, token: bool | str | None, etag_timeout: float | None) -> dict[str, Any]:
        """The arguments that make a function call on behalf of this object."""
        given: dict[str, Any] = {
            "endpoint": self.endpoint,
            "token": self.token if token is None else token,
            "library_name": self.library_name,
            "library_version": self.library_version,
            "user_agent": self.user_agent,
            "headers": None if self.headers is None else dict(self.headers),
        }
        return given if etag_timeout is None else given | {"etag_timeout": etag_timeout}
