"""Cards are read and written, and what was not changed stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfhub import errors
from hfhub.repocard import (
    DatasetCard,
    ModelCard,
    RepoCard,
    SpaceCard,
    metadata_eval_result,
    metadata_load,
    metadata_save,
    metadata_update,
)
from hfhub.repocard_data import (
    CardData,
    DatasetCardData,
    EvalResult,
    ModelCardData,
    model_index_to_eval_results,
)

if TYPE_CHECKING:
    from pathlib import Path

    from hfhub.local_hub import LocalHub

CARD = "---\nlicense: mit\nzebra: 1\nalpha: ä\n---\n# Title\n\nText.\n"


def test_a_card_has_data_and_text() -> None:
    card = RepoCard(CARD)
    assert card.data.to_dict() == {"license": "mit", "zebra": 1, "alpha": "ä"}
    assert card.text == "# Title\n\nText.\n"
    assert str(card) == card.content == CARD


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("kind", [RepoCard, ModelCard, DatasetCard, SpaceCard])
def test_line_ends_and_order_are_kept(tmp_path: Path, kind: type[RepoCard], end: str) -> None:
    text = CARD.replace("\n", end)
    path = tmp_path / "README.md"
    kind(text).save(path)
    assert path.read_bytes() == text.encode()
    assert kind.load(path).content == text


def test_changed_data_change_the_content() -> None:
    card = DatasetCard(CARD)
    card.data.license = "apache-2.0"
    card.data["new"] = [1]
    assert card.content.startswith("---\nlicense: apache-2.0\nzebra: 1\nalpha: ä\nnew:\n- 1\n---\n")


def test_a_card_without_metadata_gets_a_block_when_it_is_written() -> None:
    card = RepoCard("# Title\n---\nnot metadata\n---\n")
    assert len(card.data) == 0
    assert card.text.startswith("# Title")


def test_a_byte_order_mark_is_no_part_of_the_card(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_bytes(b"\xef\xbb\xbf" + CARD.encode())
    assert RepoCard.load(path).data.license == "mit"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("---\n- a\n- b\n---\n", "mapping, not a list"),
        ("---\na: [1\n---\n", "not YAML"),
        ("---\na: !!python/object/apply:os.system [x]\n---\n", "not YAML"),
    ],
)
def test_malformed_metadata_are_refused(content: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        RepoCard(content)


def test_a_card_is_loaded_from_the_hub(local_hub: LocalHub) -> None:
    local_hub.add("ann/data", {"README.md": CARD.encode()})
    local_hub.add("ann/model", {"README.md": b"---\nlicense: x\n---\n"}, repo_type="model")
    assert DatasetCard.load("ann/data").content == CARD
    assert ModelCard.load("ann/model").data.license == "x"
    assert RepoCard.load("ann/data", repo_type="dataset").data.license == "mit"


def test_a_missing_card_is_a_missing_file(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add("ann/bare", {"a.txt": b"x"})
    with pytest.raises(errors.EntryNotFoundError):
        DatasetCard.load("ann/bare")
    with pytest.raises(ValueError, match="no file"):
        DatasetCard.load(tmp_path / "none")


def test_metadata_are_put_into_a_file_and_read_back(tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    metadata_save(path, {"b": 1, "a": "ü"})
    assert metadata_load(path) == {"b": 1, "a": "ü"}
    path.write_bytes(path.read_bytes() + b"# Text\n")
    metadata_save(path, {"c": 2})
    assert path.read_text() == "---\nc: 2\n---\n# Text\n"
    path.write_bytes(b"# Only text\r\n")
    assert metadata_load(path) is None
    metadata_save(path, {"c": 2})
    assert path.read_bytes() == b"---\r\nc: 2\r\n---\r\n# Only text\r\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["README.md"]


RESULT = EvalResult(
    task_type="text-generation",
    dataset_type="openai/gsm8k",
    dataset_name="GSM8K",
    metric_type="exact_match",
    metric_value=0.5,
)


def test_evaluation_results_go_to_the_readme_and_back() -> None:
    data = ModelCardData(model_name="tiny", eval_results=[RESULT], tags=["a", "b", "a"])
    assert data.tags == ["a", "b"]
    card = ModelCard(f"---\n{data.to_yaml()}\n---\n")
    assert "model-index" in card.content
    assert card.data.eval_results == [RESULT]
    assert card.data.model_name == "tiny"
    assert "eval_results" not in card.data.to_dict()


def test_results_of_one_task_and_dataset_are_grouped() -> None:
    from dataclasses import replace

    second = replace(RESULT, metric_type="f1", metric_value=0.25)
    data = ModelCardData(model_name="tiny", eval_results=[RESULT, second])
    ((model,),) = [data.to_dict()["model-index"]]
    assert len(model["results"]) == 1
    assert len(model["results"][0]["metrics"]) == 2
    assert model_index_to_eval_results([model]) == ("tiny", [RESULT, second])
    assert RESULT.is_equal_except_value(replace(RESULT, metric_value=1))
    assert not RESULT.is_equal_except_value(second)


def test_malformed_results_are_refused_or_left_out() -> None:
    text = "---\nlicense: mit\nmodel-index:\n- results: 3\n---\n"
    with pytest.raises(ValueError, match="ignore_metadata_errors"):
        ModelCard(text)
    card = ModelCard(text, ignore_metadata_errors=True)
    assert (card.data.license, card.data.eval_results) == ("mit", None)
    with pytest.raises(ValueError, match="model_name"):
        ModelCardData(eval_results=[RESULT])
    with pytest.raises(ValueError, match="source_url"):
        EvalResult("t", "d", "n", "m", 1, source_name="x")


def test_card_data_are_read_as_attributes_and_as_items() -> None:
    data = CardData(license="mit", empty=None)
    assert data.license == data["license"] == data.get("license") == "mit"
    assert data.get("empty", "else") == "else"
    assert "license" in data
    assert len(data) == 2
    assert data.pop("license") == "mit"
    assert data.to_dict() == {}
    with pytest.raises(KeyError):
        data["license"]


def test_a_datasets_train_eval_index_keeps_the_readmes_name() -> None:
    data = DatasetCardData(train_eval_index={"a": 1}, configs=[{"config_name": "main"}])
    assert data.to_dict() == {
        "configs": [{"config_name": "main"}],
        "train-eval-index": {"a": 1},
    }
    assert DatasetCard(f"---\n{data}\n---\n").data.train_eval_index == {"a": 1}


def test_metadata_of_one_result_are_made() -> None:
    made = metadata_eval_result(
        model_pretty_name="Tiny",
        task_pretty_name="Generate",
        task_id="text-generation",
        metrics_pretty_name="Exact match",
        metrics_id="exact_match",
        metrics_value=1,
        dataset_pretty_name="GSM8K",
        dataset_id="openai/gsm8k",
    )
    name, (result,) = model_index_to_eval_results(made["model-index"])
    assert (name, result.metric_name) == ("Tiny", "Exact match")


@pytest.mark.parametrize(
    ("kind", "data"), [(ModelCard, ModelCardData), (DatasetCard, DatasetCardData)]
)
def test_a_template_is_filled_in(kind, data) -> None:
    card = kind.from_template(
        data(license="mit", language="en"), model_id="Tiny", pretty_name="Tiny", developers="Ann"
    )
    assert card.data.license == "mit"
    assert "# Tiny" in card.text
    assert "[More Information Needed]" in card.text


def test_a_template_of_ones_own_is_filled_in_without_power(tmp_path: Path) -> None:
    template = "---\n{{ card_data }}\n---\n{{ name }} {{ license }}"
    card = RepoCard.from_template(CardData(license="mit"), template_str=template, name="N")
    assert card.text == "N mit"
    path = tmp_path / "t.md"
    path.write_text(template)
    made = RepoCard.from_template(CardData(license="x"), template_path=str(path), license="y")
    assert made.text == " y"
    from jinja2.exceptions import SecurityError

    with pytest.raises(SecurityError):
        RepoCard.from_template(CardData(a=1), template_str="{{ ''.__class__.__mro__ }}")


def test_what_writes_to_the_hub_says_that_it_is_not_there_yet() -> None:
    with pytest.raises(NotImplementedError, match="push_to_hub is not there yet"):
        RepoCard(CARD).push_to_hub("ann/data")
    with pytest.raises(NotImplementedError, match="metadata_update is not there yet"):
        metadata_update("ann/data", {})
