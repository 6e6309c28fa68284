"""What every test stands on: no network, no token, an empty cache of its own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import hypothesis
import pytest

from hfhub import settings
from hfhub.local_hub.pytest_plugin import local_hub  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# the machines that run this are shared: an example may take its time
hypothesis.settings.register_profile("patient", deadline=None)
hypothesis.settings.load_profile("patient")

_UNSET = (
    "ALL_PROXY",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "HF_DATASETS_CACHE",
    "HF_DATASETS_OFFLINE",
    "HF_HUB_CACHE",
    "HF_HUB_OFFLINE",
    "HF_TOKEN",
    "HF_TOKEN_PATH",
    "HFHUB_CACHE_MAX_SIZE",
    "HUGGINGFACE_HUB_CACHE",
    "HUGGING_FACE_HUB_TOKEN",
    "TRANSFORMERS_OFFLINE",
)


@pytest.fixture(autouse=True)
def alone(tmp_path: Path) -> Iterator[None]:
    """Keep the test off the network and off the files of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in _UNSET:
            patch.delenv(name, raising=False)
        patch.setenv("HF_ENDPOINT", "http://127.0.0.1:9")  # the discard port: nobody listens
        patch.setenv("HF_HOME", str(tmp_path / "hf_home"))
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        _reload_settings()
        yield
    _reload_settings()


def _reload_settings() -> None:
    settings.reload()
    if ours := sys.modules.get("crucible_datasets.settings"):
        ours.reload()
