"""Models, datasets and Spaces as the Hub describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Self

from hfhub.models.files import RepoSibling
from hfhub.models.record import Draft, Record
from hfhub.models.space import SpaceRuntime

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hfhub.repocard_data import DatasetCardData, ModelCardData, SpaceCardData

Gated = Literal["auto", "manual", False]


class RepoInfo(Record):
    """What models, datasets and Spaces have in common."""

    __slots__ = ()

    last_modified: datetime | None

    @property
    def lastModified(self) -> datetime | None:  # noqa: N802 - the peer's older name
        """When it last changed, by its older name."""
        return self.last_modified

    @property
    def cardData(self) -> Any:  # noqa: N802 - the peer's older name
        """The card's metadata, by its older name."""
        return self.get("card_data")


@dataclass(frozen=True, slots=True)
class TransformersInfo(Record):
    """How `transformers` loads a model."""

    auto_model: str
    custom_class: str | None = None
    pipeline_tag: str | None = None
    processor: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class SafeTensorsInfo(Record):
    """How many parameters a model has, by data type and in total."""

    parameters: dict[str, int]
    total: int | None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class ModelInfo(RepoInfo):
    """A model. What was not asked for, or is not known, is None.

    Attributes:
        id: ``owner/name``.
        author: who owns it.
        base_models: what it was made from.
        card_data: the metadata of its card.
        children_model_count: how many models were made from it.
        config: parts of its ``config.json``.
        created_at: when it was made.
        disabled: whether the Hub closed it.
        downloads: in the last 30 days.
        downloads_all_time: since it was made.
        eval_results: evaluation results of its card's repository, as the Hub gives them.
        gated: whether access must be asked for, and who grants it.
        gguf: metadata of its GGUF files.
        inference: ``warm`` if an inference provider serves it.
        inference_provider_mapping: how providers serve it, as the Hub gives it.
        last_modified: when it last changed.
        library_name: what loads it.
        likes: how many like it.
        mask_token: of its tokenizer.
        model_index: evaluation results from its card.
        pipeline_tag: what it is for.
        private: whether only its owner sees it.
        resource_group: of an organisation.
        safetensors: how many parameters it has.
        security_repo_status: what the scanners said.
        sha: the commit that all this is about.
        siblings: its files.
        spaces: Spaces that use it.
        tags: from its card, and computed.
        transformers_info: how `transformers` loads it.
        trending_score: how it trends.
        used_storage: bytes of all revisions.
        widget_data: examples for its page.
    """

    id: str
    author: str | None = None
    base_models: Any = None
    card_data: ModelCardData | None = None
    children_model_count: int | None = None
    config: dict[str, Any] | None = None
    created_at: datetime | None = None
    disabled: bool | None = None
    downloads: int | None = None
    downloads_all_time: int | None = None
    eval_results: list[Any] | None = None
    gated: Gated | None = None
    gguf: dict[str, Any] | None = None
    inference: str | None = None
    inference_provider_mapping: Any = None
    last_modified: datetime | None = None
    library_name: str | None = None
    likes: int | None = None
    mask_token: str | None = None
    model_index: Any = None
    pipeline_tag: str | None = None
    private: bool | None = None
    resource_group: dict[str, Any] | None = None
    safetensors: SafeTensorsInfo | None = None
    security_repo_status: dict[str, Any] | None = None
    sha: str | None = None
    siblings: list[RepoSibling] | None = None
    spaces: list[str] | None = None
    tags: list[str] | None = None
    transformers_info: TransformersInfo | None = None
    trending_score: int | None = None
    used_storage: int | None = None
    widget_data: Any = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read one from an answer."""
        draft = Draft(data)
        return cls(
            id=draft.text("id", "modelId") or "",
            author=draft.text("author"),
            base_models=draft.any("baseModels"),
            card_data=_model_card(draft.any("cardData", "card_data")),
            children_model_count=draft.number("childrenModelCount"),
            config=draft.table("config"),
            created_at=draft.time("createdAt", "created_at"),
            disabled=draft.flag("disabled"),
            downloads=draft.number("downloads"),
            downloads_all_time=draft.number("downloadsAllTime"),
            eval_results=draft.any("evalResults"),
            gated=draft.any("gated"),
            gguf=draft.table("gguf"),
            inference=draft.text("inference"),
            inference_provider_mapping=draft.any("inferenceProviderMapping"),
            last_modified=draft.time("lastModified", "last_modified"),
            library_name=draft.text("library_name"),
            likes=draft.number("likes"),
            mask_token=draft.text("mask_token"),
            model_index=draft.any("model-index", "model_index"),
            pipeline_tag=draft.text("pipeline_tag"),
            private=draft.flag("private"),
            resource_group=draft.table("resourceGroup"),
            safetensors=_safetensors(draft.table("safetensors")),
            security_repo_status=draft.table("securityRepoStatus"),
            sha=draft.text("sha"),
            siblings=_siblings(draft.any("siblings")),
            spaces=draft.texts("spaces"),
            tags=draft.texts("tags"),
            transformers_info=_transformers(draft.table("transformersInfo", "transformers_info")),
            trending_score=draft.any("trendingScore"),
            used_storage=draft.number("usedStorage"),
            widget_data=draft.any("widgetData"),
            extra=draft.rest,
        )

    @property
    def transformersInfo(self) -> TransformersInfo | None:  # noqa: N802 - the peer's older name
        """How `transformers` loads it, by its older name."""
        return self.transformers_info


@dataclass(frozen=True, slots=True)
class DatasetInfo(RepoInfo):
    """A dataset. What was not asked for, or is not known, is None.

    Attributes:
        id: ``owner/name``.
        author: who owns it.
        card_data: the metadata of its card.
        citation: how to cite it.
        created_at: when it was made.
        description: the beginning of its card.
        disabled: whether the Hub closed it.
        downloads: in the last 30 days.
        downloads_all_time: since it was made.
        gated: whether access must be asked for, and who grants it.
        last_modified: when it last changed.
        likes: how many like it.
        main_size: bytes of the main branch.
        paperswithcode_id: its name there.
        private: whether only its owner sees it.
        resource_group: of an organisation.
        sha: the commit that all this is about.
        siblings: its files.
        tags: from its card, and computed.
        trending_score: how it trends.
        used_storage: bytes of all revisions.
    """

    id: str
    author: str | None = None
    card_data: DatasetCardData | None = None
    citation: str | None = None
    created_at: datetime | None = None
    description: str | None = None
    disabled: bool | None = None
    downloads: int | None = None
    downloads_all_time: int | None = None
    gated: Gated | None = None
    last_modified: datetime | None = None
    likes: int | None = None
    main_size: int | None = None
    paperswithcode_id: str | None = None
    private: bool | None = None
    resource_group: dict[str, Any] | None = None
    sha: str | None = None
    siblings: list[RepoSibling] | None = None
    tags: list[str] | None = None
    trending_score: int | None = None
    used_storage: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read one from an answer."""
        draft = Draft(data)
        return cls(
            id=draft.text("id") or "",
            author=draft.text("author"),
            card_data=_dataset_card(draft.any("cardData", "card_data")),
            citation=draft.text("citation"),
            created_at=draft.time("createdAt", "created_at"),
            description=draft.text("description"),
            disabled=draft.flag("disabled"),
            downloads=draft.number("downloads"),
            downloads_all_time=draft.number("downloadsAllTime"),
            gated=draft.any("gated"),
            last_modified=draft.time("lastModified", "last_modified"),
            likes=draft.number("likes"),
            main_size=draft.number("mainSize"),
            paperswithcode_id=draft.text("paperswithcode_id"),
            private=draft.flag("private"),
            resource_group=draft.table("resourceGroup"),
            sha=draft.text("sha"),
            siblings=_siblings(draft.any("siblings")),
            tags=draft.texts("tags"),
            trending_score=draft.any("trendingScore"),
            used_storage=draft.number("usedStorage"),
            extra=draft.rest,
        )


@dataclass(frozen=True, slots=True)
class SpaceInfo(RepoInfo):
    """A Space. What was not asked for, or is not known, is None.

    Attributes:
        id: ``owner/name``.
        author: who owns it.
        card_data: the metadata of its card.
        created_at: when it was made.
        datasets: datasets that it uses.
        disabled: whether the Hub closed it.
        gated: whether access must be asked for, and who grants it.
        host: where it runs.
        last_modified: when it last changed.
        likes: how many like it.
        models: models that it uses.
        private: whether only its owner sees it.
        region: where it is kept.
        resource_group: of an organisation.
        runtime: how it runs.
        sdk: what it is made with.
        sha: the commit that all this is about.
        siblings: its files.
        subdomain: of its own address.
        tags: from its card, and computed.
        trending_score: how it trends.
        used_storage: bytes of all revisions.
    """

    id: str
    author: str | None = None
    card_data: SpaceCardData | None = None
    created_at: datetime | None = None
    datasets: list[str] | None = None
    disabled: bool | None = None
    gated: Gated | None = None
    host: str | None = None
    last_modified: datetime | None = None
    likes: int | None = None
    models: list[str] | None = None
    private: bool | None = None
    region: str | None = None
    resource_group: dict[str, Any] | None = None
    runtime: SpaceRuntime | None = None
    sdk: str | None = None
    sha: str | None = None
    siblings: list[RepoSibling] | None = None
    subdomain: str | None = None
    tags: list[str] | None = None
    trending_score: int | None = None
    used_storage: int | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def from_api(cls, data: Mapping[str, Any]) -> Self:
        """Read one from an answer."""
        draft = Draft(data)
        runtime = draft.table("runtime")
        return cls(
            id=draft.text("id") or "",
            author=draft.text("author"),
            card_data=_space_card(draft.any("cardData", "card_data")),
            created_at=draft.time("createdAt", "created_at"),
            datasets=draft.texts("datasets"),
            disabled=draft.flag("disabled"),
            gated=draft.any("gated"),
            host=draft.text("host"),
            last_modified=draft.time("lastModified", "last_modified"),
            likes=draft.number("likes"),
            models=draft.texts("models"),
            private=draft.flag("private"),
            region=draft.text("region"),
            resource_group=draft.table("resourceGroup"),
            runtime=None if runtime is None else SpaceRuntime.from_api(runtime),
            sdk=draft.text("sdk"),
            sha=draft.text("sha"),
            siblings=_siblings(draft.any("siblings")),
            subdomain=draft.text("subdomain"),
            tags=draft.texts("tags"),
            trending_score=draft.any("trendingScore"),
            used_storage=draft.number("usedStorage"),
            extra=draft.rest,
        )


def _siblings(data: object) -> list[RepoSibling] | None:
    if not isinstance(data, list):
        return None
    return [found for row in data if (found := RepoSibling.from_api(row)) is not None]


def _safetensors(data: dict[str, Any] | None) -> SafeTensorsInfo | None:
    if data is None:
        return None
    draft = Draft(data)
    return SafeTensorsInfo(draft.table("parameters") or {}, draft.number("total"), draft.rest)


def _transformers(data: dict[str, Any] | None) -> TransformersInfo | None:
    if data is None:
        return None
    draft = Draft(data)
    return TransformersInfo(
        draft.text("auto_model") or "",
        draft.text("custom_class"),
        draft.text("pipeline_tag"),
        draft.text("processor"),
        draft.rest,
    )


def _model_card(data: object) -> ModelCardData | None:
    if data is None:
        return None
    from hfhub.repocard_data import ModelCardData

    return ModelCardData.lenient(data)


def _dataset_card(data: object) -> DatasetCardData | None:
    if data is None:
        return None
    from hfhub.repocard_data import DatasetCardData

    return DatasetCardData.lenient(data)


def _space_card(data: object) -> SpaceCardData | None:
    if data is None:
        return None
    from hfhub.repocard_data import SpaceCardData

    return SpaceCardData.lenient(data)
