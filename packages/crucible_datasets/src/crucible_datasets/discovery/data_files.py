"""``data_files`` in all the shapes that it is written in, and the files that it picks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.discovery.elsewhere import Elsewhere, is_elsewhere
from crucible_datasets.discovery.glob import has_magic
from crucible_datasets.errors import DataFilesNotFoundError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from crucible_datasets.discovery.patterns import Patterns
    from crucible_datasets.discovery.tree import Tree
    from crucible_datasets.formats.base import DataFile
    from hfhub.settings import Settings

Splits = dict[str, tuple["DataFile", ...]]


def patterns_of(data_files: Any) -> Patterns:
    """``data_files`` as split -> patterns; what has no split is ``train``.

    Args:
        data_files: a pattern, a list of them, ``{split: pattern or list}``, or a list of
            ``{"split": ..., "path": pattern or list}``.

    Raises:
        ValueError: it is none of these, it names a split twice, or calls one ``all``.

    >>> patterns_of({"train": "a.csv", "test": ["b.csv", "c.csv"]})
    {'train': ['a.csv'], 'test': ['b.csv', 'c.csv']}
    """
    if isinstance(data_files, dict):
        return {_name(split): _listed(patterns) for split, patterns in data_files.items()}
    items = _listed(data_files)
    if not any(isinstance(item, dict) for item in items):
        return {"train": items}
    found: Patterns = {}
    for item in items:
        if not (
            isinstance(item, dict)
            and set(item) == {"split", "path"}
            and isinstance(item["path"], str | list)
        ):
            raise ValueError(
                "Invalid format for data_files entry: each item has to be "
                f"{{'split': name, 'path': pattern or list of patterns}}, and this is not: {item!r}"
            )
        split = _name(item["split"])
        if split in found:
            raise ValueError(f"Some splits are duplicated in data_files: {split!r}")
        found[split] = _listed(item["path"])
    return found


def pick(
    tree: Tree,
    patterns: Mapping[str, Sequence[str]],
    *,
    extensions: Collection[str] | None = None,
    token: bool | str | None = None,
    settings: Settings,
) -> Splits:
    """The files that each split's patterns pick, pattern by pattern.

    Args:
        tree: where relative patterns start.
        patterns: split -> patterns; URLs, ``hf://`` paths and ``zip://`` hops where ``tree`` is a
            folder on this machine.
        extensions: endings that count as data; None means any.
        token: for ``hf://`` paths.
        settings: of hfhub, for ``hf://`` paths and URLs.

    Raises:
        DataFilesNotFoundError: a plain path leads nowhere, or a split has no file at all.
    """
    picked = {}
    urls = Elsewhere(tree, token, settings)
    for split, globs in patterns.items():
        files: list[DataFile] = []
        for pattern in globs:
            is_url = is_elsewhere(pattern)
            found = urls.files(pattern) if is_url else tree.glob(pattern, extensions)
            if not found and not has_magic(pattern):
                raise DataFilesNotFoundError(_nothing(tree, pattern, extensions))
            files += found
        if not files:
            raise DataFilesNotFoundError(
                f"No (supported) data files found for the split {split!r}: "
                + _nothing(tree, ", ".join(globs), extensions)
            )
        picked[split] = tuple(files)
    return picked


def _name(split: Any) -> str:
    if str(split) == "all":
        raise ValueError("'all' stands for every split, so no split can be called so")
    return str(split)


def _listed(value: Any) -> list[Any]:
    if isinstance(value, str):
        return [value]
    if hasattr(value, "__fspath__"):
        return [str(value)]
    return [item if isinstance(item, dict) else str(item) for item in value]


def _nothing(tree: Tree, pattern: str, extensions: Collection[str] | None) -> str:
    text = f"Unable to find '{pattern}' in {tree.place}"
    return f"{text} with any supported extension" if extensions is not None else text
