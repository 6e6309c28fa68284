"""The number of the epoch, as this process and torch's persistent workers know it."""

from __future__ import annotations

import sys
from typing import Any


class Epoch:
    """A number that stays the same in workers when it is set here, once torch is there."""

    def __init__(self, value: int = 0) -> None:
        self._value: Any = value

    def share(self) -> None:
        """Move the number into memory that worker processes see. Needs torch to be imported."""
        if isinstance(self._value, int):
            self._value = sys.modules["torch"].tensor(self._value).share_memory_()

    @property
    def value(self) -> int:
        """The number."""
        return int(self._value)

    @value.setter
    def value(self, epoch: int) -> None:
        if isinstance(self._value, int):
            self._value = int(epoch)
        else:
            self._value.fill_(int(epoch))
