"""What each command does."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from crucible_datasets.cli import show
from crucible_datasets.dataset.dict import DatasetDict
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
        loaded = load_dataset(arguments.path, arguments.config, revision=arguments.revision)
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
    print(f"{requests.count} requests to the Hub")


def schema(arguments: argparse.Namespace) -> None:
    """Print the schema of every split."""
    loaded = load_dataset(
        arguments.path, arguments.config, revision=arguments.revision, streaming=True
    )
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
    if arguments.split:
        named: IterableDataset = load_dataset(
            arguments.path,
            arguments.config,
            split=arguments.split,
            revision=arguments.revision,
            streaming=True,
        )
        return named
    splits = load_dataset(
        arguments.path, arguments.config, revision=arguments.revision, streaming=True
    )
    if len(splits) > 1:
        raise ValueError(f"{arguments.path} has splits {list(splits)}; name one with --split")
    only: IterableDataset = next(iter(splits.values()))
    return only


def _facts(dataset: Dataset) -> dict[str, Any]:
    return {
        "rows": dataset.num_rows,
        "features": dataset.features.to_dict(),
        "files": [str(file.local() or file.path) for file in dataset.table.files],
    }
