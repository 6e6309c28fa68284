from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crucible_datasets.discovery.card import CardConfig, front_matter, read_card
from crucible_datasets.discovery.tree import LocalTree

if TYPE_CHECKING:
    from pathlib import Path


def card_of(tmp_path: Path, head: str) -> object:
    (tmp_path / "README.md").write_text(f"---\n{head}\n---\n# Title\n")
    return read_card(LocalTree(tmp_path))


def test_configs_come_with_files_folders_and_parameters(tmp_path: Path) -> None:
    card = card_of(
        tmp_path,
        "configs:\n- config_name: a\n  data_files: '*.csv'\n  sep: ';'\n  default: true\n"
        "- config_name: 2\n  data_dir: sub\n",
    )
    assert card.configs == {
        "a": CardConfig("a", "*.csv", None, True, {"sep": ";"}),
        "2": CardConfig("2", None, "sub"),
    }
    assert card.default == "a"


@pytest.mark.parametrize(
    ("names", "default"), [(["a"], "a"), (["a", "default"], "default"), (["a", "b"], None)]
)
def test_a_default_is_the_only_config_or_the_one_called_so(
    tmp_path: Path, names: list[str], default: str | None
) -> None:
    head = "configs:\n" + "\n".join(f"- config_name: {name}" for name in names)
    assert card_of(tmp_path, head).default == default


def test_two_defaults_are_an_error(tmp_path: Path) -> None:
    head = "configs:\n- {config_name: a, default: true}\n- {config_name: b, default: true}"
    with pytest.raises(ValueError, match="several default configs"):
        _ = card_of(tmp_path, head).default


@pytest.mark.parametrize(
    "head",
    [
        "configs: x",
        "configs:\n- data_files: x",
        "configs:\n- config_name: a\n  data_files: {train: x}",
        "configs:\n- config_name: a\n  data_files:\n  - split: a-b\n    path: x",
        "configs: [",
        "- a\n- b",
        "dataset_info: x",
    ],
)
def test_a_malformed_card_is_an_error_that_names_the_file(tmp_path: Path, head: str) -> None:
    with pytest.raises(ValueError, match=r"README\.md"):
        card_of(tmp_path, head)


def test_infos_are_one_or_many(tmp_path: Path) -> None:
    assert set(card_of(tmp_path, "dataset_info:\n  features: []").infos) == {"default"}
    head = "dataset_info:\n- config_name: a\n- config_name: b"
    assert set(card_of(tmp_path, head).infos) == {"a", "b"}


def test_a_standalone_yaml_wins_over_the_head(tmp_path: Path) -> None:
    (tmp_path / ".huggingface.yaml").write_text("configs:\n- config_name: z\n")
    assert list(card_of(tmp_path, "configs:\n- config_name: a").configs) == ["z"]


def test_legacy_infos_of_one_config_are_those_of_the_default(tmp_path: Path) -> None:
    (tmp_path / "dataset_infos.json").write_text('{"me--x": {"description": "d"}}')
    assert read_card(LocalTree(tmp_path)).legacy_infos == {"default": {"description": "d"}}


@pytest.mark.parametrize(
    ("text", "head"),
    [
        ("---\na: 1\n---\n", "a: 1"),
        ("\ufeff---\r\na: 1\r\n---\r\nx", "a: 1"),
        ("# Title\n---\na: 1\n---\n", None),
        ("---\na: 1\n", None),
        ("", None),
    ],
)
def test_the_head_stands_between_dashes_at_the_beginning(text: str, head: str | None) -> None:
    assert front_matter(text) == head


def test_yaml_nested_too_deeply_is_named_with_its_file(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"README\.md: the YAML is malformed"):
        card_of(tmp_path, "a: " + "[" * 3000 + "]" * 3000)
