"""Datasets in folders, as ``datasets`` lays them: Arrow stream files, ``state.json``, an info.

``state.json`` is what makes a folder a dataset. It goes first and comes last, so a process that is
killed in between leaves a folder that nobody takes for whole.
"""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import pyarrow as pa

from crucible_datasets.errors import FileNotFoundDatasetsError
from crucible_datasets.info import INFO_FILE, DatasetInfo
from crucible_datasets.schema.cast import embed_table, with_extension_types
from crucible_datasets.schema.visit import requires_storage_embed
from crucible_datasets.storage import Place
from crucible_datasets.table.streams import stream_files
from crucible_datasets.table.table import Table
from crucible_datasets.table.workers import ordered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from crucible_datasets.dataset.base import BaseDataset
    from crucible_datasets.dataset.dict import DatasetDict
    from crucible_datasets.schema import Features

D = TypeVar("D", bound="BaseDataset")

STATE_FILE = "state.json"
DICT_FILE = "dataset_dict.json"
MAX_SHARD_SIZE = 500 << 20
BATCH_BYTES = 16 << 20


def save(
    ds: BaseDataset,
    path: Any,
    max_shard_size: str | int | None,
    num_shards: int | None,
    num_proc: int | None,
    storage_options: Mapping[str, Any] | None,
) -> None:
    """Write a dataset to a folder; see :meth:`ExportVerbs.save_to_disk`.

    Raises:
        PermissionError: the dataset is read from that very folder.
        TypeError: what its format is made with can't be written as JSON.
        ValueError: both a size and a number of shards are given.
    """
    if max_shard_size is not None and num_shards is not None:
        raise ValueError("give either max_shard_size or num_shards, not both")
    folder = Place.of(path, storage_options)
    _check_not_itself(ds, folder)
    each_row = _bytes_of_a_row(ds)
    if num_shards is None:
        largest = byte_count(max_shard_size or MAX_SHARD_SIZE)
        wanted = int(_bytes_of_rows(ds, each_row, largest)) // largest + 1
        num_shards = max(1, min(max(wanted, num_proc or 1), len(ds)))
    state = _state(ds, num_shards)
    folder.make_folder()
    folder.child(STATE_FILE).remove()
    names = [entry["filename"] for entry in state["_data_files"]]
    _write_shards(ds, folder, names, max(1, min(int(BATCH_BYTES / each_row), 1 << 16)), num_proc)
    info = ds.info.to_dict()
    info = {key: info[key] for key in sorted(info)}
    folder.child(INFO_FILE).write(json.dumps(info, indent=2).encode())
    for name in folder.names():
        if name.startswith("data-") and name.endswith(".arrow") and name not in names:
            folder.child(name).remove()
    folder.child(STATE_FILE).write(json.dumps(state, indent=2, sort_keys=True).encode())


def _check_not_itself(ds: BaseDataset, folder: Place) -> None:
    local = folder.local
    if local is None:
        return
    target = local.resolve()
    for entry in ds.cache_files:
        source = Place.of(entry["filename"]).local
        if source is not None and source.resolve().parent == target:
            raise PermissionError(f"the dataset is read from {target}; save it to another folder")


def _state(ds: BaseDataset, num_shards: int) -> dict[str, Any]:
    form = ds.rows_format
    try:
        json.dumps(form.kwargs)
    except TypeError as error:
        raise TypeError(
            f"the format is made with {list(form.kwargs)}, which can't be written as JSON; "
            "call reset_format() before saving"
        ) from error
    return {
        # The name of rows in memory would take hashing them all.
        "_fingerprint": ds.fingerprint if ds.data_files else secrets.token_hex(8),
        "_format_columns": None if form.columns is None else list(form.columns),
        "_format_kwargs": form.kwargs,
        "_format_type": form.type,
        "_output_all_columns": form.output_all_columns,
        "_split": None if ds.split is None else str(ds.split),
        "_data_files": [
            {"filename": f"data-{index:05d}-of-{num_shards:05d}.arrow"}
            for index in range(num_shards)
        ],
    }


def _write_shards(
    ds: BaseDataset, folder: Place, names: Sequence[str], rows: int, num_proc: int | None
) -> None:
    """Write the files, ``num_proc`` at a time: writing them leaves Python alone."""
    if len(names) == 1:
        _write_shard(folder.child(names[0]), ds.table.passing(rows), ds.features)
        return
    ds.table.keep(ds.column_names)
    each, rest = divmod(len(ds), len(names))

    def write(index: int) -> None:
        start = each * index + min(index, rest)
        stop = start + each + (index < rest)
        batches = ds.table.batches(rows, start=start, stop=stop)
        _write_shard(folder.child(names[index]), batches, ds.features)

    for _ in ordered(write, range(len(names)), num_proc or 1):
        pass


def _write_shard(file: Place, batches: Iterator[pa.RecordBatch], features: Features) -> None:
    embeds = any(requires_storage_embed(feature) for feature in features.values())
    with (
        file.writing() as sink,
        pa.ipc.new_stream(sink, features.arrow_schema) as writer,
    ):
        for batch in _sized(batches):
            if embeds:
                batch = embed_table(batch, features, remote_files=False)
            writer.write_table(with_extension_types(batch, features))


def _sized(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in tables of one chunk, large enough to be gathered from later."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in batches:
        if not held and batch.nbytes >= BATCH_BYTES // 4:  # not worth a copy
            yield pa.Table.from_batches([batch])
            continue
        held.append(batch)
        size += batch.nbytes
        if size >= BATCH_BYTES:
            yield pa.Table.from_batches([pa.concat_batches(held)])
            held, size = [], 0
    if held:
        yield pa.Table.from_batches([pa.concat_batches(held)])


def _bytes_of_a_row(ds: BaseDataset) -> float:
    """About how many bytes a row is, from a sample of them."""
    if len(ds) == 0:
        return 1
    sample = next(iter(ds.table.batches(1000, stop=1000)))
    return max(int(sample.nbytes) / max(int(sample.num_rows), 1), 1.0)


def _bytes_of_rows(ds: BaseDataset, each_row: float, largest: int) -> float:
    """About how many bytes all rows are; looked at all of them if they might need several files."""
    guess = each_row * len(ds)
    if guess >= largest / 4 and all(part.whole() for part in ds.table.parts):
        ds.table.keep(ds.column_names)
        if ds.table.resident:
            return int(ds.table.to_arrow().nbytes)
    return guess


def byte_count(size: str | int) -> int:
    """Bytes in a size such as ``500MB``, ``1GiB`` or a number.

    Raises:
        ValueError: it is not a size.
    """
    if isinstance(size, int):
        return size
    text = size.upper().strip()
    for power, letter in enumerate("KMGTP", start=1):
        for unit, base in ((f"{letter}IB", 1024), (f"{letter}B", 1000)):
            if text.endswith(unit):
                return int(float(text.removesuffix(unit)) * base**power)
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{size!r} is not a size; write bytes, or 500MB, 1GiB, ...") from None


def load(
    cls: type[D], path: Any, keep_in_memory: bool | None, storage_options: Mapping[str, Any] | None
) -> D:
    """The dataset of a folder; see :meth:`ExportVerbs.load_from_disk`.

    Raises:
        FileNotFoundError: it is no such folder.
    """
    folder = Place.of(path, storage_options)
    for name in (STATE_FILE, INFO_FILE):
        if not folder.child(name).is_file():
            hint = (
                "; it holds a DatasetDict: use load_from_disk(), or DatasetDict.load_from_disk()"
                if folder.child(DICT_FILE).is_file()
                else ""
            )
            raise FileNotFoundDatasetsError(
                f"{folder.path} is not a saved dataset: there is no {name} in it{hint}"
            )
    local = folder.local
    if local is None:
        local = folder.fetch(_copies() / secrets.token_hex(8))
    state = json.loads((local / STATE_FILE).read_bytes())
    info = DatasetInfo.from_dict(json.loads((local / INFO_FILE).read_bytes()))
    paths = [str(local / entry["filename"]) for entry in state["_data_files"]]
    source, features = stream_files(paths, info.features, in_memory=bool(keep_in_memory))
    info.features = features
    made = cls.from_table(
        Table.from_source(source),
        features,
        split=state["_split"],
        info=info,
        fingerprint=state["_fingerprint"],
    )
    made.set_format(  # type: ignore[attr-defined]  # of FormatVerbs
        state["_format_type"],
        state["_format_columns"],
        state["_output_all_columns"],
        **state["_format_kwargs"],
    )
    return made


def _copies() -> Path:
    from crucible_datasets import settings

    folder = settings.current().cache / "copies"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def save_dict(
    splits: DatasetDict,
    path: Any,
    max_shard_size: str | int | None,
    num_shards: Mapping[str, int] | None,
    num_proc: int | None,
    storage_options: Mapping[str, Any] | None,
) -> None:
    """Write the splits; see :meth:`DatasetDict.save_to_disk`.

    Raises:
        ValueError: ``num_shards`` is one number for all.
    """
    if num_shards is not None and not hasattr(num_shards, "get"):
        raise ValueError("give num_shards for each split, as {'train': 128, 'test': 4}")
    folder = Place.of(path, storage_options)
    folder.make_folder()
    folder.child(DICT_FILE).remove()
    for name, ds in splits.items():
        shards = None if num_shards is None else num_shards.get(name)
        save(ds, folder.child(name).path, max_shard_size, shards, num_proc, storage_options)
    folder.child(DICT_FILE).write(json.dumps({"splits": [str(name) for name in splits]}).encode())


def load_dict(
    cls: type[D], path: Any, keep_in_memory: bool | None, storage_options: Mapping[str, Any] | None
) -> dict[str, D]:
    """The splits of a folder; see :meth:`DatasetDict.load_from_disk`.

    Raises:
        FileNotFoundError: it is no such folder.
    """
    folder = Place.of(path, storage_options)
    if not folder.child(DICT_FILE).is_file():
        hint = (
            "; it holds a Dataset: use load_from_disk(), or Dataset.load_from_disk()"
            if folder.child(STATE_FILE).is_file()
            else ""
        )
        raise FileNotFoundDatasetsError(
            f"{folder.path} is not a saved DatasetDict: there is no {DICT_FILE} in it{hint}"
        )
    names = json.loads(folder.child(DICT_FILE).read())["splits"]
    return {
        name: load(cls, folder.child(name).path, keep_in_memory, storage_options) for name in names
    }


def kind_of(
    path: Any, storage_options: Mapping[str, Any] | None
) -> Literal["Dataset", "DatasetDict"]:
    """What was saved into a folder.

    Raises:
        FileNotFoundError: nothing was.
    """
    folder = Place.of(path, storage_options)
    if folder.child(DICT_FILE).is_file():
        return "DatasetDict"
    if folder.child(STATE_FILE).is_file() and folder.child(INFO_FILE).is_file():
        return "Dataset"
    raise FileNotFoundDatasetsError(
        f"{folder.path} holds neither a saved Dataset ({STATE_FILE}, {INFO_FILE}) "
        f"nor a saved DatasetDict ({DICT_FILE})"
    )
