"""``Lines``: rows of JSON that are parsed when somebody wants them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson

if TYPE_CHECKING:
    import numpy.typing as npt


class Lines:
    """Lines of JSON that ``orjson`` reads as the rows that they are.

    To parse them makes rows in half the time that it takes by way of an Arrow table.

    Args:
        text: the lines, and maybe others around them.
        places: where each line begins, and where the last one ends.
    """

    def __init__(self, text: bytes, places: npt.NDArray[np.int64]) -> None:
        self._text = text
        self._places = places

    @classmethod
    def of(cls, chunk: bytes) -> Lines:
        """Whole lines, none of which is blank."""
        ends = np.flatnonzero(np.frombuffer(chunk, np.uint8) == ord("\n")) + 1
        last = [] if chunk.endswith(b"\n") else [len(chunk)]
        return cls(chunk, np.concatenate([[0], ends, last]).astype(np.int64))

    def __len__(self) -> int:
        return len(self._places) - 1

    def __getitem__(self, part: slice) -> Lines:
        start, stop, _ = part.indices(len(self))
        return Lines(self._text, self._places[start : max(start, stop) + 1])

    @property
    def nbytes(self) -> int:
        """The size of the lines' text."""
        return int(self._places[-1] - self._places[0])

    def rows(self) -> list[dict[str, Any]]:
        """The rows, parsed."""
        text = memoryview(self._text)
        return [orjson.loads(text[at:end]) for at, end in pairwise(self._places.tolist())]
