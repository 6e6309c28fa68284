"""Remote files that are kept as they are read."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hfhub import hf_hub_download, settings
from hfhub.api.commit import resolve
from hfhub.api.tree import list_files
from hfhub.download.remote import RemoteFile, open_file
from hfhub.errors import LocalEntryNotFoundError
from hfhub.http import client_for
from hfhub.local_hub import LocalHub
from hfhub.repo import RepoRef

MIB = 1 << 20
LARGE = random.Random(2).randbytes(40 * MIB + 7)


@pytest.fixture
def hub(local_hub):
    local_hub.add("me/rows", {"large.bin": LARGE, "small.bin": LARGE[:5000]}, lfs=["*"])
    return local_hub


def opened(name: str = "large.bin", *, keep: bool = True) -> RemoteFile:
    client = client_for(settings.current(), None)
    ref = RepoRef.parse("me/rows", "dataset", None)
    ref = ref.at(resolve(ref, client))
    (file,) = [file for file in list_files(client, ref) if file.path == name]
    assert file.digest is not None
    remote = open_file(client, ref, name, digest=file.digest, size=file.size, keep=keep)
    remote.hold()
    return remote


def cached(hub: LocalHub, name: str = "large.bin") -> bytes | None:
    client = client_for(settings.current(), None)
    commit = resolve(RepoRef.parse("me/rows", "dataset", None), client)
    try:
        path = hf_hub_download(
            "me/rows", name, repo_type="dataset", revision=commit, local_files_only=True
        )
    except LocalEntryNotFoundError:
        return None
    return Path(path).read_bytes()


@pytest.mark.parametrize(("name", "size"), [("large.bin", len(LARGE)), ("small.bin", 5000)])
def test_a_file_that_was_read_whole_is_in_the_cache(hub, name, size):
    with opened(name) as file:
        assert file.read() == LARGE[:size]
        assert cached(hub, name) == LARGE[:size]


def test_a_file_read_here_and_there_is_kept_when_nothing_is_missing(hub):
    pieces = [(start, min(start + 3 * MIB, len(LARGE))) for start in range(0, len(LARGE), 3 * MIB)]
    random.Random(3).shuffle(pieces)
    with opened() as file:
        for piece in pieces[:-1]:
            file.read_ranges([piece])
        assert cached(hub) is None
        file.read_ranges(pieces[-1:])
    assert cached(hub) == LARGE


def test_little_that_is_missing_is_fetched_at_the_end(hub):
    with opened() as file:
        file.read_ranges([(100, 20 * MIB), (20 * MIB + 50, len(LARGE))])
        assert cached(hub) is None
    assert cached(hub) == LARGE


def test_much_that_is_missing_is_not(hub):
    with opened() as file:
        file.read_ranges([(0, 20 * MIB)])
    assert cached(hub) is None
    assert sum(seen.nbytes for seen in hub.requests if seen.file) < 21 * MIB


def test_what_was_read_before_counts_for_later_readers_and_downloads(hub):
    with opened() as file:
        file.read_ranges([(0, 20 * MIB)])
    with opened() as file:
        file.read_ranges([(20 * MIB, 39 * MIB)])
    hub.clear_requests()
    path = hf_hub_download("me/rows", "large.bin", repo_type="dataset")

    assert Path(path).read_bytes() == LARGE
    assert sum(seen.nbytes for seen in hub.requests if seen.file) < 15 * MIB


def test_wrong_bytes_of_an_earlier_reader_are_not_kept_and_not_this_ones_failure(hub):
    with opened() as file:
        file.read_ranges([(0, 20 * MIB)])
    (partial,) = [path for path in settings.current().cache_dir.rglob("*") if is_unfinished(path)]
    with partial.open("r+b") as damaged:
        damaged.seek(1000)
        damaged.write(b"wrong")

    with opened() as file:
        assert file.read_range(20 * MIB, len(LARGE)) == LARGE[20 * MIB :]
    assert cached(hub) is None
    with opened() as file:
        assert file.read() == LARGE
    assert cached(hub) == LARGE


def is_unfinished(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 20 * MIB


def test_a_file_that_is_not_to_be_kept_leaves_nothing(hub):
    with opened(keep=False) as file:
        file.read()

    assert cached(hub) is None
