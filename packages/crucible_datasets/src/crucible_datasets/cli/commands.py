"""What each command does."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crucible_datasets.cli import show
from crucible_datasets.dataset.dict import DatasetDict
from crucible_datasets.formats.extensions import Kind, majority
from crucible_datasets.load import load_dataset
from hfhub.http import RequestLog, observe

if TYPE_CHECKING:
    import argparse

    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.stream import IterableDataset


def head(arguments: argparse.Namespace) -> None:
    """Print the first rows of one split; only what they need is read."""
    dataset = _one_split(arguments)
    rows = list(islice(dataset.decode(False), arguments.n))
    if arguments.json:
        for row in rows:
            print(show.row_as_json(row))
        return
    print(show.schema(dataset.features))
    for number, row in enumerate(rows):
        print(show.row(number, row))


def load(arguments: argparse.Namespace) -> None:
    """Load every split; show what came and what it cost."""
    requests = RequestLog()
    with observe(requests):
        loaded = _loaded(arguments)
    assert isinstance(loaded, DatasetDict), "without a split, all are loaded"
    facts = {name: _facts(dataset) for name, dataset in loaded.items()}
    if arguments.json:
        print(json.dumps({"splits": facts, "requests": requests.count}))
        return
    for name, dataset in loaded.items():
        print(f"{name}: {dataset.num_rows:,} rows")
        for file in facts[name]["files"]:
            print(f"  {file}")
    print(show.schema(next(iter(loaded.values())).features))
    print(f"{requests.count} request{'' if requests.count == 1 else 's'} to the Hub")


def schema(arguments: argparse.Namespace) -> None:
    """Print the schema of every split."""
    loaded = _loaded(arguments, streaming=True)
    schemas = {name: stream.features for name, stream in loaded.items()}
    if arguments.json:
        known = {name: features and features.to_dict() for name, features in schemas.items()}
        print(json.dumps(known))
        return
    for name, features in schemas.items():
        print(f"{name}:")
        print(show.schema(features))


def demo(arguments: argparse.Namespace) -> None:
    """Show the main job on a Hub inside this process."""
    from crucible_datasets.cli.demo import run

    run(as_json=arguments.json)


def _one_split(arguments: argparse.Namespace) -> IterableDataset:
    found = _loaded(arguments, split=arguments.split, streaming=True)
    if not arguments.split:
        if len(found) > 1:
            raise ValueError(f"{arguments.path} has splits {list(found)}; name one with --split")
        found = next(iter(found.values()))
    one: IterableDataset = found
    return one


def _loaded(arguments: argparse.Namespace, **options: Any) -> Any:
    """What the arguments name; a file is read in the format that its name speaks of."""
    path = Path(arguments.path).expanduser()
    kind = majority([path.name]) if path.is_file() else None
    if isinstance(kind, Kind):
        options = {**kind.options, **options, "data_files": str(path)}
        return load_dataset(kind.format, arguments.config, **options)
    return load_dataset(arguments.path, arguments.config, revision=arguments.revision, **options)


def _facts(dataset: Dataset) -> dict[str, Any]:
    return {
        "rows": dataset.num_rows,
        "features": dataset.features.to_dict(),
        "files": [str(file.local() or file.path) for file in dataset.table.files],
    }
