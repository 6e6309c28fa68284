from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets.discovery.hub import HubSource, fetch, open_repo
from crucible_datasets.errors import DatasetNotFoundError
from hfhub import settings

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

FILES = {"a.csv": b"a\n1\n", "d/b.csv": b"a\n2\n"}


def opened(revision: str | None = None, token: str | None = None) -> Any:
    return open_repo("me/x", revision=revision, token=token, settings=settings.current())


def test_a_repository_is_listed_at_a_commit(local_hub: LocalHub) -> None:
    sha = local_hub.add("me/x", FILES)
    tree = opened()
    assert tree.place == f"hf://datasets/me/x@{sha}"
    assert list(tree.paths) == ["a.csv", "d/b.csv"]
    assert list(tree.within("d").paths) == ["b.csv"]


def test_files_are_fetched_once_and_found_again(local_hub: LocalHub) -> None:
    local_hub.add("me/x", FILES)
    files = opened().glob("**")
    assert [path.read_bytes() for path in fetch(files)] == list(FILES.values())
    local_hub.clear_requests()
    fetch(files)
    assert local_hub.count() == 0


def test_a_pinned_commit_that_is_cached_takes_no_request(local_hub: LocalHub) -> None:
    sha = local_hub.add("me/x", FILES)
    opened()
    local_hub.clear_requests()
    opened(sha)
    assert local_hub.count() == 0


@pytest.mark.parametrize("pattern", ["../a.csv", "/etc/passwd", "https://x/a.csv", "d/../../x"])
def test_a_pattern_can_not_leave_the_repository(local_hub: LocalHub, pattern: str) -> None:
    local_hub.add("me/x", FILES)
    with pytest.raises(ValueError, match="don't belong"):
        opened().glob(pattern)


def test_what_is_not_there_is_said_in_words(local_hub: LocalHub) -> None:
    with pytest.raises(DatasetNotFoundError, match="me/x"):
        opened()
    local_hub.add("me/x", FILES)
    with pytest.raises(DatasetNotFoundError, match="'nope'"):
        opened("nope")


def test_a_gated_file_says_so(local_hub: LocalHub) -> None:
    local_hub.add("me/x", FILES, gated=True)
    with pytest.raises(DatasetNotFoundError, match="gated"):
        fetch(opened().glob("**"))


def test_without_a_network_the_last_commit_is_read(
    local_hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha = local_hub.add("me/x", FILES)
    fetch(opened().glob("**"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.reload()
    tree = opened()
    assert tree.ref.revision == sha
    assert tree.read("a.csv") == FILES["a.csv"]


def test_without_a_network_an_unknown_repository_is_a_connection_error(
    local_hub: LocalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.reload()
    with pytest.raises(ConnectionError, match="me/x"):
        opened()


def test_a_source_survives_pickling_and_does_not_print_its_token(local_hub: LocalHub) -> None:
    local_hub.add("me/x", FILES)
    [file] = open_repo("me/x", revision=None, token=False, settings=settings.current()).glob(
        "a.csv"
    )
    source = pickle.loads(pickle.dumps(file.source))
    assert isinstance(source, HubSource)
    assert "token" not in repr(source)
    with source.open() as stream:
        assert stream.read() == FILES["a.csv"]
