"""The official client in a process of its own: the current release, older ones where asked."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
sys.path.insert(0, str(Path(__file__).parent))

Peer = Callable[..., Any]

_SCRIPT = Path(__file__).with_name("peer_client.py")
CURRENT = "2.4.0"
_OLDER = ("1.31.0", "1.32.0")


@pytest.fixture(
    params=[CURRENT, *(pytest.param(version, marks=pytest.mark.slow) for version in _OLDER)]
)
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Peer:
    """Calls a function of ``peer_client.py`` in a process that has that release installed."""
    version = request.param
    python = sys.executable if version == CURRENT else _environment(version, tmp_path_factory)

    def call(do: str, *, env: dict[str, str] | None = None, **arguments: Any) -> Any:
        done = subprocess.run(
            [python, str(_SCRIPT)],
            input=json.dumps({"do": do, **arguments}),
            env={**os.environ, "HF_HUB_DISABLE_PROGRESS_BARS": "1", **(env or {})},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    call.version = tuple(map(int, version.split(".")))  # type: ignore[attr-defined]
    return call


def _environment(version: str, factory: pytest.TempPathFactory) -> str:
    """The Python of an environment with that release, made once a run; skips without one."""
    folder = factory.getbasetemp() / f"huggingface_hub-{version}"
    python = folder / "bin" / "python"
    if not python.exists():
        if not (uv := shutil.which("uv")):
            pytest.skip("uv is not there to make an environment for an older release")
        for command in (
            [uv, "venv", "-q", str(folder)],
            [uv, "pip", "install", "-q", "--python", str(python), f"huggingface_hub=={version}"],
        ):
            done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
            if done.returncode:
                shutil.rmtree(folder, ignore_errors=True)
                pytest.skip(f"no environment for huggingface_hub {version}: {done.stderr[-200:]}")
    return str(python)
