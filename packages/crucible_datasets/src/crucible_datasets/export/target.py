"""Where an export goes: a path or URL, compressed or not, or a file that is open already."""

from __future__ import annotations

import bz2
import gzip
import lzma
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from crucible_datasets.storage import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUFFIXES = {".gz": "gzip", ".bz2": "bz2", ".xz": "xz"}


@contextmanager
def opened(
    target: Any, compression: str | None, storage_options: Mapping[str, Any] | None
) -> Iterator[BinaryIO]:
    """A binary file to write to; a path is there, whole, when the block ends well.

    Args:
        target: a path, an fsspec URL, or an open file.
        compression: ``gzip``, ``bz2``, ``xz``, ``infer`` (by the path's end) or None.
        storage_options: for the file system that a URL names.

    Raises:
        NotImplementedError: another compression, or one for an open file.
    """
    if compression not in (None, "infer", *_SUFFIXES.values()):
        raise NotImplementedError(
            f"compression {compression!r} is not supported; use gzip, bz2 or xz"
        )
    if hasattr(target, "write"):
        if compression:
            raise NotImplementedError(
                "an open file can't be compressed; name a path, or open it so"
            )
        yield target
        return
    place = Place.of(target, storage_options)
    if compression == "infer":
        compression = next((c for end, c in _SUFFIXES.items() if place.path.endswith(end)), None)
    with place.writing() as file:
        if compression == "gzip":
            with gzip.GzipFile(fileobj=file, mode="wb", filename="", mtime=0) as packed:
                yield cast("BinaryIO", packed)
        elif compression == "bz2":
            with bz2.BZ2File(file, "wb") as squeezed:
                yield cast("BinaryIO", squeezed)
        elif compression == "xz":
            with lzma.LZMAFile(file, "wb") as squashed:
                yield cast("BinaryIO", squashed)
        else:
            yield file
