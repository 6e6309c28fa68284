"""Code that was written for the peers runs on ours, with the same results."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import pytest

from hfhub.local_hub import LocalHub

CODE = Path(__file__).parent / "recipes_code.py"
THEIRS = "import sys, runpy; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])"
OURS = """
import runpy, sys
import crucible_datasets, hfhub
sys.modules["datasets"] = crucible_datasets
sys.modules["huggingface_hub"] = hfhub
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


@pytest.fixture(scope="module")
def hub():
    examples = files("crucible_datasets") / "examples" / "datasets" / "openai" / "gsm8k"
    pair = json.dumps({"chosen": "good", "rejected": "bad"}) + "\n"
    with LocalHub(tokens={"hf_ann": "ann"}) as hub:
        hub.add(
            "openai/gsm8k",
            {
                "README.md": (examples / "README.md").read_text(),
                **{
                    f"main/{split}-00000-of-00001.parquet": (
                        examples / "main" / f"{split}-00000-of-00001.parquet"
                    ).read_bytes()
                    for split in ("train", "test")
                },
                "socratic/train-00000-of-00001.parquet": (
                    examples / "main" / "test-00000-of-00001.parquet"
                ).read_bytes(),
            },
        )
        card = (examples / "README.md").read_text()
        socratic = (
            "- config_name: socratic\n  data_files:\n  - split: train\n    path: socratic/train-*\n"
        )
        hub.add(
            "openai/gsm8k",
            {"README.md": card.replace("configs:\n", f"configs:\n{socratic}")},
        )
        hub.add("me/files", {"sub/x.json": '{"a": 1}\n{"a": 2}\n', "readme.txt": "hi"})
        hub.add(
            "me/hh",
            {
                "harmless/train.jsonl.gz": gzip.compress(pair.encode() * 3, mtime=0),
                "harmless/test.jsonl.gz": gzip.compress(pair.encode(), mtime=0),
            },
        )
        hub.add("me/gated", {"train.jsonl": '{"a": 1}\n'}, gated=True)
        hub.add(
            "me/labels",
            {
                "README.md": "---\ndataset_info:\n  features:\n  - name: label\n    dtype:\n"
                "      class_label:\n        names:\n          '0': cat\n          '1': dog\n---\n",
                "train.jsonl": '{"label": 0}\n{"label": 1}\n',
            },
        )
        hub.add("me/model", {"config.json": "{}", "model.txt": "w"}, repo_type="model")
        yield hub


def run(command: list[str], hub: LocalHub, home: Path) -> dict[str, object]:
    home.mkdir()
    ran = subprocess.run(
        [sys.executable, *command, str(CODE), str(home)],
        env=hub.env(home) | {"HF_HUB_DISABLE_PROGRESS_BARS": "1", "PYTHONWARNINGS": "ignore"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr[-3000:]
    steps: dict[str, object] = {}
    for line in ran.stdout.splitlines():
        steps |= json.loads(line)
    return steps


def test_the_recipes_calls_give_the_same(hub: LocalHub, tmp_path: Path) -> None:
    ours = run(["-c", OURS], hub, tmp_path / "ours")
    theirs = run(["-c", THEIRS], hub, tmp_path / "theirs")
    assert list(ours) == list(theirs)
    differing = {step: (ours[step], value) for step, value in theirs.items() if ours[step] != value}
    assert differing == {}
