"""Calls that find repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from hfhub.api.caller import Caller
from hfhub.api.search import (
    emits_within,
    find_datasets,
    find_models,
    find_spaces,
    sort_name,
    tagged,
    words,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hfhub.models import DatasetInfo, ModelInfo, SpaceInfo


class SearchCalls(Caller):
    """What can be asked about all repositories."""

    def list_models(
        self,
        *,
        filter: str | Iterable[str] | None = None,  # noqa: A002 - the peer's name
        author: str | None = None,
        apps: str | list[str] | None = None,
        gated: bool | None = None,
        inference: Literal["warm"] | None = None,
        inference_provider: str | list[str] | None = None,
        trained_dataset: str | list[str] | None = None,
        search: str | None = None,
        pipeline_tag: str | None = None,
        num_parameters: str | None = None,
        emissions_thresholds: tuple[float | None, float | None] | None = None,
        sort: str | None = None,
        limit: int | None = None,
        expand: list[str] | None = None,
        full: bool | None = None,
        cardData: bool = False,  # noqa: N803 - the peer's name
        fetch_config: bool = False,
        token: bool | str | None = None,
    ) -> Iterable[ModelInfo]:
        """Find models; pages are asked for as they are consumed.

        Args:
            filter: tags that all must be there.
            author: an owner.
            apps: programs that can run it.
            gated: whether access must be asked for.
            inference: ``warm``: a provider serves it.
            inference_provider: that serves it.
            trained_dataset: that it was trained on.
            search: words in its name.
            pipeline_tag: what it is for.
            num_parameters: such as ``min:3B,max:10B``.
            emissions_thresholds: least and most grams of CO2; needs ``cardData``.
            sort: ``downloads``, ``likes``, ``created_at``, ``last_modified``, ``trending_score``.
            limit: how many at most.
            expand: only these properties; excludes the three below.
            full: whether siblings, dates and more come along.
            cardData: whether card data come along.
            fetch_config: whether the configuration comes along.
            token: a token, True (required), False (none).

        Raises:
            ValueError: if arguments exclude each other.
        """
        if expand and (full or cardData or fetch_config):
            raise ValueError("`expand` excludes `full`, `cardData` and `fetch_config`")
        if emissions_thresholds is not None and not cardData:
            raise ValueError("`emissions_thresholds` needs `cardData=True`")
        query = _query(
            filter=[*words(filter), *tagged("dataset", trained_dataset)],
            author=author,
            apps=words(apps),
            gated=gated,
            inference=inference,
            inference_provider=inference_provider,
            pipeline_tag=pipeline_tag,
            num_parameters=num_parameters,
            search=search,
            sort=sort,
            full=full or None,
            config=fetch_config or None,
            cardData=cardData or None,
            expand=expand,
        )
        found = find_models(self.client(token), query, limit)
        if emissions_thresholds is None:
            return found
        low, high = emissions_thresholds
        return (model for model in found if emits_within(model, low, high))

    def list_datasets(
        self,
        *,
        filter: str | Iterable[str] | None = None,  # noqa: A002 - the peer's name
        author: str | None = None,
        benchmark: Literal[True] | str | None = None,
        dataset_name: str | None = None,
        gated: bool | None = None,
        language_creators: str | list[str] | None = None,
        language: str | list[str] | None = None,
        multilinguality: str | list[str] | None = None,
        size_categories: str | list[str] | None = None,
        task_categories: str | list[str] | None = None,
        task_ids: str | list[str] | None = None,
        search: str | None = None,
        sort: str | None = None,
        limit: int | None = None,
        expand: list[str] | None = None,
        full: bool | None = None,
        token: bool | str | None = None,
    ) -> Iterable[DatasetInfo]:
        """Find datasets; pages are asked for as they are consumed.

        Args:
            filter: tags that all must be there.
            author: an owner.
            benchmark: True for official benchmarks, or another kind.
            dataset_name: words in its name.
            gated: whether access must be asked for.
            language_creators: how its texts were made.
            language: of its texts.
            multilinguality: whether it is in many languages.
            size_categories: how many rows it has.
            task_categories: what it is for.
            task_ids: the same, finer.
            search: words in its name.
            sort: ``downloads``, ``likes``, ``created_at``, ``last_modified``, ``trending_score``.
            limit: how many at most.
            expand: only these properties; excludes ``full``.
            full: whether siblings, card data and more come along.
            token: a token, True (required), False (none).

        Raises:
            ValueError: if ``expand`` and ``full`` are both given.
        """
        if expand and full:
            raise ValueError("`expand` excludes `full`")
        kind = "official" if benchmark is True else benchmark
        query = _query(
            filter=[
                *words(filter),
                *tagged("language_creators", language_creators),
                *tagged("language", language),
                *tagged("multilinguality", multilinguality),
                *tagged("size_categories", size_categories),
                *tagged("task_categories", task_categories),
                *tagged("task_ids", task_ids),
                *([] if kind is None else [f"benchmark:{kind}"]),
            ],
            author=author,
            gated=gated,
            search=[*words(dataset_name), *words(search)],
            sort=sort,
            full=full or None,
            expand=expand,
        )
        return find_datasets(self.client(token), query, limit)

    def list_spaces(
        self,
        *,
        filter: str | Iterable[str] | None = None,  # noqa: A002 - the peer's name
        author: str | None = None,
        search: str | None = None,
        datasets: str | Iterable[str] | None = None,
        models: str | Iterable[str] | None = None,
        linked: bool = False,
        sort: str | None = None,
        limit: int | None = None,
        expand: list[str] | None = None,
        full: bool | None = None,
        token: bool | str | None = None,
    ) -> Iterable[SpaceInfo]:
        """Find Spaces; pages are asked for as they are consumed.

        Args:
            filter: tags that all must be there.
            author: an owner.
            search: words in its name.
            datasets: that it uses.
            models: that it uses.
            linked: only those that use a model or a dataset.
            sort: ``likes``, ``created_at``, ``last_modified``, ``trending_score``.
            limit: how many at most.
            expand: only these properties; excludes ``full``.
            full: whether siblings, card data and more come along.
            token: a token, True (required), False (none).

        Raises:
            ValueError: if ``expand`` and ``full`` are both given.
        """
        if expand and full:
            raise ValueError("`expand` excludes `full`")
        query = _query(
            filter=words(filter),
            author=author,
            search=search,
            datasets=words(datasets),
            models=words(models),
            linked=linked or None,
            sort=sort,
            full=full or None,
            expand=expand,
        )
        return find_spaces(self.client(token), query, limit)


def _query(*, sort: str | None, **query: Any) -> dict[str, Any]:
    return {**query, "sort": sort_name(sort)}
