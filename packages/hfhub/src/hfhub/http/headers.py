"""The headers of an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

_NUMBER = re.compile(r"[0-9]{1,18}")


class Headers(Mapping[str, str]):
    """Header lines by name, in any case; lines of one name are joined with a comma.

    >>> Headers([("ETag", '"a"'), ("Vary", "Origin"), ("vary", "Accept")])["VARY"]
    'Origin, Accept'
    """

    __slots__ = ("_values",)

    def __init__(self, lines: Mapping[str, str] | list[tuple[str, str]] = ()) -> None:  # type: ignore[assignment] # an empty tuple is an empty list
        values: dict[str, str] = {}
        for name, value in lines.items() if isinstance(lines, Mapping) else lines:
            key = name.lower()
            values[key] = f"{values[key]}, {value}" if key in values else value
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Headers({self._values!r})"

    def integer(self, name: str) -> int | None:
        """The value of ``name`` as a number that is not negative, or None."""
        value = self.get(name)
        return int(value) if value is not None and _NUMBER.fullmatch(value) else None
