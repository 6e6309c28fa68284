"""Runs a piece of a program with the official clients in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    """A Hub that the tests of a module share."""
    with LocalHub(tokens={"hf_ann": "ann", "hf_bob": "bob"}) as hub:
        yield hub


@pytest.fixture(scope="module")
def run_peer(hub: LocalHub, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """Run a program of this folder against the Hub; the JSON in its last line comes back."""

    def run(program: str) -> Any:
        home = tmp_path_factory.mktemp("hf_home")
        done = subprocess.run(
            [sys.executable, str(Path(__file__).with_name(program))],
            env={**hub.env(home), "HF_HUB_DISABLE_XET": "1"},
            capture_output=True,
            text=True,
            timeout=110,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout.splitlines()[-1])

    return run
