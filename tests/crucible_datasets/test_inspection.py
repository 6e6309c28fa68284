from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crucible_datasets.inspection import (
    get_dataset_config_names,
    get_dataset_default_config_name,
    get_dataset_infos,
    get_dataset_split_names,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hfhub.local_hub import LocalHub

HEAD = """---
configs:
- config_name: a
  data_files: a.csv
- config_name: b
  data_files:
  - {split: test, path: b.csv}
dataset_info:
- config_name: a
  features:
  - {name: x, dtype: string}
  splits:
  - {name: train, num_bytes: 1, num_examples: 2}
---
"""


@pytest.fixture
def folder(tmp_path: Path) -> str:
    """A dataset with two configs."""
    (tmp_path / "README.md").write_text(HEAD)
    (tmp_path / "a.csv").write_text("x\n1\n")
    (tmp_path / "b.csv").write_text("x\n1\n")
    return str(tmp_path)


def test_configs_are_listed_in_order(folder: str) -> None:
    assert get_dataset_config_names(folder) == ["a", "b"]
    assert get_dataset_default_config_name(folder) == "a"  # the only one that is described


def test_a_dataset_without_configs_has_the_default_one(tmp_path: Path) -> None:
    (tmp_path / "train.csv").touch()
    assert get_dataset_config_names(str(tmp_path)) == ["default"]
    assert get_dataset_default_config_name(str(tmp_path)) == "default"


def test_splits_are_named_whether_declared_or_not(folder: str) -> None:
    assert get_dataset_split_names(folder, "a") == ["train"]
    assert get_dataset_split_names(folder, "b") == ["test"]
    assert get_dataset_split_names(folder) == ["train"]


def test_infos_say_what_is_declared(folder: str) -> None:
    infos = get_dataset_infos(folder)
    assert infos["a"].splits is not None
    assert infos["a"].splits["train"].num_examples == 2
    assert list(infos["a"].features or ()) == ["x"]
    assert infos["b"].features is None


def test_infos_of_many_configs_take_one_look_at_the_hub(local_hub: LocalHub) -> None:
    files = {f"{name}.csv": "x\n1\n" for name in "abc"}
    configs = "".join(f"- {{config_name: {name}, data_files: {name}.csv}}\n" for name in "abc")
    local_hub.add("me/three", {"README.md": f"---\nconfigs:\n{configs}---\n", **files})
    get_dataset_infos("me/three")
    local_hub.clear_requests()
    assert list(get_dataset_infos("me/three")) == ["a", "b", "c"]
    assert local_hub.count() == 1
