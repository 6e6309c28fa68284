from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shelf import repo

from hfhub.cache.layout import Cache
from hfhub.digest import Digest
from hfhub.errors import HFValidationError, UnsafePathError
from hfhub.repo import RepoRef

CACHE = Cache("/c")
SHA256 = "0123456789abcdef" * 4

# Names that a Hub might send, for a file, a revision or an etag.
HOSTILE = {
    "parent": "../x",
    "deep parent": "../../../../../../etc/passwd",
    "parent inside": "a/../../x",
    "parent alone": "..",
    "parent at the end": "a/..",
    "absolute": "/etc/passwd",
    "absolute twice": "//etc/passwd",
    "drive": "C:/windows/x",
    "drive without slash": "C:x",
    "lower drive": "c:\\x",
    "backslash root": "\\windows",
    "unc": "\\\\host\\share\\x",
    "long unc": "\\\\?\\C:\\x",
    "device unc": "\\\\.\\COM1",
    "backslash parent": "..\\x",
    "mixed parent": "a/..\\../x",
    "backslash parent inside": "a\\..\\..\\x",
    "nul": "a\0b",
    "nul at the end": "x\0.json",
    "empty": "",
    "dot": ".",
    "dot inside": "a/./b",
    "empty part": "a//b",
    "slash at the end": "a/",
    "many parents": "/".join([".."] * 40) + "/x",
    "parent after long": "a" * 100 + "/../../x",
    "lone surrogate": "a\ud800b",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_path_of_a_file_leaves_the_cache(name: str) -> None:
    for path_of in (CACHE.pointer, CACHE.no_exist):
        with pytest.raises(UnsafePathError):
            path_of(repo(), name)


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_revision_leaves_the_cache(name: str) -> None:
    with pytest.raises(UnsafePathError):
        CACHE.ref_file(RepoRef("dataset", "o/a", name))
    with pytest.raises(UnsafePathError):
        CACHE.snapshot(RepoRef("dataset", "o/a", name))


@pytest.mark.parametrize(
    "etag",
    [
        *HOSTILE.values(),
        "../../../../x",
        SHA256.upper(),
        SHA256 + "/../x",
        SHA256[:-1],
        SHA256 + "0",
        SHA256[:40] + "\n",
        "W/" + SHA256,
        '"' + SHA256 + '"',
        "0x" + SHA256[2:],
        "é" * 64,
        "\uff11" * 40,
    ],
)
def test_nothing_but_a_digest_names_a_blob(etag: str) -> None:
    for path_of in (CACHE.blob, CACHE.lock, CACHE.partial):
        with pytest.raises(UnsafePathError):
            path_of(repo(), etag)
    with pytest.raises(UnsafePathError):
        CACHE.extracted(etag)


@pytest.mark.parametrize("id_", ["../x/y", "a/b/../../..", "a\\b", "a\0b", "..", "/etc"])
def test_a_repository_id_is_refused_when_parsed_and_never_leaves_the_root(id_: str) -> None:
    with pytest.raises(HFValidationError):
        RepoRef.parse(id_, "dataset")
    try:
        folder = CACHE.repo_dir(RepoRef("dataset", id_))
    except UnsafePathError:
        return
    assert os.path.dirname(os.path.normpath(folder)) == "/c"


@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_whatever_the_names_are_every_path_stays_inside_or_is_refused(name: str, rev: str) -> None:
    ref = RepoRef("dataset", "o/a", rev)
    for make in (
        lambda: CACHE.pointer(repo(), name),
        lambda: CACHE.no_exist(repo(), name),
        lambda: CACHE.ref_file(ref),
        lambda: CACHE.blob(repo(), name),
    ):
        try:
            path = make()
        except UnsafePathError:
            continue
        assert os.path.normpath(path).startswith("/c/datasets--o--a/")


def test_paths_are_those_of_the_official_client() -> None:
    ref = repo("openai/gsm8k")
    assert CACHE.blob(ref, SHA256) == f"/c/datasets--openai--gsm8k/blobs/{SHA256}"
    assert CACHE.pointer(ref, "a/b") == f"/c/datasets--openai--gsm8k/snapshots/{'a' * 40}/a/b"
    assert CACHE.lock(ref, SHA256) == f"/c/.locks/datasets--openai--gsm8k/{SHA256}.lock"
    named = ref.at("refs/pr/1")
    assert CACHE.ref_file(named) == "/c/datasets--openai--gsm8k/refs/refs/pr/1"


def test_the_link_of_an_entry_leads_to_its_blob() -> None:
    ref = repo()
    for path in ("f", "a/f", "a/b/c/f"):
        entry = CACHE.pointer(ref, path)
        target = CACHE.pointer_target(path, SHA256)
        led_to = os.path.normpath(os.path.join(os.path.dirname(entry), target))
        assert led_to == CACHE.blob(ref, Digest("sha256", SHA256))


def test_what_is_derived_has_a_plain_kind() -> None:
    assert CACHE.derived("arrow") == "/c/.hfhub/arrow"
    with pytest.raises(UnsafePathError):
        CACHE.derived("../x")
