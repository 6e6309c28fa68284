"""Whose token it is, and what it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hfhub import errors
from hfhub.api import HfApi
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub(tokens={"hf_ann": "ann", "hf_bob": "bob"}) as hub:
        yield hub


def test_whoami_names_the_owner(hub: LocalHub) -> None:
    assert HfApi(endpoint=hub.endpoint, token="hf_ann").whoami()["name"] == "ann"
    assert HfApi(endpoint=hub.endpoint).whoami(token="hf_bob")["name"] == "bob"


def test_whoami_can_remember(hub: LocalHub) -> None:
    api = HfApi(endpoint=hub.endpoint, token="hf_ann")
    api.whoami(cache=True)
    api.whoami(cache=True)
    assert len(hub.requests) == 1
    api.whoami()
    assert len(hub.requests) == 2


def test_whoami_needs_a_token(hub: LocalHub) -> None:
    api = HfApi(endpoint=hub.endpoint)
    with pytest.raises(errors.LocalTokenNotFoundError):
        api.whoami()
    with pytest.raises(ValueError, match="token=False"):
        api.whoami(token=False)
    assert hub.requests == []


def test_a_wrong_token_is_named_so_and_not_shown(hub: LocalHub) -> None:
    with pytest.raises(errors.HfHubHTTPError, match="Invalid user token") as caught:
        HfApi(endpoint=hub.endpoint, token="hf_wrong").whoami()
    assert "hf_wrong" not in str(caught.value) + repr(caught.value)
    assert type(caught.value) is errors.HfHubHTTPError


def test_a_wrong_token_is_not_a_missing_repository(hub: LocalHub) -> None:
    hub.add("ann/open", {"a.txt": b"x"})
    with pytest.raises(errors.HfHubHTTPError) as caught:
        HfApi(endpoint=hub.endpoint, token="hf_wrong").dataset_info("ann/open")
    assert not isinstance(caught.value, errors.RepositoryNotFoundError)


def test_a_private_repository_opens_to_its_owner_only(hub: LocalHub) -> None:
    hub.add("ann/private", {"a.txt": b"x"}, private=True)
    HfApi(endpoint=hub.endpoint, token="hf_ann").auth_check("ann/private", repo_type="dataset")
    for token in ("hf_bob", False):
        with pytest.raises(errors.RepositoryNotFoundError):
            HfApi(endpoint=hub.endpoint, token=token).auth_check("ann/private", repo_type="dataset")


def test_a_gated_repository_opens_to_those_who_were_granted_access(hub: LocalHub) -> None:
    hub.add("ann/gated", {"a.txt": b"x"}, gated=True)
    api = HfApi(endpoint=hub.endpoint, token="hf_bob")
    with pytest.raises(errors.GatedRepoError):
        api.auth_check("ann/gated", repo_type="dataset")
    hub.grant("ann/gated", "bob")
    api.auth_check("ann/gated", repo_type="dataset")
