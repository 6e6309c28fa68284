"""``Dataset.from_generator``: the rows that a function yields, in memory or, if many, in a file."""

from __future__ import annotations

from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pyarrow as pa

from crucible_datasets import settings
from crucible_datasets.dataset.map_output import MapOutput, MapResult, Typing, load_result
from crucible_datasets.errors import DatasetGenerationError
from crucible_datasets.fingerprint import Hasher, UnhashableObject, check_name
from crucible_datasets.schema import Features
from crucible_datasets.stream.generator import GeneratorSource
from crucible_datasets.table import derived
from crucible_datasets.table.table import Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

ROWS_TOGETHER = 1000
"""Rows whose types are found out together."""


def table_of_generator(
    generator: Callable[..., Iterable[Any]],
    features: Features | None,
    gen_kwargs: Mapping[str, Any] | None,
    *,
    cache_dir: str | None = None,
    keep_in_memory: bool = False,
    fingerprint: str | None = None,
) -> tuple[Table, Features]:
    """The rows, or ``(key, row)`` pairs, that a function yields.

    What is more than a batch of a file becomes a file, under the name of the function and its
    arguments, where the next call with the same ones finds it.

    Args:
        generator: gives an iterator when it is called; a list among its arguments is taken apart,
            and the function called for each item, as the peer does.
        features: of the rows; found out if None.
        gen_kwargs: what it is called with.
        cache_dir: the folder for the file, in place of the cache's own.
        keep_in_memory: write no file, however many rows there are.
        fingerprint: a name to use in place of that of function and arguments.

    Raises:
        DatasetGenerationError: it yields nothing and no features say what the columns are.
        RuntimeError: the lists among its arguments are of different lengths.
        TypeError: it is not a function.
    """
    if not callable(generator):
        raise TypeError(f"generator must be a function that yields rows, not {generator!r}")
    source = GeneratorSource.over(generator, gen_kwargs or {})
    if keep_in_memory:
        return _made(source, features, None)
    name = _name(source, features, fingerprint)
    kept = settings.current().caching and name is not None
    folder = derived.folder("map") if cache_dir is None else Path(cache_dir)
    path = folder / f"{name if kept else uuid4().hex}.arrow"
    if kept and path.exists():
        derived.note_used("map", path)
        return _parts(load_result(path))
    made = _made(source, features, path)
    if path.exists():
        derived.note_made("map", path)
    return made


def _name(
    source: GeneratorSource, features: Features | None, fingerprint: str | None
) -> str | None:
    """The name of what the function yields; None if something in it can't be told from others."""
    if fingerprint is not None:
        check_name(fingerprint)
        return f"generator-{fingerprint}"
    wanted = None if features is None else features.to_dict()
    try:
        return f"generator-{Hasher.hash([source.function, dict(source.kwargs), wanted])}"
    except UnhashableObject:
        return None


def _made(
    source: GeneratorSource, features: Features | None, path: Path | None
) -> tuple[Table, Features]:
    calls = (source.function(**source.arguments(shard)) for shard in range(source.count))
    nothing = Table.from_arrow(pa.table({}))
    output = MapOutput(Typing(Features(), features), path, nothing)
    try:
        for rows in _chunks(chain.from_iterable(calls)):
            output.append(_columns(rows, features), None)
        if not output.features:
            return _without_rows(features)
        if not output.in_file:
            output.path = None  # they fit into memory
        return _parts(output.finish((), True))
    finally:
        output.discard()


def _chunks(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while chunk := list(islice(rows, ROWS_TOGETHER)):
        yield [row[1] if isinstance(row, tuple) and len(row) == 2 else row for row in chunk]


def _columns(rows: list[Any], features: Features | None) -> dict[str, Any]:
    if features is None:
        names = dict.fromkeys(name for row in rows for name in row)
        return {name: [row.get(name) for row in rows] for name in names}
    return {
        name: features.encode_column([row.get(name) for row in rows], name) for name in features
    }


def _without_rows(features: Features | None) -> tuple[Table, Features]:
    if features is None:
        raise DatasetGenerationError(
            "the generator yields no rows; pass features= to say what they are"
        )
    return Table.from_arrow(features.storage_schema.remove_metadata().empty_table()), features


def _parts(made: MapResult) -> tuple[Table, Features]:
    assert made.table is not None
    return made.table, made.features
