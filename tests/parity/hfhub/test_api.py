"""The same calls on the real ``huggingface_hub`` and on ours, field by field."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import datetime
from typing import TYPE_CHECKING, Any

import huggingface_hub as peer
import pytest
from huggingface_hub.repocard_data import CardData as PeerCardData

import hfhub.api as ours
from hfhub import errors
from hfhub.local_hub import LocalHub
from hfhub.repocard_data import CardData

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CARD = b"""---
license: mit
language:
- en
tags: [math, tiny]
configs:
- config_name: main
  data_files: data/*.jsonl
---
# A card
"""
MODEL_CARD = b"""---
license: apache-2.0
base_model: ann/base
pipeline_tag: text-generation
model-index:
- name: tiny
  results:
  - task: {type: text-generation}
    dataset: {type: gsm8k, name: GSM8K, split: test}
    metrics:
    - {type: exact_match, value: 12.5}
---
# A model
"""


@pytest.fixture(scope="module")
def hub() -> Iterator[LocalHub]:
    with LocalHub(tokens={"hf_ann": "ann", "hf_bob": "bob"}) as hub:
        hub.add("ann/data", {"README.md": CARD, "data/a.jsonl": b"{}\n", "b.parquet": b"PAR1"})
        hub.add("ann/data", {"data/c.jsonl": b"{}\n"}, message="Add c\n\nIt was missing.")
        hub.add("ann/data", {"x.txt": b"x"}, branch="refs/pr/1")
        hub.add("ann/data", {"m/train/0000.parquet": b"PAR1"}, branch="refs/convert/parquet")
        hub.tag("ann/data", "v1", at="main")
        hub.add("ann/many", {f"f/{n:04}": b"x" for n in range(1500)})
        hub.add("ann/model", {"README.md": MODEL_CARD, "w.safetensors": b"x"}, repo_type="model")
        hub.add("ann/space", {"README.md": b"---\nsdk: gradio\n---\n"}, repo_type="space")
        hub.add("ann/secret", {"a": b"x"}, private=True)
        hub.add("ann/gated", {"a.txt": b"x"}, gated=True)
        hub.add("ann/closed", {"a.txt": b"x"})
        hub.disable("ann/closed")
        yield hub


def plain(value: Any) -> Any:
    """``value`` as both libraries would have it in JSON, so that only meaning is compared."""
    if isinstance(value, (PeerCardData, CardData)):
        return value.to_dict()
    if isinstance(value, str) and hasattr(value, "resolved"):
        return [str(value), value.initial, value.resolved]
    if dataclasses.is_dataclass(value):
        names = {field.name for field in dataclasses.fields(value)} - {"extra", "xet_file_data"}
        return {name: plain(getattr(value, name)) for name in sorted(names)}
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, (str, int, float, type(None), datetime)):
        return value
    return [plain(part) for part in value]


CALLS: dict[str, Callable[[Any], Any]] = {
    "dataset_info": lambda a: a.dataset_info("ann/data"),
    "dataset_info at a tag": lambda a: a.dataset_info("ann/data", revision="v1"),
    "dataset_info at a pull request": lambda a: a.dataset_info("ann/data", revision="refs/pr/1"),
    "dataset_info with files": lambda a: a.dataset_info("ann/data", files_metadata=True),
    "dataset_info expanded": lambda a: a.dataset_info("ann/data", expand=["sha", "gated"]),
    "model_info": lambda a: a.model_info("ann/model"),
    "model_info with files": lambda a: a.model_info("ann/model", files_metadata=True),
    "space_info": lambda a: a.space_info("ann/space"),
    "repo_info": lambda a: a.repo_info("ann/data", repo_type="dataset"),
    "list_repo_tree": lambda a: a.list_repo_tree("ann/data", repo_type="dataset"),
    "list_repo_tree recursive": lambda a: a.list_repo_tree(
        "ann/data", repo_type="dataset", recursive=True
    ),
    "list_repo_tree expanded": lambda a: a.list_repo_tree(
        "ann/data", "data", repo_type="dataset", expand=True
    ),
    "list_repo_files": lambda a: a.list_repo_files("ann/data", repo_type="dataset"),
    "list_repo_files of two pages": lambda a: a.list_repo_files("ann/many", repo_type="dataset"),
    "get_paths_info": lambda a: a.get_paths_info(
        "ann/data", ["README.md", "data", "none"], repo_type="dataset"
    ),
    "get_paths_info of one, expanded": lambda a: a.get_paths_info(
        "ann/data", "b.parquet", repo_type="dataset", expand=True
    ),
    "list_repo_refs": lambda a: a.list_repo_refs("ann/data", repo_type="dataset"),
    "list_repo_refs with pull requests": lambda a: a.list_repo_refs(
        "ann/data", repo_type="dataset", include_pull_requests=True
    ),
    "list_repo_commits": lambda a: a.list_repo_commits("ann/data", repo_type="dataset"),
    "list_repo_commits formatted": lambda a: a.list_repo_commits(
        "ann/data", repo_type="dataset", formatted=True
    ),
    "list_datasets": lambda a: a.list_datasets(),
    "list_datasets in full": lambda a: a.list_datasets(full=True, limit=2),
    "list_datasets filtered": lambda a: a.list_datasets(filter="license:mit", author="ann"),
    "list_models": lambda a: a.list_models(full=True, cardData=True),
    "list_spaces": lambda a: a.list_spaces(full=True),
    "whoami": lambda a: a.whoami(token="hf_ann"),
    "resolve_revision": lambda a: a.resolve_revision("ann/data", repo_type="dataset"),
    "resolve_revision of a tag": lambda a: a.resolve_revision(
        "ann/data", repo_type="dataset", revision="v1"
    ),
    "repo_exists": lambda a: [
        a.repo_exists(name, repo_type="dataset")
        for name in ("ann/data", "ann/none", "ann/secret", "ann/gated")
    ],
    "revision_exists": lambda a: [
        a.revision_exists("ann/data", name, repo_type="dataset") for name in ("main", "v1", "none")
    ],
    "file_exists": lambda a: [
        a.file_exists("ann/data", name, repo_type="dataset")
        for name in ("README.md", "b.parquet", "none", "data")
    ],
    "auth_check": lambda a: a.auth_check("ann/secret", repo_type="dataset", token="hf_ann"),
}


@pytest.mark.parametrize("name", CALLS)
def test_both_give_the_same(hub: LocalHub, name: str) -> None:
    call = CALLS[name]
    theirs = plain(call(peer.HfApi(endpoint=hub.endpoint)))
    assert plain(call(ours.HfApi(endpoint=hub.endpoint))) == theirs


@pytest.mark.parametrize("path", ["README.md", "b.parquet", "data/a.jsonl"])
def test_both_read_the_same_metadata(hub: LocalHub, path: str) -> None:
    url = f"{hub.endpoint}/datasets/ann/data/resolve/main/{path}"
    theirs = plain(peer.HfApi(endpoint=hub.endpoint).get_hf_file_metadata(url=url))
    found = plain(ours.HfApi(endpoint=hub.endpoint).get_hf_file_metadata(url=url))
    # A signed link is new each time; a relative one is made absolute by ours.
    theirs["location"] = theirs["location"].partition("?")[0]
    found["location"] = found["location"].partition("?")[0]
    assert found == theirs


FAILURES: dict[str, Callable[[Any], Any]] = {
    "a missing repository": lambda a: a.dataset_info("ann/none"),
    "a missing repository with a token": lambda a: a.dataset_info("ann/none", token="hf_ann"),
    "a private repository": lambda a: a.dataset_info("ann/secret", token="hf_bob"),
    "a missing revision": lambda a: a.dataset_info("ann/data", revision="none"),
    "a missing folder": lambda a: list(a.list_repo_tree("ann/data", "none", repo_type="dataset")),
    "a gated file": lambda a: a.file_exists("ann/gated", "a.txt", repo_type="dataset"),
    "a gated check": lambda a: a.auth_check("ann/gated", repo_type="dataset", token="hf_bob"),
    "a disabled repository": lambda a: a.dataset_info("ann/closed"),
    "a wrong token": lambda a: a.dataset_info("ann/data", token="hf_wrong"),
    "a wrong token's owner": lambda a: a.whoami(token="hf_wrong"),
    "no token": lambda a: a.whoami(),
    "no token when it is required": lambda a: a.dataset_info("ann/data", token=True),
    "a malformed id": lambda a: a.dataset_info("a/b/c"),
    "a malformed name": lambda a: a.dataset_info("a b"),
    "an unknown type": lambda a: a.repo_info("ann/data", repo_type="folder"),
    "expand with files": lambda a: a.dataset_info("ann/data", expand=["sha"], files_metadata=True),
    "an unknown revision, locally": lambda a: a.resolve_revision("x/y", local_files_only=True),
}


@pytest.mark.parametrize("name", FAILURES)
def test_both_fail_alike(hub: LocalHub, name: str) -> None:
    call = FAILURES[name]
    with pytest.raises(Exception) as theirs:
        call(peer.HfApi(endpoint=hub.endpoint))
    with pytest.raises(Exception) as caught:
        call(ours.HfApi(endpoint=hub.endpoint))
    names = {kind.__name__ for kind in type(caught.value).__mro__}
    assert type(theirs.value).__name__ in names
    if isinstance(theirs.value, peer.errors.HfHubHTTPError):
        assert isinstance(caught.value, errors.HfHubHTTPError)
        assert caught.value.response.status_code == theirs.value.response.status_code
        if theirs.value.server_message is not None:
            assert caught.value.server_message == theirs.value.server_message
    for builtin in (ValueError, OSError):
        assert not isinstance(theirs.value, builtin) or isinstance(caught.value, builtin)


METHODS = [
    name
    for name in dir(ours.HfApi)
    if not name.startswith("_")
    and callable(getattr(ours.HfApi, name))
    and hasattr(peer.HfApi, name)
]


@pytest.mark.parametrize("name", METHODS)
def test_arguments_have_the_peers_names_order_and_kind(name: str) -> None:
    def shape(method: Any) -> list[tuple[str, Any]]:
        return [(p.name, p.kind) for p in inspect.signature(method).parameters.values()]

    theirs, own = shape(getattr(peer.HfApi, name)), shape(getattr(ours.HfApi, name))
    assert own[: len(theirs)] == theirs


def test_the_constructor_has_the_peers_arguments() -> None:
    own = list(inspect.signature(ours.HfApi).parameters)
    assert own == list(inspect.signature(peer.HfApi).parameters)
