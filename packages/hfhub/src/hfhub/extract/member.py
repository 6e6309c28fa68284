"""One entry of an archive."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

MemberKind = Literal["file", "folder", "symlink", "hardlink", "special"]


def _no_bytes() -> IO[bytes]:
    return io.BytesIO()


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive.

    Attributes:
        name: as the archive spells it, not yet checked.
        kind: what it is.
        executable: whether its owner may run it.
        target: where a link points.
        open: opens its bytes; unless the archive is a zip, only until the next member is asked for.
    """

    name: str
    kind: MemberKind
    executable: bool = False
    target: str = ""
    open: Callable[[], IO[bytes]] = _no_bytes
