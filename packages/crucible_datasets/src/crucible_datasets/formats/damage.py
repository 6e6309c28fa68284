"""What pyarrow says of damaged files, said with the file's name."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pyarrow as pa

from crucible_datasets.errors import FileFormatError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.formats.base import DataFile


@contextmanager
def named(file: DataFile, kind: str) -> Iterator[None]:
    """Name the file whose bytes are read inside, where they turn out to be wrong.

    Args:
        file: what is read.
        kind: what it should be, for people.

    Raises:
        FileFormatError: it is not of that kind, or damaged.
    """
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError, UnicodeDecodeError, OSError) as error:
        # pyarrow's word for damage is an OSError of no number; others come from disks and networks.
        if isinstance(error, OSError) and (type(error) is not OSError or error.errno is not None):
            raise
        raise FileFormatError(
            f"{file.name} is not {kind} that we can read, or it is damaged: {error}"
        ) from error
