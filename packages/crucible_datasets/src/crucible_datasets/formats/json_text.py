"""``Lines``: rows of JSON that are parsed when somebody wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence


class Lines:
    """Lines of JSON that ``orjson`` reads as the rows that they are.

    To parse them makes rows in half the time that it takes by way of an Arrow table.

    Args:
        lines: none of them is blank.
    """

    def __init__(self, lines: Sequence[bytes]) -> None:
        self._lines = lines

    @classmethod
    def of(cls, chunk: bytes) -> Lines:
        """The lines of a chunk."""
        lines = chunk.split(b"\n")
        if not lines[-1]:
            del lines[-1]
        return cls(lines)

    def __len__(self) -> int:
        return len(self._lines)

    def __getitem__(self, part: slice) -> Lines:
        return Lines(self._lines[part])

    def rows(self) -> list[dict[str, Any]]:
        """The rows, parsed."""
        return [orjson.loads(line) for line in self._lines]
