"""Offline, no socket is opened: by any call, on any path."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from hfhub import errors, settings
from hfhub.api import HfApi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hfhub.local_hub import LocalHub

_opened: list[str] = []
_watching = False


def _audit(event: str, _: object) -> None:
    if _watching and event in ("socket.__new__", "socket.connect", "socket.getaddrinfo"):
        _opened.append(event)


# An audit hook cannot be taken off again, so there is one for the process.
sys.addaudithook(_audit)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """What was done with sockets in this test."""
    global _watching
    _opened.clear()
    _watching = True
    yield _opened
    _watching = False


CALLS: dict[str, Callable[[HfApi], object]] = {
    "dataset_info": lambda api: api.dataset_info("o/n"),
    "list_repo_tree": lambda api: list(api.list_repo_tree("o/n")),
    "get_paths_info": lambda api: api.get_paths_info("o/n", ["a"]),
    "list_repo_refs": lambda api: api.list_repo_refs("o/n"),
    "list_datasets": lambda api: list(api.list_datasets()),
    "whoami": lambda api: api.whoami(token="hf_x"),
    "repo_exists": lambda api: api.repo_exists("o/n"),
    "file_exists": lambda api: api.file_exists("o/n", "a"),
    "get_hf_file_metadata": lambda api: api.get_hf_file_metadata(url=f"{api.endpoint}/o/n"),
}


@pytest.mark.parametrize("variable", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
@pytest.mark.parametrize("name", CALLS)
def test_no_call_opens_a_socket(local_hub: LocalHub, monkeypatch, opened, name, variable) -> None:
    monkeypatch.setenv(variable, "1")
    settings.reload()
    with pytest.raises(errors.OfflineModeIsEnabled, match="HF_HUB_OFFLINE"):
        CALLS[name](HfApi(endpoint=local_hub.endpoint))
    assert opened == []
    assert local_hub.requests == []


def test_a_revision_that_was_resolved_needs_no_socket(local_hub, monkeypatch, opened) -> None:
    sha = local_hub.add("o/n", {"a": b"x"})
    HfApi().resolve_revision("o/n", repo_type="dataset")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.reload()
    opened.clear()
    assert HfApi().resolve_revision("o/n", repo_type="dataset").resolved == sha
    assert opened == []


def test_the_watch_sees_a_socket_when_there_is_one(local_hub: LocalHub, opened) -> None:
    local_hub.add("o/n", {"a": b"x"})
    HfApi().dataset_info("o/n")
    assert "socket.connect" in opened
