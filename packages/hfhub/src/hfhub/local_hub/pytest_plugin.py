"""The ``local_hub`` fixture: a Hub of its own for every test that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hfhub.local_hub import LocalHub


@pytest.fixture
def local_hub(tmp_path: Path) -> Iterator[LocalHub]:
    """An empty Hub on loopback; hfhub talks to it, without a token and with an empty cache.

    Programs that the test starts find it too, as ``HF_ENDPOINT`` and ``HF_HOME`` are set. Libraries
    that were imported before have read them already, so give those ``local_hub.endpoint``.
    """
    # Here, as every run of pytest imports this module.
    from hfhub import settings
    from hfhub.local_hub import LocalHub

    with LocalHub() as hub, pytest.MonkeyPatch.context() as patch:
        for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH", "HF_HUB_OFFLINE"):
            patch.delenv(name, raising=False)
        patch.setenv("HF_ENDPOINT", hub.endpoint)
        patch.setenv("HF_HOME", str(tmp_path / "hf_home"))
        patch.setenv("HF_HUB_CACHE", str(tmp_path / "hf_home" / "hub"))
        settings.reload()
        yield hub
    settings.reload()
