"""One entry of an archive."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

    from _typeshed import WriteableBuffer

MemberKind = Literal["file", "folder", "symlink", "hardlink", "special"]


class _Empty(io.RawIOBase):
    def readinto(self, buffer: WriteableBuffer, /) -> int:  # noqa: ARG002 - nothing is put there
        return 0


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive.

    Attributes:
        name: as the archive spells it, not yet checked.
        kind: what it is.
        executable: whether its owner may run it.
        target: where a link points.
        open: opens its bytes, unbuffered; unless the archive is a zip, only until the next member
            is asked for.
    """

    name: str
    kind: MemberKind
    executable: bool = False
    target: str = ""
    open: Callable[[], io.RawIOBase] = _Empty
