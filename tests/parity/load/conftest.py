"""Our loads beside the peer's, over one local Hub; the peer runs once, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from types import ModuleType

HERE = Path(__file__).parent


def _outcomes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("load_outcomes", HERE / "outcomes.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def outcomes() -> ModuleType:
    """The code that says in plain values what a call comes to."""
    return _outcomes()


@pytest.fixture(scope="session")
def peers() -> Any:
    """Run calls with the real ``datasets``: ``peers(calls, env, cwd) -> outcomes``."""

    def run(calls: list[dict[str, Any]], env: dict[str, str], cwd: Path) -> list[Any]:
        done = subprocess.run(
            [sys.executable, str(HERE / "outcomes.py")],
            input=json.dumps(calls),
            capture_output=True,
            text=True,
            env=env,
            cwd=cwd,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    return run
