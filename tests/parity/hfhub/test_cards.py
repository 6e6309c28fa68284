"""Cards as the official client reads and writes them."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import pytest

import hfhub.repocard as ours
from hfhub import repocard_data

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import huggingface_hub.repocard as peer
    from huggingface_hub import repocard_data as peer_data

if TYPE_CHECKING:
    from pathlib import Path

MODEL = """---
language: [en, de]
license: apache-2.0
tags:
- a
- a
- b
zeta: {x: 1, y: [1, 2]}
date: 2024-01-02
long: "a line that goes on and on and on until it is longer than eighty characters in this file"
model-index:
- name: tiny
  results:
  - task:
      type: text-generation
      name: Text
    dataset:
      type: gsm8k
      name: GSM8K
      args: {n: 1}
    metrics:
    - type: em
      value: 0.5
      verified: true
    - type: f1
      value: "20 ± 1"
    source:
      name: board
      url: https://board.example
---
# Hello \U0001f44b

Text with --- dashes
---
"""
CARDS = {
    "a model's": MODEL,
    "with CRLF": MODEL.replace("\n", "\r\n"),
    "with CR": MODEL.replace("\n", "\r"),
    "a dataset's": (
        "---\npretty_name: X\ntrain-eval-index:\n- a: 1\nconfigs:\n- config_name: m\n---\nT"
    ),
    "nothing in front": "# Only text\n",
    "an empty block": "---\n\n---\ntext",
    "blank lines first": "\n\n---\nlicense: mit\n---\ntext\n",
    "no end": "---\nlicense: mit\n",
    "spaces after the dashes": "---\nlicense: mit\n---   \ntext",
    "null values": "---\nlicense:\na: null\n---\n",
    "numbers as names": "---\n1: 2\nlicense: mit\n---\n",
    "unicode": "---\nname: 日本\n---\n日本",
    "empty": "",
}


@pytest.mark.parametrize("kind", ["RepoCard", "ModelCard", "DatasetCard", "SpaceCard"])
@pytest.mark.parametrize("name", CARDS)
def test_cards_are_read_and_written_alike(kind: str, name: str) -> None:
    def read(module: Any) -> Any:
        try:
            card = getattr(module, kind)(CARDS[name])
        except Exception as error:
            return type(error).__name__
        return card.text, card.data.to_dict(), card.data.to_yaml(), card.content

    theirs = read(peer)
    if theirs == "TypeError":  # the peer cannot read names that are no text
        return
    assert read(ours) == theirs


@pytest.mark.parametrize("name", [name for name in CARDS if name != "numbers as names"])
def test_metadata_are_loaded_and_saved_alike(tmp_path: Path, name: str) -> None:
    results = []
    for module in (peer, ours):
        path = tmp_path / f"{module.__name__}.md"
        path.write_bytes(CARDS[name].encode())
        loaded = module.metadata_load(path)
        module.metadata_save(path, {"b": [1, "ä"], "a": {"c": None}})
        results.append((loaded, path.read_bytes()))
    assert results[1] == results[0]


def test_evaluation_results_are_the_peers() -> None:
    arguments = {
        "task_type": "t",
        "dataset_type": "d",
        "dataset_name": "D",
        "metric_type": "m",
        "metric_value": 1,
        "metric_args": {"a": None, "b": 1},
        "source_name": "s",
        "source_url": "u",
    }
    made = repocard_data.eval_results_to_model_index("n", [repocard_data.EvalResult(**arguments)])
    theirs = peer_data.eval_results_to_model_index("n", [peer_data.EvalResult(**arguments)])
    assert made == theirs
