"""What the Hub answers, as frozen dataclasses with the field names of ``huggingface_hub``.

Whatever has no field is kept in ``extra``, and readable as an attribute; nothing in an answer is
trusted to be there.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hfhub.models.files import (
        BlobLfsInfo,
        BlobSecurityInfo,
        LastCommitInfo,
        RepoFile,
        RepoFolder,
        RepoSibling,
    )
    from hfhub.models.refs import GitCommitInfo, GitRefInfo, GitRefs
    from hfhub.models.repos import (
        DatasetInfo,
        ModelInfo,
        RepoInfo,
        SafeTensorsInfo,
        SpaceInfo,
        TransformersInfo,
    )
    from hfhub.models.space import SpaceRuntime
    from hfhub.models.viewer import DatasetParquetEntry

__all__ = [
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
    "RepoInfo",
    "RepoSibling",
    "SafeTensorsInfo",
    "SpaceInfo",
    "SpaceRuntime",
    "TransformersInfo",
]

# A dataclass costs a millisecond to make, so a download makes only those of `files`.
_HOMES = {
    "files": (
        "BlobLfsInfo",
        "BlobSecurityInfo",
        "LastCommitInfo",
        "RepoFile",
        "RepoFolder",
        "RepoSibling",
    ),
    "refs": ("GitCommitInfo", "GitRefInfo", "GitRefs"),
    "repos": (
        "DatasetInfo",
        "ModelInfo",
        "RepoInfo",
        "SafeTensorsInfo",
        "SpaceInfo",
        "TransformersInfo",
    ),
    "space": ("SpaceRuntime",),
    "viewer": ("DatasetParquetEntry",),
}


def __getattr__(name: str) -> Any:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{home}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
