"""Shell patterns over paths, with the rules that the peer has for them.

``*`` stays inside one folder, ``**`` (a whole part of the pattern) goes through folders. Hidden
files and folders, and folders that begin with ``__``, match only where the pattern asks for them.
"""

from __future__ import annotations

import posixpath
import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

#: Files that describe a dataset and are no data, unless a pattern names them.
DESCRIPTIONS = frozenset(
    {
        "README.md",
        "config.json",
        "dataset_info.json",
        "dataset_infos.json",
        "dummy_data.zip",
        "dataset_dict.json",
    }
)

_MAGIC = re.compile(r"[*?\[]")


def has_magic(pattern: str) -> bool:
    """Whether ``pattern`` is more than one plain path."""
    return _MAGIC.search(pattern) is not None


def fixed_part(pattern: str) -> str:
    """The folder above which ``pattern`` matches nothing: its parts before the first magic one.

    >>> fixed_part("data/en/*.json")
    'data/en'
    """
    parts = pattern.split("/")
    kept = []
    for part in parts[:-1]:
        if has_magic(part):
            break
        kept.append(part)
    return "/".join(kept)


@lru_cache(maxsize=1024)
def compile_glob(pattern: str) -> re.Pattern[str]:
    """The regular expression for a whole path.

    Raises:
        ValueError: ``**`` stands beside other characters.
    """
    return re.compile(translate(pattern), re.DOTALL)


def translate(pattern: str) -> str:
    """The text of the regular expression that a whole path has to match."""
    parts = pattern.split("/")
    out = []
    for number, part in enumerate(parts):
        last = number == len(parts) - 1
        if part == "**":
            out.append(".*" if last else "(?:.+/)?")
        elif "**" in part:
            raise ValueError(
                f"'**' has to be a part of its own in {pattern!r}: write '**/*.json', not '**.json'"
            )
        elif part == "*":
            out.append("[^/]+" if last else "[^/]+/")
        else:
            out.append(_part(part))
            if not last:
                out.append("/")
    return "".join(out)


def _part(part: str) -> str:
    out = []
    at = 0
    while at < len(part):
        char = part[at]
        at += 1
        if char == "*":
            out.append("[^/]*")
        elif char == "?":
            out.append("[^/]")
        elif char == "[" and (end := _class_end(part, at)) is not None:
            out.append(_class(part[at:end]))
            at = end + 1
        else:
            out.append(re.escape(char))
    return "".join(out)


def _class_end(part: str, at: int) -> int | None:
    start = at + 1 if part[at : at + 1] in ("!", "^") else at
    if part[start : start + 1] == "]":  # a bracket right at the start stands for itself
        start += 1
    end = part.find("]", start)
    return None if end < 0 else end


def _class(text: str) -> str:
    negated = text.startswith(("!", "^"))
    body = (text[1:] if negated else text).replace("\\", r"\\").replace("[", r"\[")
    body = body.replace("&&", r"\&&").replace("~~", r"\~~").replace("||", r"\||")
    if body.startswith("-"):
        body = rf"\{body}"
    return rf"(?![/])[^{body}]" if negated else rf"(?![/])[{body}]"


def hidden_by_default(path: str, pattern: str) -> bool:
    """Whether ``path``, which ``pattern`` matches, is left out as the pattern does not name it.

    >>> hidden_by_default("__x__/b.txt", "**"), hidden_by_default("__x__/b.txt", "__*/*")
    (True, False)
    >>> hidden_by_default(".git/config", "**"), hidden_by_default(".git/config", ".git/*")
    (True, False)
    """
    return _special(path) != _special(pattern) or _dotted(path) != _dotted(pattern)


def _special(path: str) -> int:
    return sum(part.startswith("__") for part in posixpath.dirname(path).split("/"))


def _dotted(path: str) -> int:
    return sum(part.startswith(".") and bool(part.strip(".")) for part in path.split("/"))


def select(
    paths: Iterable[str], pattern: str, extensions: Collection[str] | None = None
) -> list[str]:
    """Those of ``paths`` that are data and match ``pattern``, sorted.

    Args:
        paths: relative to where the pattern starts.
        pattern: a path or a glob.
        extensions: those that count as data files (``".json"``); None means any.
    """
    described = DESCRIPTIONS - {posixpath.basename(pattern)}
    matches = compile_glob(pattern).fullmatch if has_magic(pattern) else pattern.__eq__
    return sorted(
        path
        for path in paths
        if matches(path)
        and posixpath.basename(path) not in described
        and not hidden_by_default(path, pattern)
        and (extensions is None or has_extension(path, extensions))
    )


def has_extension(path: str, extensions: Collection[str]) -> bool:
    """Whether one of the dotted endings of the file's name is among ``extensions``.

    >>> has_extension("a/train.jsonl.gz", {".jsonl"})
    True
    """
    return any(f".{suffix}" in extensions for suffix in posixpath.basename(path).split(".")[1:])
