"""``load_dataset`` and its kin: from a name to rows, step by step.

::

    find_place      where it is                    discovery/place.py, discovery/hub.py
    find_card       what its README declares       discovery/card.py
    make_plan       config, files, format          discovery/plan.py
    DatasetBuilder  fetch, scan, hand over rows    builder.py, formats/
"""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from crucible_datasets.builder import DatasetBuilder
from crucible_datasets.discovery.place import Place, find_place
from crucible_datasets.discovery.plan import Request, find_card, make_plan
from crucible_datasets.download_options import DownloadMode, VerificationMode
from crucible_datasets.formats import FORMATS
from hfhub import settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.dataset.dict import DatasetDict
    from crucible_datasets.schema import Features
    from crucible_datasets.schema.validate import Mode
    from crucible_datasets.splits import NamedSplit, ReadInstruction
    from crucible_datasets.stream.dataset import IterableDataset
    from crucible_datasets.stream.dict import IterableDatasetDict
    from hfhub.settings import Settings

    Patterns = str | Path | Sequence[str] | Mapping[str, str | Sequence[str]]
    OneSplit = str | NamedSplit | ReadInstruction

__all__ = ["load_dataset", "load_dataset_builder", "load_from_disk"]

logger = logging.getLogger(__name__)

#: What ``save_to_disk`` writes beside the rows.
_SAVED = "state.json"


@overload
def load_dataset(
    path: str,
    name: str | None = ...,
    data_dir: str | None = ...,
    data_files: Patterns | None = ...,
    split: None = ...,
    *,
    streaming: Literal[False] = ...,
    **kwargs: Any,
) -> DatasetDict: ...
@overload
def load_dataset(
    path: str,
    name: str | None = ...,
    data_dir: str | None = ...,
    data_files: Patterns | None = ...,
    *,
    split: OneSplit,
    streaming: Literal[False] = ...,
    **kwargs: Any,
) -> Dataset: ...
@overload
def load_dataset(
    path: str,
    name: str | None = ...,
    data_dir: str | None = ...,
    data_files: Patterns | None = ...,
    split: None = ...,
    *,
    streaming: Literal[True],
    **kwargs: Any,
) -> IterableDatasetDict: ...
@overload
def load_dataset(
    path: str,
    name: str | None = ...,
    data_dir: str | None = ...,
    data_files: Patterns | None = ...,
    *,
    split: OneSplit,
    streaming: Literal[True],
    **kwargs: Any,
) -> IterableDataset: ...
def load_dataset(
    path: str,
    name: str | None = None,
    data_dir: str | None = None,
    data_files: Patterns | None = None,
    split: Any = None,
    cache_dir: str | None = None,
    features: Features | None = None,
    download_config: Any = None,
    download_mode: Any = None,
    verification_mode: Any = None,
    keep_in_memory: bool | None = None,
    save_infos: bool = False,
    revision: str | None = None,
    token: bool | str | None = None,
    streaming: bool = False,
    num_proc: int | None = None,
    storage_options: Mapping[str, Any] | None = None,
    *,
    validation: Mode | None = None,
    cache: Literal["write"] | None = None,
    **config_kwargs: Any,
) -> Any:
    """The rows of a dataset on the Hub, in a folder, or in files.

    Nothing is converted or copied: files of the Hub are fetched into the cache and verified, and
    read where they lie.

    Args:
        path: ``owner/name`` on the Hub; a folder; or a format (``"json"``, ``"csv"``, ...), with
            ``data_files`` or ``data_dir``.
        name: the config.
        data_dir: look only into this folder of the repository.
        data_files: read these: a path, URL or pattern, a list of them, or ``{split: ...}``.
        split: a split, ``"train[:10%]"``, ``"train+test"``, a ReadInstruction, or a list of them;
            every split by default.
        cache_dir: the folder for a cache to use instead of the shared one of the Hub's clients.
        features: the schema to read the rows with; found out by default.
        download_config: its ``token``, ``cache_dir`` and ``force_download`` are used.
        download_mode: ``"force_redownload"`` fetches files again that are cached.
        verification_mode: ``"all_checks"`` compares the number of rows with what the card says.
        keep_in_memory: kept for code that passes it.
        save_infos: kept for code that passes it.
        revision: branch, tag or commit of the repository.
        token: for the Hub; ``True`` for the saved one, ``False`` for none.
        streaming: rows in order, read while iterating, instead of rows by position.
        num_proc: kept for code that passes it; nothing has to be converted.
        storage_options: kept for code that passes it.
        validation: what becomes of values that are not as ``features`` say, when they are read:
            ``"strict"`` raises, also for a column too many or too few; ``"coerce"`` converts what
            loses nothing and raises for the rest; ``"off"`` leaves out other columns and lets Arrow
            cast; ``"report"`` reads all now, and lists them.
        cache: ``"write"`` keeps the files that a stream reads, verified, in the cache; by default
            a stream writes nothing.
        **config_kwargs: parameters of the format, such as ``sep=";"`` for CSV.

    Returns:
        A ``Dataset``, or ``DatasetDict`` without ``split``; ``IterableDataset`` or
        ``IterableDatasetDict`` when streaming; a ``Report`` of mismatches when asked for one.

    Raises:
        DatasetNotFoundError: there is no such repository, or the token does not open it.
        DataFilesNotFoundError: there is no data file.
        ValueError: there is no such config or split, or an argument contradicts another.
        RuntimeError: the dataset is a script that would have to be run.
        SchemaError: the files don't fit the schema, or a line is malformed; it says where.
    """
    del keep_in_memory  # rows are held once they are asked for, anyway
    checks = VerificationMode("all_checks" if save_infos else verification_mode or "basic_checks")
    if streaming and num_proc is not None:
        raise NotImplementedError(
            "a stream is not read by num_proc processes; wrap it in a DataLoader with num_workers"
        )
    if cache not in (None, "write") or (cache and not streaming):
        raise ValueError(
            f"cache={cache!r}: a stream may be loaded with cache='write', nothing else"
        )
    builder = load_dataset_builder(
        path,
        name,
        data_dir,
        data_files,
        cache_dir,
        features,
        download_config,
        download_mode,
        revision,
        token,
        storage_options,
        validation=validation,
        **config_kwargs,
    )
    if validation == "report":
        return builder.report(split)
    if streaming:
        return builder.as_streaming_dataset(split, keep_files=cache == "write")
    found = builder.as_dataset(split)
    if checks is VerificationMode.ALL_CHECKS:
        builder.compare_with_card()
    return found


def load_dataset_builder(
    path: str,
    name: str | None = None,
    data_dir: str | None = None,
    data_files: Patterns | None = None,
    cache_dir: str | None = None,
    features: Features | None = None,
    download_config: Any = None,
    download_mode: Any = None,
    revision: str | None = None,
    token: bool | str | None = None,
    storage_options: Mapping[str, Any] | None = None,
    *,
    validation: Mode | None = None,
    **config_kwargs: Any,
) -> DatasetBuilder:
    """What :func:`load_dataset` would read: config, files, declared features. No data file is read.

    Takes the arguments of :func:`load_dataset`, and raises what it raises before it reads.
    """
    del storage_options  # what the Hub needs is in the token
    mode = DownloadMode(download_mode or DownloadMode.REUSE_DATASET_IF_EXISTS)
    path = os.fspath(path)
    _refuse_confusions(path, data_files, config_kwargs)
    request = Request(
        path,
        name,
        data_files,
        data_dir,
        config_kwargs,
        token if token is not None else getattr(download_config, "token", None),
        _hub_settings(cache_dir or getattr(download_config, "cache_dir", None)),
    )
    place = locate(request, revision)
    card = find_card(place)
    plan = make_plan(place, card, request)
    return DatasetBuilder(
        plan,
        features=features,
        validation=validation,
        fetch_again=mode is DownloadMode.FORCE_REDOWNLOAD
        or getattr(download_config, "force_download", False),
    )


def load_from_disk(
    dataset_path: str | Path,
    keep_in_memory: bool | None = None,
    storage_options: Mapping[str, Any] | None = None,
) -> Dataset | DatasetDict:
    """The ``Dataset`` or ``DatasetDict`` that ``save_to_disk`` wrote, ours or the peer's.

    Args:
        dataset_path: the folder, on this machine or an fsspec URL.
        keep_in_memory: read the rows now instead of mapping the files into memory.
        storage_options: for the fsspec filesystem of a URL.

    Raises:
        FileNotFoundError: the folder holds neither.
    """
    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.dataset.dict import DatasetDict
    from crucible_datasets.export.folder import kind_of

    saved = Dataset if kind_of(dataset_path, storage_options) == "Dataset" else DatasetDict
    return saved.load_from_disk(dataset_path, keep_in_memory, storage_options)


def locate(request: Request, revision: str | None) -> Place:
    """Where the dataset of ``request`` is, at the commit that ``revision`` stands for now."""
    return find_place(
        request.dataset,
        formats=frozenset(FORMATS),
        data_dir=request.data_dir,
        has_data_files=request.data_files is not None,
        revision=None if revision is None else str(revision),
        token=request.token,
        settings=request.settings,
    )


def _hub_settings(cache_dir: str | Path | None) -> Settings:
    current = settings.current()
    return current if cache_dir is None else current.override(cache_dir=Path(cache_dir, "hub"))


def _refuse_confusions(path: str, data_files: Any, config_kwargs: dict[str, Any]) -> None:
    """Stop on what can't be meant; tell of what changes nothing."""
    if config_kwargs.pop("trust_remote_code", None):
        logger.error(
            "trust_remote_code is not supported anymore and changes nothing: no code of the "
            "dataset %r is run",
            path,
        )
    if data_files is not None and not data_files:
        raise ValueError(f"Empty 'data_files': {data_files!r}. It should be non-empty, or None")
    if Path(path, _SAVED).exists():
        raise ValueError(f"{path} was written by save_to_disk: read it with load_from_disk instead")
