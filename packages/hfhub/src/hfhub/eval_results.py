"""Evaluation results as a model card holds them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["EvalResult", "eval_results_to_model_index", "model_index_to_eval_results"]


@dataclass
class EvalResult:
    """One metric of one model on one dataset.

    Attributes:
        task_type: the task's identifier, such as ``automatic-speech-recognition``.
        dataset_type: the dataset's identifier on the Hub.
        dataset_name: its name for people.
        metric_type: the metric's identifier, such as ``wer``.
        metric_value: what was measured.
        task_name: the task's name for people.
        dataset_config: the dataset's configuration.
        dataset_split: its split.
        dataset_revision: its commit.
        dataset_args: further arguments of loading it.
        metric_name: the metric's name for people.
        metric_config: the metric's configuration.
        metric_args: arguments of computing it.
        verified: whether the Hub's own service measured it.
        verify_token: that service's proof.
        source_name: who published the result.
        source_url: and where; required with ``source_name``.
    """

    task_type: str
    dataset_type: str
    dataset_name: str
    metric_type: str
    metric_value: Any
    task_name: str | None = None
    dataset_config: str | None = None
    dataset_split: str | None = None
    dataset_revision: str | None = None
    dataset_args: dict[str, Any] | None = None
    metric_name: str | None = None
    metric_config: str | None = None
    metric_args: dict[str, Any] | None = None
    verified: bool | None = None
    verify_token: str | None = None
    source_name: str | None = None
    source_url: str | None = None

    def __post_init__(self) -> None:
        if self.source_name is not None and self.source_url is None:
            raise ValueError("`source_name` needs a `source_url`")

    @property
    def unique_identifier(self) -> tuple[Any, ...]:
        """What says which task and dataset the metric is about."""
        return (
            self.task_type,
            self.dataset_type,
            self.dataset_config,
            self.dataset_split,
            self.dataset_revision,
        )

    def is_equal_except_value(self, other: EvalResult) -> bool:
        """Whether ``other`` measures the same, with whatever value."""
        return all(
            getattr(self, name) == getattr(other, name)
            for name in (entry.name for entry in fields(self))
            # The proof is made from the value.
            if name not in ("metric_value", "verify_token")
        )


def model_index_to_eval_results(
    model_index: Sequence[Mapping[str, Any]],
) -> tuple[str, list[EvalResult]]:
    """The model's name and its results from the ``model-index`` of a card.

    Raises:
        ValueError: if it is empty.
        KeyError: if a required part is missing; `TypeError` if one has the wrong kind.
    """
    if not model_index:
        raise ValueError("`model-index` is empty")
    found = []
    name = ""
    for model in model_index:
        name = model["name"]
        for result in model["results"]:
            found.extend(_results(result))
    return name, found


def _results(result: Mapping[str, Any]) -> list[EvalResult]:
    task, dataset, source = result["task"], result["dataset"], result.get("source") or {}
    return [
        EvalResult(
            task_type=task["type"],
            task_name=task.get("name"),
            dataset_type=dataset["type"],
            dataset_name=dataset["name"],
            dataset_config=dataset.get("config"),
            dataset_split=dataset.get("split"),
            dataset_revision=dataset.get("revision"),
            dataset_args=dataset.get("args"),
            metric_type=metric["type"],
            metric_value=metric["value"],
            metric_name=metric.get("name"),
            metric_config=metric.get("config"),
            metric_args=metric.get("args"),
            verified=metric.get("verified"),
            verify_token=metric.get("verifyToken"),
            source_name=source.get("name"),
            source_url=source.get("url"),
        )
        for metric in result["metrics"]
    ]


def eval_results_to_model_index(
    model_name: str | None, eval_results: Sequence[EvalResult]
) -> list[dict[str, Any]]:
    """The ``model-index`` of a card that holds ``eval_results``, grouped by task and dataset."""
    groups: dict[tuple[Any, ...], list[EvalResult]] = {}
    for result in eval_results:
        groups.setdefault(result.unique_identifier, []).append(result)
    results = [_group(group) for group in groups.values()]
    return [_without_none({"name": model_name, "results": results})]


def _group(results: Sequence[EvalResult]) -> dict[str, Any]:
    first = results[0]
    made: dict[str, Any] = {
        "task": {"type": first.task_type, "name": first.task_name},
        "dataset": {
            "name": first.dataset_name,
            "type": first.dataset_type,
            "config": first.dataset_config,
            "split": first.dataset_split,
            "revision": first.dataset_revision,
            "args": first.dataset_args,
        },
        "metrics": [
            {
                "type": result.metric_type,
                "value": result.metric_value,
                "name": result.metric_name,
                "config": result.metric_config,
                "args": result.metric_args,
                "verified": result.verified,
                "verifyToken": result.verify_token,
            }
            for result in results
        ],
    }
    if first.source_url is not None:
        made["source"] = {"url": first.source_url, "name": first.source_name}
    return made


def _without_none(value: Any) -> Any:
    """``value`` without the nulls that it holds at any depth."""
    if isinstance(value, (list, tuple, set)):
        return type(value)(_without_none(part) for part in value if part is not None)
    if isinstance(value, dict):
        return {
            key: _without_none(part)
            for key, part in value.items()
            if key is not None and part is not None
        }
    return value
