"""Datasets on Polars lazy scans, with a schema that is checked.

::

    repository, folder or files ──► load_dataset ──► Dataset, DatasetDict           rows by position
                                                └─► IterableDataset, ...Dict       rows in order

The names are those of ``datasets``. They are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crucible_datasets.builder import (
        BuilderConfig,
        DatasetBuilder,
    )
    from crucible_datasets.combine import (
        concatenate_datasets,
        interleave_datasets,
    )
    from crucible_datasets.dataset.column import (
        Column,
    )
    from crucible_datasets.dataset.dataset import (
        Dataset,
    )
    from crucible_datasets.dataset.dict import (
        DatasetDict,
    )
    from crucible_datasets.download_options import (
        DownloadConfig,
        DownloadMode,
        VerificationMode,
    )
    from crucible_datasets.errors import (
        SchemaError,
    )
    from crucible_datasets.fingerprint import (
        disable_caching,
        enable_caching,
        is_caching_enabled,
    )
    from crucible_datasets.info import (
        DatasetInfo,
    )
    from crucible_datasets.inspection import (
        get_dataset_config_info,
        get_dataset_config_names,
        get_dataset_default_config_name,
        get_dataset_infos,
        get_dataset_split_names,
    )
    from crucible_datasets.load import (
        load_dataset,
        load_dataset_builder,
        load_from_disk,
    )
    from crucible_datasets.schema import (
        Array2D,
        Array3D,
        Array4D,
        Array5D,
        Audio,
        BioSequence,
        BioStructure,
        ClassLabel,
        Features,
        Image,
        Json,
        LargeList,
        List,
        Mesh,
        Nifti,
        Pdf,
        Sequence,
        Translation,
        TranslationVariableLanguages,
        Value,
        Video,
    )
    from crucible_datasets.splits import (
        NamedSplit,
        NamedSplitAll,
        ReadInstruction,
        Split,
        SplitDict,
        SplitInfo,
        SubSplitInfo,
    )
    from crucible_datasets.stream import (
        IterableColumn,
        IterableDataset,
        IterableDatasetDict,
    )
    from crucible_datasets.utils import (
        disable_progress_bar,
        enable_progress_bar,
        is_progress_bar_enabled,
    )
    from hfhub.progress import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

__version__ = "0.1.0"

_HOMES = {
    "crucible_datasets.builder": (
        "BuilderConfig",
        "DatasetBuilder",
    ),
    "crucible_datasets.combine": (
        "concatenate_datasets",
        "interleave_datasets",
    ),
    "crucible_datasets.dataset.column": ("Column",),
    "crucible_datasets.dataset.dataset": ("Dataset",),
    "crucible_datasets.dataset.dict": ("DatasetDict",),
    "crucible_datasets.download_options": (
        "DownloadConfig",
        "DownloadMode",
        "VerificationMode",
    ),
    "crucible_datasets.errors": ("SchemaError",),
    "crucible_datasets.fingerprint": (
        "disable_caching",
        "enable_caching",
        "is_caching_enabled",
    ),
    "crucible_datasets.info": ("DatasetInfo",),
    "crucible_datasets.inspection": (
        "get_dataset_config_info",
        "get_dataset_config_names",
        "get_dataset_default_config_name",
        "get_dataset_infos",
        "get_dataset_split_names",
    ),
    "crucible_datasets.load": (
        "load_dataset",
        "load_dataset_builder",
        "load_from_disk",
    ),
    "crucible_datasets.schema": (
        "Array2D",
        "Array3D",
        "Array4D",
        "Array5D",
        "Audio",
        "BioSequence",
        "BioStructure",
        "ClassLabel",
        "Features",
        "Image",
        "Json",
        "LargeList",
        "List",
        "Mesh",
        "Nifti",
        "Pdf",
        "Sequence",
        "Translation",
        "TranslationVariableLanguages",
        "Value",
        "Video",
    ),
    "crucible_datasets.splits": (
        "NamedSplit",
        "NamedSplitAll",
        "ReadInstruction",
        "Split",
        "SplitDict",
        "SplitInfo",
        "SubSplitInfo",
    ),
    "crucible_datasets.stream": (
        "IterableColumn",
        "IterableDataset",
        "IterableDatasetDict",
    ),
    "crucible_datasets.utils": (
        "disable_progress_bar",
        "enable_progress_bar",
        "is_progress_bar_enabled",
    ),
    "hfhub.progress": (
        "are_progress_bars_disabled",
        "disable_progress_bars",
        "enable_progress_bars",
    ),
}
# Reached as attributes too, as with the peer.
_MODULES = frozenset(
    [
        "arrow_dataset",
        "builder",
        "combine",
        "dataset_dict",
        "distributed",
        "exceptions",
        "features",
        "fingerprint",
        "info",
        "iterable_dataset",
        "load",
        "logging",
        "splits",
        "utils",
    ]
)
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Array2D",
    "Array3D",
    "Array4D",
    "Array5D",
    "Audio",
    "BioSequence",
    "BioStructure",
    "BuilderConfig",
    "ClassLabel",
    "Column",
    "Dataset",
    "DatasetBuilder",
    "DatasetDict",
    "DatasetInfo",
    "DownloadConfig",
    "DownloadMode",
    "Features",
    "Image",
    "IterableColumn",
    "IterableDataset",
    "IterableDatasetDict",
    "Json",
    "LargeList",
    "List",
    "Mesh",
    "NamedSplit",
    "NamedSplitAll",
    "Nifti",
    "Pdf",
    "ReadInstruction",
    "SchemaError",
    "Sequence",
    "Split",
    "SplitDict",
    "SplitInfo",
    "SubSplitInfo",
    "Translation",
    "TranslationVariableLanguages",
    "Value",
    "VerificationMode",
    "Video",
    "__version__",
    "are_progress_bars_disabled",
    "concatenate_datasets",
    "disable_caching",
    "disable_progress_bar",
    "disable_progress_bars",
    "enable_caching",
    "enable_progress_bar",
    "enable_progress_bars",
    "get_dataset_config_info",
    "get_dataset_config_names",
    "get_dataset_default_config_name",
    "get_dataset_infos",
    "get_dataset_split_names",
    "interleave_datasets",
    "is_caching_enabled",
    "is_progress_bar_enabled",
    "load_dataset",
    "load_dataset_builder",
    "load_from_disk",
]


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return import_module(f"{__name__}.{name}")
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
