"""Which files of a repository are wanted, by shell patterns."""

from __future__ import annotations

import re
from fnmatch import translate
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["filter_repo_objects"]

Item = TypeVar("Item")


def filter_repo_objects(
    items: Iterable[Item],
    *,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    key: Callable[[Item], Any] | None = None,
) -> Iterator[Item]:
    """The items whose path matches a pattern of the one kind and none of the other, in order.

    Patterns are those of `fnmatch`, in the case as written; ``*`` also spans ``/``, and a pattern
    that ends in ``/`` means all below that folder.

    >>> list(filter_repo_objects(["a.md", "data/b.csv", "data/x/c.csv"], allow_patterns="data/"))
    ['data/b.csv', 'data/x/c.csv']

    Args:
        items: paths, or anything that ``key`` gives a path of.
        allow_patterns: None allows everything.
        ignore_patterns: None ignores nothing.
        key: gives the path of an item.

    Raises:
        ValueError: if an item is no path and there is no ``key``.
    """
    allowed = _compiled(allow_patterns)
    ignored = _compiled(ignore_patterns)
    for item in items:
        path = _path_of(item if key is None else key(item))
        if allowed is not None and allowed.match(path) is None:
            continue
        if ignored is not None and ignored.match(path) is not None:
            continue
        yield item


def _compiled(patterns: Sequence[str] | str | None) -> re.Pattern[str] | None:
    """One expression for all patterns; None for none given. An empty list matches nothing."""
    if patterns is None:
        return None
    patterns = [patterns] if isinstance(patterns, str) else patterns
    slashed = [fspath(pattern).replace("\\", "/") for pattern in patterns]
    parts = [translate(f"{one}*" if one.endswith("/") else one) for one in slashed]
    return re.compile("|".join(parts) or r"(?!)")


def _path_of(item: object) -> str:
    if not isinstance(item, str | PathLike):
        raise ValueError(f"{item!r} is not a path; give a `key` that makes one of it")  # noqa: TRY004 - the peer's kind of error
    return fspath(item).replace("\\", "/")
