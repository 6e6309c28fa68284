"""Media that are links into the Hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crucible_datasets.media.places import read_bytes
from crucible_datasets.schema import Image
from hfhub import settings

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub


@pytest.fixture
def at_hub(local_hub: LocalHub, monkeypatch: pytest.MonkeyPatch) -> LocalHub:
    monkeypatch.setenv("HF_ENDPOINT", local_hub.endpoint)
    settings.reload()
    return local_hub


@pytest.mark.parametrize(
    "link",
    [
        "hf://datasets/o/n/img/a b.png",
        "hf://datasets/o/n@main/img/a b.png",
        "{endpoint}/datasets/o/n/resolve/main/img/a%20b.png",
    ],
)
def test_a_link_into_the_hub_is_read(at_hub: LocalHub, link: str) -> None:
    at_hub.add("o/n", {"img/a b.png": b"content"})

    assert read_bytes(link.format(endpoint=at_hub.endpoint)) == b"content"


def test_a_token_of_the_repository_opens_a_private_one(at_hub: LocalHub) -> None:
    at_hub.add("o/n", {"a.png": b"content"}, private=True)

    with pytest.raises(OSError, match="o/n"):
        read_bytes("hf://datasets/o/n/a.png", {"o/n": False})


def test_a_link_that_is_gone_may_be_read_as_nothing(at_hub: LocalHub) -> None:
    value = {"bytes": None, "path": "hf://datasets/o/n/a.png"}

    assert Image(on_error="null").decode_example(value) is None


def test_a_link_of_another_kind_says_that_it_is_not_there_yet() -> None:
    with pytest.raises(NotImplementedError, match="zip://"):
        read_bytes("zip://a.png::https://example.org/x.zip")
