"""Content digests: sha256 for LFS files, git's blob sha1 for the rest."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from hashlib import _Hash

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHA1 = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Digest:
    """What the Hub promises a file's bytes come to; ``hex`` is also the blob's name in the cache.

    >>> Digest.from_etag('W/"ce013625030ba8dba906f756967f9e9ca394464a"')
    Digest(kind='git-sha1', hex='ce013625030ba8dba906f756967f9e9ca394464a')
    >>> Digest.from_etag('"../../../../x"') is None
    True
    """

    kind: Literal["sha256", "git-sha1"]
    hex: str

    @classmethod
    def from_hex(cls, text: str) -> Self | None:
        """The digest written as 64 or 40 lower-case hex digits, or None for any other text."""
        if _SHA256.fullmatch(text):
            return cls("sha256", text)
        if _SHA1.fullmatch(text):
            return cls("git-sha1", text)
        return None

    @classmethod
    def from_etag(cls, etag: str | None) -> Self | None:
        """The digest in an ``ETag`` or ``X-Linked-Etag`` header, or None if it holds none."""
        return cls.from_hex(normalize_etag(etag)) if etag else None

    def hasher(self, size: int) -> _Hash:
        """A running hash to feed ``size`` bytes to; its ``hexdigest()`` is to equal ``hex``.

        git hashes a blob with its length in front, so the size must be known first.
        """
        if self.kind == "sha256":
            return hashlib.sha256()
        return hashlib.sha1(b"blob %d\0" % size, usedforsecurity=False)

    def matches(self, data: bytes) -> bool:
        """Whether ``data`` is what was promised."""
        running = self.hasher(len(data))
        running.update(data)
        return running.hexdigest() == self.hex

    def __str__(self) -> str:
        return f"{self.kind}:{self.hex}"


def normalize_etag(etag: str) -> str:
    """``etag`` without the weak mark and the quotes (RFC 9110, section 8.8.3)."""
    return etag.removeprefix("W/").strip('"')
