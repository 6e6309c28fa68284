"""`HfApi` downloads on behalf of its endpoint and token."""

from __future__ import annotations

from pathlib import Path

import pytest

from hfhub.hf_api import HfApi
from hfhub.local_hub import LocalHub


def test_files_and_snapshots_come_from_its_endpoint_with_its_token() -> None:
    with LocalHub(tokens={"hf_ann": "ann"}) as hub:
        hub.add("ann/private", {"a.txt": b"hello", "b/c.txt": b"there"}, private=True)
        api = HfApi(endpoint=hub.endpoint, token="hf_ann", library_name="mylib")
        path = api.hf_hub_download("ann/private", "a.txt", repo_type="dataset")
        folder = api.snapshot_download("ann/private", repo_type="dataset")
        agents = {seen.headers["user-agent"].split(";")[0] for seen in hub.requests}
    assert isinstance(path, str)
    assert isinstance(folder, str)
    assert Path(path).read_bytes() == b"hello"
    assert (Path(folder) / "b" / "c.txt").read_bytes() == b"there"
    assert agents == {"mylib/None"}


def test_calls_that_write_say_that_they_are_not_there_yet() -> None:
    with pytest.raises(NotImplementedError, match="upload_file is not there yet"):
        HfApi().upload_file(path_or_fileobj=b"x", path_in_repo="x", repo_id="ann/data")


def test_it_is_true_that_calls_which_write_are_not_there() -> None:
    assert not hasattr(HfApi(), "create_repo")
    assert hasattr(HfApi(), "repo_exists")
