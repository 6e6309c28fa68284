"""Runs ``hfhub`` in this process."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from hfhub.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

    from hfhub.local_hub import LocalHub


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


@pytest.fixture
def hfhub(capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run a command; a failure says one line and nothing else."""

    def run(*words: str) -> Ran:
        capsys.readouterr()
        code = main(words)
        said = capsys.readouterr()
        assert "Traceback" not in said.err
        return Ran(code, said.out, said.err)

    return run


@pytest.fixture
def hub(local_hub: LocalHub) -> LocalHub:
    """The Hub of this test with a dataset, a model, and users Ann and Bob."""
    local_hub.add_token("hf_annannannann", "ann")
    local_hub.add_token("hf_bobbobbobbob", "bob")
    readme = "---\nlicense: mit\ntags: [math]\n---\n"
    files = {"README.md": readme, "main/a.parquet": b"a" * 1500, "main/b.jsonl": "{}"}
    local_hub.add("ann/data", files)
    local_hub.tag("ann/data", "v1")
    local_hub.add("ann/net", {"config.json": "{}"}, repo_type="model")
    return local_hub
