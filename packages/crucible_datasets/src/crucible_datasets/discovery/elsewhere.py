"""Data files that a URL leads to: ``https://``, ``hf://``, and members of archives, ``zip://``."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crucible_datasets.discovery.tree import Tree
    from crucible_datasets.formats.base import DataFile
    from hfhub.settings import Settings


def is_elsewhere(pattern: str) -> bool:
    """Whether ``pattern`` is a URL, or goes through an archive, rather than a path."""
    return "://" in pattern


def open_elsewhere(
    tree: Tree, pattern: str, *, token: bool | str | None, settings: Settings | None
) -> list[DataFile]:
    """The data files that a URL leads to."""
    raise NotImplementedError(f"data_files={pattern!r}: URLs are not there yet")
