"""Where files that were made from other files lie, and that they come under the cache's cap.

They lie beside the Hub's cache and are the first to go when it is full; with ``HF_DATASETS_CACHE``
set they lie there, under no cap.
"""

from __future__ import annotations

from pathlib import Path

import hfhub.settings
from crucible_datasets import settings
from hfhub.cache.store import Store, store_for


def folder(kind: str) -> Path:
    """The folder for a kind of file.

    Args:
        kind: ``map`` for results of transforms, ``arrow`` for rows laid down for random access.
    """
    own = settings.current()
    return own.cache / kind if own.apart else Path(_store().cache.derived(kind))


def note_made(kind: str, path: Path) -> None:
    """Put a file that was made under the cap.

    Args:
        kind: as for :func:`folder`.
        path: where it lies, in that folder.
    """
    if not settings.current().apart and path.parent == folder(kind):
        key = path.stem.partition("_")[0]  # without what the number of processes adds
        _store().note_derived(kind, key, path, path.stat().st_size)


def note_used(kind: str, path: Path) -> None:
    """Note that a file was used now: others go first."""
    if not settings.current().apart and path.parent == folder(kind):
        _store().notes.use(str(path))


def _store() -> Store:
    return store_for(hfhub.settings.current())
