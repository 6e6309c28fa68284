"""What a file is, told by its first bytes."""

from __future__ import annotations

from typing import Literal

Codec = Literal["gzip", "bzip2", "xz", "zstd", "lz4"]
Container = Literal["zip", "tar", "7z", "rar"]

_BLOCK = 512  # a tar header
_RECORD = 20 * _BLOCK  # what tar writes at once, and so the length of an archive without members
HEAD = _RECORD + 1
"""How many bytes :func:`codec` and :func:`container` want to see."""

# Each from the format's own specification.
_CODECS: tuple[tuple[bytes, Codec], ...] = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
    (b"\x04\x22\x4d\x18", "lz4"),
)
_CONTAINERS: tuple[tuple[bytes, Container], ...] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),  # no member at all
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
)


def codec(head: bytes) -> Codec | None:
    """The compression of a file that begins with ``head``, or None."""
    if is_skippable_frame(head):  # so begin the files of pzstd
        return "zstd"
    return next((kind for magic, kind in _CODECS if head.startswith(magic)), None)


def is_skippable_frame(head: bytes) -> bool:
    """Whether ``head`` starts a frame without data, as zstd and lz4 allow (RFC 8878)."""
    return head[1:4] == b"\x2a\x4d\x18" and head[0] >> 4 == 5


def container(head: bytes) -> Container | None:
    """The kind of archive of a file that begins with ``head``, or None."""
    found = next((kind for magic, kind in _CONTAINERS if head.startswith(magic)), None)
    return found or ("tar" if _is_tar_header(head) or _is_empty_tar(head) else None)


def _is_tar_header(head: bytes) -> bool:
    """Whether ``head`` is a tar header, by its checksum.

    The checksum (the sum of all bytes, with its own field as spaces) finds the archives of before
    POSIX too, which have no magic.
    """
    if len(head) < _BLOCK:
        return False
    field = head[148:156].strip(b" \0")
    try:
        stored = int(field, 8)
    except ValueError:
        return False
    return stored == sum(head[:148]) + sum(head[156:_BLOCK]) + 8 * 0x20


def _is_empty_tar(head: bytes) -> bool:
    """Whether ``head`` is a whole archive without members: at least two blocks of zeros, no more.

    A longer run of zeros is data that merely begins so.
    """
    return 2 * _BLOCK <= len(head) < HEAD and len(head) % _BLOCK == 0 and not any(head)
