from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from hfhub.local_hub import LocalHub, User

if TYPE_CHECKING:
    from collections.abc import Iterator

Ask = Any
ANN = {"Authorization": "Bearer hf_ann"}
BOB = {"Authorization": "Bearer hf_bob"}
FILE = "/datasets/ann/{}/resolve/main/a.txt"


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub(tokens={"hf_ann": User("ann", ("team",)), "hf_bob": "bob"}) as hub:
        hub.add("ann/open", {"a.txt": "a"})
        hub.add("ann/secret", {"a.txt": "a"}, private=True)
        hub.add("team/secret", {"a.txt": "a"}, private=True)
        hub.add("ann/gated", {"a.txt": "a"}, gated="manual")
        yield hub


def test_a_private_repository_looks_like_a_missing_one(hub: LocalHub, ask: Ask) -> None:
    for name in ("secret", "missing"):
        stranger = ask(hub.endpoint + FILE.format(name))
        other = ask(hub.endpoint + FILE.format(name), **BOB)
        assert (stranger.status, other.status) == (401, 404)
        assert stranger.headers["X-Error-Message"] == "Invalid username or password."
        assert other.headers["X-Error-Code"] == "RepoNotFound"


def test_its_owner_and_those_let_in_see_it(hub: LocalHub, ask: Ask) -> None:
    url = f"{hub.endpoint}/api/datasets/ann/secret"
    assert ask(url, **ANN).status == 200
    hub.grant("ann/secret", "bob")
    assert ask(url, **BOB).status == 200


def test_members_of_an_organization_see_its_private_repositories(hub: LocalHub, ask: Ask) -> None:
    url = f"{hub.endpoint}/api/datasets/team/secret"
    assert (ask(url, **ANN).status, ask(url, **BOB).status) == (200, 404)


def test_private_repositories_are_listed_for_their_owner_only(hub: LocalHub, ask: Ask) -> None:
    url = f"{hub.endpoint}/api/datasets?search=secret"
    assert ask(url, **BOB).json == []
    assert [facts["id"] for facts in ask(url, **ANN).json] == ["ann/secret", "team/secret"]


def test_a_gated_repository_lists_its_files_but_keeps_their_bytes(hub: LocalHub, ask: Ask) -> None:
    assert ask(f"{hub.endpoint}/api/datasets/ann/gated/tree/main").status == 200
    stranger = ask(hub.endpoint + FILE.format("gated"), "HEAD")
    other = ask(hub.endpoint + FILE.format("gated"), "HEAD", **BOB)
    assert (stranger.status, other.status) == (401, 403)
    assert stranger.headers["X-Error-Code"] == other.headers["X-Error-Code"] == "GatedRepo"


def test_the_bytes_behind_the_redirect_are_gated_too(hub: LocalHub, ask: Ask) -> None:
    location = ask(hub.endpoint + FILE.format("gated"), **ANN).location
    assert ask(hub.endpoint + location).status == 401
    assert ask(hub.endpoint + location, **ANN).body == b"a"


def test_granting_opens_a_gated_repository(hub: LocalHub, ask: Ask) -> None:
    hub.grant("ann/gated", "bob")
    assert ask(hub.endpoint + FILE.format("gated"), **BOB).status == 307


def test_a_wrong_token_is_refused_even_where_none_is_needed(hub: LocalHub, ask: Ask) -> None:
    got = ask(hub.endpoint + FILE.format("open"), Authorization="Bearer hf_wrong")
    assert got.status == 401
    assert got.headers["X-Error-Message"] == "Invalid credentials in Authorization header"
    assert "X-Error-Code" not in got.headers


def test_a_disabled_repository(hub: LocalHub, ask: Ask) -> None:
    hub.disable("ann/open")
    got = ask(f"{hub.endpoint}/api/datasets/ann/open")
    assert (got.status, got.json) == (403, {"error": "Access to this resource is disabled."})


def test_whoami(hub: LocalHub, ask: Ask) -> None:
    url = f"{hub.endpoint}/api/whoami-v2"
    assert ask(url).status == 401
    facts = ask(url, **ANN).json
    assert (facts["name"], [org["name"] for org in facts["orgs"]]) == ("ann", ["team"])


def test_a_lenient_hub_takes_any_token_for_none(ask: Ask) -> None:
    with LocalHub(strict_tokens=False) as hub:
        hub.add("ann/open", {"a.txt": "a"})
        url = f"{hub.endpoint}/api/datasets/ann/open"
        assert ask(url, Authorization="Bearer hf_real").status == 200


def test_the_log_says_that_a_token_came_and_not_which(hub: LocalHub, ask: Ask) -> None:
    ask(f"{hub.endpoint}/api/datasets/ann/open", **ANN)
    ask(f"{hub.endpoint}/api/datasets/ann/open")
    assert [seen.authorized for seen in hub.requests] == [True, False]
    assert "hf_ann" not in repr(hub.requests)


def test_every_answer_tells_the_rate_limit_by_caller(hub: LocalHub, ask: Ask) -> None:
    api = f"{hub.endpoint}/api/datasets/ann/open"
    assert ask(api).headers["RateLimit"].startswith('"api";r=499;t=')
    assert ask(api).headers["RateLimit"].startswith('"api";r=498;t=')
    assert ask(api, **ANN).headers["RateLimit"].startswith('"api";r=999;t=')
    file = ask(hub.endpoint + FILE.format("missing"))
    assert file.headers["RateLimit"].startswith('"resolvers";r=2999;t=')
    assert file.headers["RateLimit-Policy"] == '"fixed window";"resolvers";q=3000;w=300'


def test_an_enforced_limit_ends_in_429(ask: Ask) -> None:
    with LocalHub(enforce_limits=True) as hub:
        url = f"{hub.endpoint}/api/datasets"
        last = [ask(url) for _ in range(501)][-2:]
    assert [got.status for got in last] == [200, 429]
    assert '"api";r=0;t=' in last[1].headers["RateLimit"]
