"""Files on disk as data files, and scans of them as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pytest

from crucible_datasets.formats import get_format
from crucible_datasets.formats.sources import local_file

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_datasets.formats.base import DataFile, Scan


class Scanner(Protocol):
    def __call__(self, format_: str, *files: Any, features: Any = None, **options: Any) -> Scan: ...


@pytest.fixture
def put(tmp_path: Path) -> Any:
    """Write a file below ``tmp_path``: ``put("a.csv", "a\\n1\\n")``."""

    def write(name: str, content: bytes | str) -> DataFile:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return local_file(path)

    return write


@pytest.fixture
def scan() -> Scanner:
    """Scan data files: ``scan("csv", file, sep=";")``."""

    def run(format_: str, *files: Any, features: Any = None, **options: Any) -> Scan:
        return get_format(format_).scan(files, features=features, options=options)

    return run
