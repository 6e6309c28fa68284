"""JSON files read once: the types of all their rows, and the places where these lie."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats.json_chunks import Chunk, Extent, JsonOptions, chunks_of, placed
from crucible_datasets.formats.ordered import ordered_map
from crucible_datasets.schema.infer import Inference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema import Features

_SETTLED = 2.0
"""Seconds after which another change of a file must show in its modification time."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What was found.

    Attributes:
        features: hold all rows of all files.
        extents: of each split, for each file, where its rows lie.
    """

    features: Features
    extents: Mapping[str, Sequence[tuple[Extent, ...]]]


def survey(splits: Mapping[str, Sequence[DataFile]], how: JsonOptions) -> Survey:
    """The types and places of all rows; files that have not changed are not read again.

    Raises:
        SchemaError: a file is not JSON, or has rows and not one key; it says where.
    """
    named = tuple((split, tuple(files)) for split, files in splits.items())
    settled = all(_is_settled(file) for _, files in named for file in files)
    found = (_surveyed if settled else _surveyed.__wrapped__)(named, how)
    return Survey(found.features.copy(), found.extents)  # the user may change them


@lru_cache(maxsize=16)
def _surveyed(splits: tuple[tuple[str, tuple[DataFile, ...]], ...], how: JsonOptions) -> Survey:
    inference = Inference()
    extents = {
        split: [_file_surveyed(file, how, inference) for file in files] for split, files in splits
    }
    features = inference.features()
    if not features:
        _refuse_rows_without_keys(splits, extents)
    return Survey(features, extents)


def _file_surveyed(file: DataFile, how: JsonOptions, inference: Inference) -> tuple[Extent, ...]:
    """Read the file once: its types go into ``inference``, its extents come back."""

    def look(chunk: Chunk) -> tuple[Extent, Inference]:
        seen = Inference(inference.known)
        data = chunk.read()
        with placed(file, how, chunk):
            seen.add_chunk(data, file=file.name, first_line=1)
        return Extent(chunk.offset, len(data), seen.rows), seen

    extents = []
    for extent, seen in ordered_map(look, chunks_of(file, how)):
        inference.merge(seen)
        extents.append(extent)
    return tuple(extents)


def _is_settled(file: DataFile) -> bool:
    """Whether a file with the same size and stamp surely has the same content."""
    local = file.local()
    if file.digest is not None or local is None:
        return file.digest is not None
    return time.time() - local.stat().st_mtime > _SETTLED


def _refuse_rows_without_keys(
    splits: tuple[tuple[str, tuple[DataFile, ...]], ...],
    extents: Mapping[str, Sequence[tuple[Extent, ...]]],
) -> None:
    """Rows without a column can't be held: nothing would count them.

    Raises:
        SchemaError: there are such rows.
    """
    for split, files in splits:
        for file, runs in zip(files, extents[split], strict=True):
            if any(extent.rows for extent in runs):
                raise SchemaError(
                    file=file.name,
                    expected="at least one key in the rows",
                    found="only {}",
                    hint="name the columns with features=Features({...}); they are None then",
                )


def prefix_features(
    files: Sequence[DataFile], how: JsonOptions, size: int
) -> tuple[Features, bool]:
    """The features of the first ``size`` bytes; of more files than the first if they lie here.

    Returns:
        The features, and whether the first file is of objects, not a list of them.

    Raises:
        SchemaError: a line is malformed.
    """
    inference, of_objects = Inference(), True
    for file in files:
        if inference.rows and file.local() is None:
            break
        for chunk in chunks_of(file, how):
            data = chunk.read()
            if not inference.rows:
                of_objects = not chunk.of_list
            with placed(file, how, chunk):
                inference.add_chunk(data, file=file.name, first_line=1)
            size -= len(data)
            if size <= 0:
                return inference.features(), of_objects
    return inference.features(), of_objects
