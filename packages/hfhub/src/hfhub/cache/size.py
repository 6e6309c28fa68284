"""Sizes as people write them: ``50GB``, ``1.5 TiB``, ``80%`` of the disk."""

from __future__ import annotations

import os
import re
import shutil

__all__ = ["format_size", "parse_limit"]

_TEXT = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*([KMGTP]?)(I?)(B?)\s*", re.IGNORECASE)
_SHARE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%\s*")
_UNITS = "KMGTP"


def parse_limit(text: str, folder: str) -> int:
    """The bytes that ``text`` stands for; a percentage is of the disk that ``folder`` is on.

    ``K, M, G, T, P`` count in thousands, ``Ki, Mi, ...`` in 1,024s; a ``B`` behind changes nothing.

    Raises:
        ValueError: if it is none of these.

    >>> parse_limit("50GB", "/")
    50000000000
    >>> parse_limit("1.5 KiB", "/")
    1536
    """
    if share := _SHARE.fullmatch(text):
        portion = float(share[1]) / 100
        if portion > 1:
            raise ValueError(f"{text!r} is more than the whole disk")
        return int(_disk_size(folder) * portion)
    if not (found := _TEXT.fullmatch(text)) or (found[3] and not found[2]):
        raise ValueError(f"{text!r} is not a size; write it like '50GB', '20GiB' or '80%'")
    base = 1024 if found[3] else 1000
    power = _UNITS.index(found[2].upper()) + 1 if found[2] else 0
    return int(float(found[1]) * base**power)


def format_size(size: float) -> str:
    """``size`` in bytes for people, as the official client prints it.

    >>> format_size(42_200), format_size(7)
    ('42.2K', '7.0')
    """
    for unit in ("", "K", "M", "G", "T", "P", "E", "Z"):
        if abs(size) < 1000:
            return f"{size:.1f}{unit}"
        size /= 1000
    return f"{size:.1f}Y"


def _disk_size(folder: str) -> int:
    while True:
        try:
            return shutil.disk_usage(folder).total
        except FileNotFoundError:
            # The cache need not be there yet; its disk is.
            parent = os.path.dirname(folder)
            if parent == folder:
                raise
            folder = parent
