"""The metadata of a card: what stands between the ``---`` lines of a README."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Self

from hfhub.eval_results import (
    EvalResult,
    eval_results_to_model_index,
    model_index_to_eval_results,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "CardData",
    "DatasetCardData",
    "EvalResult",
    "ModelCardData",
    "SpaceCardData",
    "eval_results_to_model_index",
    "model_index_to_eval_results",
]


class CardData:
    """Metadata by name, read and written as attributes or as items.

    >>> CardData(license="mit", tags=["a"])["license"]
    'mit'
    """

    def __init__(self, /, ignore_metadata_errors: bool = False, **kwargs: Any) -> None:
        """Hold ``kwargs``.

        Args:
            ignore_metadata_errors: leave out what is malformed, with a log line, instead of
                raising. (There is nothing to be malformed in plain card data.)
            kwargs: the metadata.
        """
        del ignore_metadata_errors
        vars(self).update(kwargs)

    @classmethod
    def lenient(cls, data: object) -> Self | None:
        """The card data in an answer of the Hub, or None if it is no object; never raises."""
        if not isinstance(data, dict):
            return None
        kwargs = {str(name): value for name, value in data.items()}
        kwargs["ignore_metadata_errors"] = True
        return cls(**kwargs)

    def to_dict(self) -> dict[str, Any]:
        """A deep copy as the README holds it; what is None is left out."""
        values = self._as_written(copy.deepcopy(vars(self)))
        return {name: value for name, value in values.items() if value is not None}

    def _as_written(self, values: dict[str, Any]) -> dict[str, Any]:
        """``values`` under the names and in the shape of the README."""
        return values

    def to_yaml(
        self, line_break: str | None = None, original_order: Sequence[str] | None = None
    ) -> str:
        """The metadata as YAML, without the ``---`` lines.

        Args:
            line_break: between lines; by default a newline.
            original_order: names that come first, in this order.
        """
        import yaml

        if original_order:
            values = vars(self).copy()
            first = {name: values[name] for name in original_order if name in values}
            vars(self).clear()
            vars(self).update(first | values)
        return str(
            yaml.safe_dump(
                self.to_dict(), sort_keys=False, allow_unicode=True, line_break=line_break
            )
        ).strip()

    def get(self, key: str, default: Any = None) -> Any:
        """The value of ``key``, or ``default`` if it is not there or None."""
        value = vars(self).get(key)
        return default if value is None else value

    def pop(self, key: str, default: Any = None) -> Any:
        """Take ``key`` out and give its value, or ``default``."""
        return vars(self).pop(key, default)

    def __getitem__(self, key: str) -> Any:
        return vars(self)[key]

    def __setitem__(self, key: str, value: Any) -> None:
        vars(self)[key] = value

    def __contains__(self, key: object) -> bool:
        return key in vars(self)

    def __len__(self) -> int:
        return len(vars(self))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    __hash__ = None  # type: ignore[assignment] # it may change

    def __repr__(self) -> str:
        return repr(vars(self))

    def __str__(self) -> str:
        return self.to_yaml()


class ModelCardData(CardData):
    """The metadata of a model's card."""

    def __init__(
        self,
        /,
        *,
        base_model: str | list[str] | None = None,
        datasets: str | list[str] | None = None,
        eval_results: list[EvalResult] | None = None,
        language: str | list[str] | None = None,
        library_name: str | None = None,
        license: str | None = None,  # noqa: A002 - the README's name
        license_name: str | None = None,
        license_link: str | None = None,
        metrics: list[str] | None = None,
        model_name: str | None = None,
        pipeline_tag: str | None = None,
        tags: list[str] | None = None,
        ignore_metadata_errors: bool = False,
        **kwargs: Any,
    ) -> None:
        """Hold the metadata.

        Args:
            base_model: what the model was made from.
            datasets: what it was trained on.
            eval_results: what was measured; needs ``model_name``. A ``model-index`` in ``kwargs``
                becomes these.
            language: of its texts.
            library_name: what loads it.
            license: its licence's identifier.
            license_name: its name, if the identifier is ``other``.
            license_link: where it can be read.
            metrics: that it was measured by.
            model_name: its name in ``eval_results``.
            pipeline_tag: what it is for.
            tags: more words; each is kept once.
            ignore_metadata_errors: leave out malformed results instead of raising.
            kwargs: more metadata.

        Raises:
            ValueError: if the results are malformed.
        """
        self.base_model = base_model
        self.datasets = datasets
        self.eval_results = eval_results
        self.language = language
        self.library_name = library_name
        self.license = license
        self.license_name = license_name
        self.license_link = license_link
        self.metrics = metrics
        self.model_name = model_name
        self.pipeline_tag = pipeline_tag
        self.tags = _unique(tags)
        model_index = kwargs.pop("model-index", None)
        super().__init__(**kwargs)
        try:
            if model_index:
                self.model_name, self.eval_results = model_index_to_eval_results(model_index)
            if self.eval_results:
                self.eval_results = _checked(self.eval_results, self.model_name)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            if not ignore_metadata_errors:
                raise ValueError(
                    f"the evaluation results are malformed ({type(error).__name__}: {error}); "
                    "correct the card, or leave them out with `ignore_metadata_errors=True`"
                ) from error
            _log(f"left out malformed evaluation results: {type(error).__name__}: {error}")

    def _as_written(self, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("eval_results") is not None:
            name, results = values.pop("model_name", None), values.pop("eval_results")
            values["model-index"] = eval_results_to_model_index(name, results)
        return values


class DatasetCardData(CardData):
    """The metadata of a dataset's card."""

    def __init__(
        self,
        /,
        *,
        language: str | list[str] | None = None,
        license: str | list[str] | None = None,  # noqa: A002 - the README's name
        annotations_creators: str | list[str] | None = None,
        language_creators: str | list[str] | None = None,
        multilinguality: str | list[str] | None = None,
        size_categories: str | list[str] | None = None,
        source_datasets: list[str] | None = None,
        task_categories: str | list[str] | None = None,
        task_ids: str | list[str] | None = None,
        paperswithcode_id: str | None = None,
        pretty_name: str | None = None,
        train_eval_index: dict[str, Any] | None = None,
        config_names: str | list[str] | None = None,
        ignore_metadata_errors: bool = False,
        **kwargs: Any,
    ) -> None:
        """Hold the metadata.

        Args:
            language: of its texts.
            license: its licence's identifier.
            annotations_creators: how its annotations were made.
            language_creators: how its texts were made.
            multilinguality: whether it is in many languages.
            size_categories: how many rows it has.
            source_datasets: what it was made from.
            task_categories: what it is for.
            task_ids: the same, finer.
            paperswithcode_id: its name there.
            pretty_name: its name for people.
            train_eval_index: how it is used to evaluate; ``train-eval-index`` in the README.
            config_names: its configurations.
            ignore_metadata_errors: as in `CardData`.
            kwargs: more metadata, such as ``configs`` and ``dataset_info``.
        """
        self.annotations_creators = annotations_creators
        self.language_creators = language_creators
        self.language = language
        self.license = license
        self.multilinguality = multilinguality
        self.size_categories = size_categories
        self.source_datasets = source_datasets
        self.task_categories = task_categories
        self.task_ids = task_ids
        self.paperswithcode_id = paperswithcode_id
        self.pretty_name = pretty_name
        self.config_names = config_names
        self.train_eval_index = train_eval_index or kwargs.pop("train-eval-index", None)
        super().__init__(ignore_metadata_errors, **kwargs)

    def _as_written(self, values: dict[str, Any]) -> dict[str, Any]:
        values["train-eval-index"] = values.pop("train_eval_index", None)
        return values


class SpaceCardData(CardData):
    """The metadata of a Space's card."""

    def __init__(
        self,
        /,
        *,
        title: str | None = None,
        sdk: str | None = None,
        sdk_version: str | None = None,
        python_version: str | None = None,
        app_file: str | None = None,
        app_port: int | None = None,
        license: str | None = None,  # noqa: A002 - the README's name
        duplicated_from: str | None = None,
        models: list[str] | None = None,
        datasets: list[str] | None = None,
        tags: list[str] | None = None,
        ignore_metadata_errors: bool = False,
        **kwargs: Any,
    ) -> None:
        """Hold the metadata.

        Args:
            title: of the Space.
            sdk: what it is made with.
            sdk_version: its version.
            python_version: the Python it runs on.
            app_file: the file that is run.
            app_port: the port that is shown.
            license: its licence's identifier.
            duplicated_from: the Space it was copied from.
            models: that it uses.
            datasets: that it uses.
            tags: more words; each is kept once.
            ignore_metadata_errors: as in `CardData`.
            kwargs: more metadata.
        """
        self.title = title
        self.sdk = sdk
        self.sdk_version = sdk_version
        self.python_version = python_version
        self.app_file = app_file
        self.app_port = app_port
        self.license = license
        self.duplicated_from = duplicated_from
        self.models = models
        self.datasets = datasets
        self.tags = _unique(tags)
        super().__init__(ignore_metadata_errors, **kwargs)


def _unique(tags: Any) -> list[Any] | None:
    """``tags`` in their order, each once; they may be unhashable when a README is odd."""
    if tags is None:
        return None
    found: list[Any] = []
    for tag in tags if isinstance(tags, (list, tuple, set)) else [tags]:
        if tag not in found:
            found.append(tag)
    return found


def _checked(eval_results: Any, model_name: str | None) -> list[EvalResult]:
    results = [eval_results] if isinstance(eval_results, EvalResult) else eval_results
    if not isinstance(results, list) or not all(isinstance(one, EvalResult) for one in results):
        raise ValueError(
            f"`eval_results` is to be an EvalResult or a list of them, not {type(results).__name__}"
        )
    if model_name is None:
        raise ValueError("`eval_results` need a `model_name`")
    return results


def _log(message: str) -> None:
    import logging  # 5 ms, for a rare line

    logging.getLogger("hfhub").warning(message)
