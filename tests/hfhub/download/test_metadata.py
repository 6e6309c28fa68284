from __future__ import annotations

import pytest

from hfhub.download.metadata import get_hf_file_metadata, hf_hub_url
from hfhub.errors import HFValidationError, RemoteEntryNotFoundError

REPO = "owner/name"


@pytest.mark.parametrize(
    ("options", "tail"),
    [
        ({}, "/owner/name/resolve/main/a%20b/c.txt"),
        ({"repo_type": "dataset"}, "/datasets/owner/name/resolve/main/a%20b/c.txt"),
        ({"repo_type": "space", "revision": "refs/pr/1"},
         "/spaces/owner/name/resolve/refs%2Fpr%2F1/a%20b/c.txt"),
        ({"subfolder": "x"}, "/owner/name/resolve/main/x/a%20b/c.txt"),
        ({"subfolder": ""}, "/owner/name/resolve/main/a%20b/c.txt"),
    ],
)  # fmt: skip
def test_a_files_url_is_quoted(options, tail):
    assert hf_hub_url(REPO, "a b/c.txt", endpoint="http://hub", **options) == f"http://hub{tail}"


def test_an_unknown_type_is_refused():
    with pytest.raises(HFValidationError):
        hf_hub_url(REPO, "x", repo_type="nope")


def test_the_metadata_of_an_lfs_file_stands_on_the_redirect(local_hub):
    sha = local_hub.add(REPO, {"a.bin": b"hello"}, lfs=["*"])
    got = get_hf_file_metadata(hf_hub_url(REPO, "a.bin", repo_type="dataset"))
    assert (got.commit_hash, got.size) == (sha, 5)
    assert got.etag == "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
    assert got.location.startswith(local_hub.cdn)
    assert local_hub.count(redirects=True) == 1


def test_the_metadata_of_a_regular_file_comes_after_a_redirect_at_the_hub(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    got = get_hf_file_metadata(hf_hub_url(REPO, "a.txt", repo_type="dataset"))
    assert (got.etag, got.size) == ("b6fc4c620b67d95f953a5c1c1230aaab5db5a1b0", 5)
    assert got.location.startswith(local_hub.endpoint)


def test_a_missing_file_has_no_metadata(local_hub):
    local_hub.add(REPO, {"a.txt": b"hello"})
    with pytest.raises(RemoteEntryNotFoundError):
        get_hf_file_metadata(hf_hub_url(REPO, "b.txt", repo_type="dataset"))
