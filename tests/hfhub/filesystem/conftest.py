"""``hf://`` is ours for the length of a test, whatever else is installed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import fsspec
import pytest

from hfhub.filesystem import HfFileSystem

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def registered() -> Iterator[None]:
    """Register it, and leave no trace."""
    loaded = sys.modules["fsspec.registry"]._registry
    before = dict(loaded)
    fsspec.register_implementation("hf", HfFileSystem, clobber=True)
    yield
    HfFileSystem.clear_instance_cache()
    loaded.clear()
    loaded.update(before)
