"""Finding repositories."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest

from hfhub.api import HfApi

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub


@pytest.fixture
def api(local_hub: LocalHub) -> HfApi:
    for number in range(5):
        local_hub.add(f"ann/d{number}", {"README.md": b"---\nlanguage: en\n---\n"})
        local_hub.add(f"bob/m{number}", {"README.md": b"x"}, repo_type="model")
    local_hub.add("bob/app", {"README.md": b"x"}, repo_type="space")
    return HfApi(endpoint=local_hub.endpoint)


def query_of(local_hub: LocalHub) -> dict[str, list[str]]:
    return parse_qs(urlsplit(local_hub.requests[-1].target).query)


def test_everything_is_found(api: HfApi) -> None:
    assert sorted(dataset.id for dataset in api.list_datasets()) == [f"ann/d{n}" for n in range(5)]
    assert sorted(model.id for model in api.list_models()) == [f"bob/m{n}" for n in range(5)]
    assert [space.id for space in api.list_spaces()] == ["bob/app"]


def test_a_limit_ends_the_listing_without_the_next_page(local_hub, api) -> None:
    local_hub.clear_requests()
    assert len(list(api.list_datasets(limit=2))) == 2
    assert len(local_hub.requests) == 1


def test_an_author_and_words_narrow_the_search(api: HfApi) -> None:
    assert [one.id for one in api.list_datasets(author="bob")] == []
    assert [one.id for one in api.list_datasets(search="d3")] == ["ann/d3"]


def test_dataset_filters_become_tags(local_hub: LocalHub, api: HfApi) -> None:
    list(
        api.list_datasets(
            filter="math",
            language=["en", "language:de"],
            task_categories="text-generation",
            benchmark=True,
            dataset_name="gsm",
            sort="last_modified",
            full=True,
            gated=False,
        )
    )
    assert query_of(local_hub) == {
        "filter": [
            "math",
            "language:en",
            "language:de",
            "task_categories:text-generation",
            "benchmark:official",
        ],
        "search": ["gsm"],
        "sort": ["lastModified"],
        "full": ["true"],
        "gated": ["false"],
    }


def test_model_filters_become_the_hubs_names(local_hub: LocalHub, api: HfApi) -> None:
    list(
        api.list_models(
            filter=["pytorch"],
            trained_dataset="openai/gsm8k",
            pipeline_tag="text-generation",
            sort="trending_score",
            cardData=True,
            fetch_config=True,
            limit=3,
        )
    )
    assert query_of(local_hub) == {
        "filter": ["pytorch", "dataset:openai/gsm8k"],
        "pipeline_tag": ["text-generation"],
        "sort": ["trendingScore"],
        "cardData": ["true"],
        "config": ["true"],
        "limit": ["3"],
    }


@pytest.mark.parametrize(
    "call",
    [
        lambda api: api.list_models(expand=["sha"], full=True),
        lambda api: api.list_datasets(expand=["sha"], full=True),
        lambda api: api.list_spaces(expand=["sha"], full=True),
        lambda api: api.list_models(emissions_thresholds=(1, 2)),
    ],
)
def test_arguments_that_exclude_each_other_are_refused(api: HfApi, call) -> None:
    with pytest.raises(ValueError, match=r"excludes|needs"):
        call(api)


def test_models_are_kept_by_their_emissions(local_hub: LocalHub) -> None:
    for name, grams in (("low", "12.5 g"), ("high", "900"), ("odd", "[1]")):
        card = f"---\nco2_eq_emissions: {grams}\n---\n".encode()
        local_hub.add(f"eco/{name}", {"README.md": card}, repo_type="model")
    api = HfApi(endpoint=local_hub.endpoint)
    found = api.list_models(emissions_thresholds=(None, 100), cardData=True, full=True)
    assert [model.id for model in found] == ["eco/low"]
