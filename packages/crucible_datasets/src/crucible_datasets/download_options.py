"""How files come to this machine, in the words that code above ``datasets`` uses."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["DownloadConfig", "DownloadMode", "VerificationMode"]


class DownloadMode(Enum):
    """What to do about files that are cached already.

    They were verified when they came, so only ``FORCE_REDOWNLOAD`` changes anything.
    """

    REUSE_DATASET_IF_EXISTS = "reuse_dataset_if_exists"
    REUSE_CACHE_IF_EXISTS = "reuse_cache_if_exists"
    FORCE_REDOWNLOAD = "force_redownload"


class VerificationMode(Enum):
    """What is compared with what the card declares.

    Files are compared with the digests of the Hub in every mode. ``ALL_CHECKS`` also counts the
    rows of each split; cards are often out of date, so the other modes do not.
    """

    ALL_CHECKS = "all_checks"
    BASIC_CHECKS = "basic_checks"
    NO_CHECKS = "no_checks"


@dataclass
class DownloadConfig:
    """Settings of one call; ``token``, ``cache_dir`` and ``force_download`` are used.

    The other fields are taken for the sake of code that sets them: compressed files are never
    extracted, downloads are always resumed, and proxies come from the environment.
    """

    cache_dir: str | Path | None = None
    force_download: bool = False
    resume_download: bool = False
    local_files_only: bool = False
    proxies: dict[str, str] | None = None
    user_agent: str | None = None
    extract_compressed_file: bool = False
    force_extract: bool = False
    delete_extracted: bool = False
    extract_on_the_fly: bool = False
    use_etag: bool = True
    num_proc: int | None = None
    max_retries: int = 1
    token: str | bool | None = field(default=None, repr=False)
    storage_options: dict[str, Any] = field(default_factory=dict, repr=False)
    download_desc: str | None = None
    disable_tqdm: bool = False

    def copy(self) -> Self:
        """A deep copy."""
        return copy.deepcopy(self)
