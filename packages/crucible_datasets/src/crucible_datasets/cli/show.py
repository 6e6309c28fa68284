"""Rows and schemas as text for a terminal."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from crucible_datasets.schema import Features


_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]")


def printable(text: str) -> str:
    """``text``, which may come from a dataset, without what makes a terminal do things.

    >>> printable("a\\x1b[2Jb")
    'a\\\\x1b[2Jb'
    """
    return _CONTROL.sub(lambda found: repr(found[0])[1:-1], text)


def schema(features: Features | None) -> str:
    """One line a column: its name and its type."""
    if features is None:
        return "  (not known before rows are read)"
    width = max(map(len, features), default=0)
    lines = (f"  {name:<{width}}  {feature}" for name, feature in features.items())
    return printable("\n".join(lines))


def row(number: int, values: Mapping[str, Any]) -> str:
    """One row: a line for each column, cut to the terminal's width."""
    columns = shutil.get_terminal_size((100, 24)).columns
    width = max(map(len, values), default=0)
    lines = [f"row {number}"]
    for name, value in values.items():
        text = value if isinstance(value, str) else repr(value)
        lines.append(f"  {printable(name):<{width}}  {shorten(text, columns - width - 4)}")
    return "\n".join(lines)


def shorten(text: str, room: int = 80) -> str:
    """``text`` on one line of at most ``room`` characters (and at least 20)."""
    text = printable(" ".join(text.split()))
    room = max(room, 20)
    return text if len(text) <= room else text[: room - 1] + "…"


def row_as_json(values: Mapping[str, Any]) -> str:
    """One row as a JSON line; bytes become their length, times their ISO form."""
    return json.dumps(values, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
