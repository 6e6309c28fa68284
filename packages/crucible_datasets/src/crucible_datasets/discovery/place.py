"""Where a dataset is: a folder here, a repository on the Hub, or files of a named format."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crucible_datasets.discovery.hub import open_repo
from crucible_datasets.discovery.tree import LocalTree
from crucible_datasets.formats.extensions import KINDS, endings

if TYPE_CHECKING:
    from crucible_datasets.discovery.tree import Tree
    from hfhub.settings import Settings


@dataclass(frozen=True, slots=True)
class Place:
    """Where the files are.

    Attributes:
        tree: the files.
        name: the dataset, in snake case.
        format: the format that was asked for by name, as in ``load_dataset("csv", ...)``.
        repo_id: the repository, if it is on the Hub.
        version: tells one state of the dataset from another: the commit, or ``"local"``.
    """

    tree: Tree
    name: str
    format: str | None = None
    repo_id: str | None = None
    version: str = "local"


def find_place(
    path: str,
    *,
    formats: frozenset[str],
    data_dir: str | None,
    has_data_files: bool,
    revision: str | None,
    token: bool | str | None,
    settings: Settings,
) -> Place:
    """Where ``path`` leads, as the first argument of ``load_dataset`` is understood.

    Args:
        path: a format's name, a folder, ``owner/name`` on the Hub, or ``hf://datasets/owner/name``.
        formats: the names that are formats.
        data_dir: for a format, the folder to look into.
        has_data_files: whether the caller names the files, so that no script is needed.
        revision: branch, tag or commit of a repository.
        token: for the Hub.
        settings: of hfhub.

    Raises:
        RuntimeError: it is a dataset script, which would have to be run.
        DatasetNotFoundError: there is no such repository, or the token does not open it.
        FileNotFoundError: it is neither a folder nor the name of a repository.
        ValueError: it is empty.
    """
    if not path:  # else it would be the folder we are in, with all that is below
        raise ValueError("an empty path names no dataset; '.' is the current folder")
    if path in formats:
        return Place(LocalTree(data_dir or "."), path, format=path)
    remote_only = path.startswith("hf://datasets/")
    path = path.removeprefix("hf://datasets/")
    if path.startswith(("hf://buckets/", "buckets/")):
        raise NotImplementedError("loading from Storage Buckets is not there yet")
    script = _script_name(path)
    if path.endswith(".py") or Path(path, script).is_file():
        raise RuntimeError(refusal(script))
    if not remote_only and Path(path).expanduser().is_dir():
        return Place(LocalTree(path), snake_case(Path(path).expanduser().resolve().name))
    if not remote_only and (kind := _kind_of_file(path)) is not None:
        raise FileNotFoundError(
            f"Couldn't find any data file at {Path(path).absolute()}: it is a file, and no folder; "
            f"load_dataset({kind!r}, data_files={path!r}) reads it"
        )
    if Path(path).is_absolute() or path.startswith(("~", ".")) or path.count("/") > 1:
        raise FileNotFoundError(
            f"Couldn't find any data file at {Path(path).absolute()}: it is no folder, and no "
            "'owner/name' on the Hub"
        )
    tree = open_repo(path, revision=revision, token=token, settings=settings)
    if script in tree.paths and not has_data_files:
        raise RuntimeError(refusal(script, path))
    return Place(
        tree,
        snake_case(posixpath.basename(path)),
        repo_id=path,
        version=tree.ref.revision,
    )


def _kind_of_file(path: str) -> str | None:
    """The format of the file at ``path``, or None if there is no file of data."""
    kinds = (KINDS[ending] for ending in endings(path) if ending in KINDS)
    kind = next(kinds, None)
    return kind.format if kind is not None and Path(path).expanduser().is_file() else None


def refusal(script: str, repo_id: str | None = None) -> str:
    """Why a script is not run, and what to do instead."""
    text = f"Dataset scripts are no longer supported, but found {script}"
    if repo_id is None:
        return text
    return (
        f"{text}. Running code that a dataset brings is not safe. If the Hub has converted it, "
        f"load_dataset({repo_id!r}, revision='refs/convert/parquet') reads the copy; data_files= "
        "reads files of the repository without the script"
    )


def snake_case(name: str) -> str:
    """The name in lower case, with underscores where words meet.

    >>> snake_case("MyDatasetV2")
    'my_dataset_v2'
    """
    import re

    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", name).lower()


def _script_name(path: str) -> str:
    last = next((part for part in reversed(path.replace("\\", "/").split("/")) if part), path)
    return last if last.endswith(".py") else f"{last}.py"
