"""File and folder names that say which split a file belongs to."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from crucible_datasets.discovery.glob import select, translate
from crucible_datasets.splits import check_split_name

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Patterns = dict[str, list[str]]

#: ``data/train-00000-of-00042.parquet``, also with a digest behind the numbers.
SHARDED = "data/{split}-[0-9][0-9][0-9][0-9][0-9]-of-[0-9][0-9][0-9][0-9][0-9]*.*"

#: The words for each split, in the order in which files are listed.
WORDS: Mapping[str, Sequence[str]] = {
    "train": ("train", "training"),
    "validation": ("validation", "valid", "dev", "val"),
    "test": ("test", "testing", "eval", "evaluation"),
}

#: The split is everything before the last ``-NNNNN-of-NNNNN``.
_SHARD_NAME = re.compile(r"(.+)-[0-9]{5}-of-[0-9]{5}.*", re.DOTALL)

_SEPARATOR = "[-._ 0-9]"
_IN_FOLDERS = (
    "**/{word}/**",
    "**/{word}{sep}*/**",
    "**/*{sep}{word}/**",
    "**/*{sep}{word}{sep}*/**",
)
_IN_NAMES = ("**/{word}{sep}*", "**/*{sep}{word}{sep}*")


def _patterns(shapes: Sequence[str]) -> Patterns:
    return {
        split: [shape.format(word=word, sep=_SEPARATOR) for word in words for shape in shapes]
        for split, words in WORDS.items()
    }


#: Tried in this order; the first that finds any file decides for the whole repository.
LAYOUTS: tuple[Patterns, ...] = (_patterns(_IN_FOLDERS), _patterns(_IN_NAMES), {"train": ["**"]})

_ANY = {
    tuple(patterns): re.compile("|".join(f"(?:{translate(p)})" for p in patterns), re.DOTALL)
    for layout in LAYOUTS
    for patterns in layout.values()
}


def infer_patterns(paths: Sequence[str]) -> Patterns:
    """The splits that the names of ``paths`` speak of, and the patterns that pick their files.

    Args:
        paths: all files, relative to the folder that is looked at.

    Returns:
        Split name -> patterns, in order; empty if there is no data file at all.

    Raises:
        ValueError: a file named ``<split>-00000-of-00001`` gives a split that can't be called so.

    >>> infer_patterns(["README.md", "data/test.csv", "data/train.csv"]).keys()
    dict_keys(['train', 'test'])
    """
    return _sharded(paths) or next(
        (found for layout in LAYOUTS if (found := _present(layout, paths))), {}
    )


def _sharded(paths: Sequence[str]) -> Patterns:
    found = select(paths, SHARDED.format(split="*"))
    names = {check_split_name(_SHARD_NAME.sub(r"\1", posixpath.basename(path))) for path in found}
    ordered = [name for name in WORDS if name in names] + sorted(names - set(WORDS))
    return {name: [SHARDED.format(split=name)] for name in ordered}


def _present(layout: Patterns, paths: Sequence[str]) -> Patterns:
    return {
        split: patterns
        for split, patterns in layout.items()
        if any(map(_ANY[tuple(patterns)].fullmatch, paths)) and any(matching(paths, patterns))
    }


def matching(paths: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The data files that the patterns of one split pick: pattern by pattern, each file once."""
    likely = _ANY.get(tuple(patterns))
    candidates = paths if likely is None else [path for path in paths if likely.fullmatch(path)]
    return list(dict.fromkeys(path for p in patterns for path in select(candidates, p)))
