"""Questions to the Hub: `HfApi`, and its methods as functions of this module.

>>> from hfhub.api import list_repo_files
>>> list_repo_files("openai/gsm8k", repo_type="dataset")  # doctest: +SKIP
['.gitattributes', 'README.md', 'main/train-00000-of-00001.parquet', ...]

Each kind of question is a module: ``info``, ``tree``, ``history``, ``exists``, ``metadata``,
``search``, ``viewer``, ``user``. They take a `Client` and a `RepoRef`; `HfApi`, in
``hfhub.hf_api``, is a thin front.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hfhub.api.commit import resolve
    from hfhub.api.metadata import HfFileMetadata
    from hfhub.hf_api import HfApi

    _default = HfApi()
    auth_check = _default.auth_check
    dataset_configs = _default.dataset_configs
    dataset_info = _default.dataset_info
    dataset_splits = _default.dataset_splits
    file_exists = _default.file_exists
    get_paths_info = _default.get_paths_info
    list_dataset_parquet_files = _default.list_dataset_parquet_files
    list_datasets = _default.list_datasets
    list_models = _default.list_models
    list_repo_commits = _default.list_repo_commits
    list_repo_files = _default.list_repo_files
    list_repo_refs = _default.list_repo_refs
    list_repo_tree = _default.list_repo_tree
    list_spaces = _default.list_spaces
    model_info = _default.model_info
    repo_exists = _default.repo_exists
    repo_info = _default.repo_info
    resolve_revision = _default.resolve_revision
    revision_exists = _default.revision_exists
    space_info = _default.space_info
    whoami = _default.whoami

__all__ = [
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
    "resolve",
    "resolve_revision",
    "revision_exists",
    "space_info",
    "whoami",
]

_HOMES = {
    "HfApi": "hfhub.hf_api",  # above this package: it downloads, too
    "HfFileMetadata": "hfhub.api.metadata",
    "resolve": "hfhub.api.commit",
}


def __getattr__(name: str) -> Any:
    # Lazily: a download needs two of these modules, and a dataclass costs a millisecond to make.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if name in __all__:
        return getattr(_default_api(), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@cache
def _default_api() -> Any:
    return import_module(_HOMES["HfApi"]).HfApi()
