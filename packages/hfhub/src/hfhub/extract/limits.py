"""How much an archive may cost, and the meter that watches it while it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hfhub.errors import ArchiveLimitError

if TYPE_CHECKING:
    from collections.abc import Callable

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Limits:
    """The caps of one extraction. Give a larger one when a real archive needs it.

    Args:
        max_bytes: bytes written in all.
        max_ratio: bytes written for one byte of archive; looked at once ``ratio_floor`` bytes
            are written, since small files of zeros compress well without being an attack.
        ratio_floor: see ``max_ratio``.
        max_entries: files, folders and links.
        max_depth: folders in a name.
        allow_case_clash: whether two names may differ by letter case alone, which on many
            systems are one file.
    """

    max_bytes: int = 1024 * GIB
    max_ratio: float = 250.0
    ratio_floor: int = 256 << 20
    max_entries: int = 5_000_000
    max_depth: int = 64
    allow_case_clash: bool = False


class Meter:
    """Counts what an extraction writes, and stops it at the first byte over a limit."""

    def __init__(
        self,
        limits: Limits,
        archive: str,
        archive_size: int | None,
        on_bytes: Callable[[int], None] | None = None,
    ) -> None:
        self.limits = limits
        self.written = 0
        self._archive = archive
        self._entries = 0
        self._on_bytes = on_bytes
        by_ratio = limits.max_bytes
        if archive_size is not None:
            by_ratio = max(limits.ratio_floor, int(archive_size * limits.max_ratio))
        self._ratio_binds = by_ratio < limits.max_bytes
        self._cap = min(limits.max_bytes, by_ratio)

    def entry(self, name: str) -> None:
        """Count one entry."""
        self._entries += 1
        if self._entries > self.limits.max_entries:
            raise ArchiveLimitError(
                self._archive, f"more than max_entries={self.limits.max_entries} entries", name
            )

    def room(self) -> int:
        """How many more bytes may come, and one: enough to see that the cap is crossed."""
        return self._cap - self.written + 1

    def add(self, count: int, name: str) -> None:
        """Count ``count`` bytes that are about to be written for the member ``name``."""
        self.written += count
        if self.written > self._cap:
            limit = (
                f"max_ratio={self.limits.max_ratio:g}"
                if self._ratio_binds
                else f"max_bytes={self.limits.max_bytes}"
            )
            raise ArchiveLimitError(
                self._archive,
                f"more than {self._cap} bytes come out ({limit}); if that is right, give "
                "larger `limits`",
                name,
            )
        if self._on_bytes is not None:
            self._on_bytes(count)
