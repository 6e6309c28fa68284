from __future__ import annotations

import json
from pathlib import Path

import pytest

from hfhub.cache import tree
from hfhub.models import BlobLfsInfo, RepoFile

FILES = [
    RepoFile("a b/ü.txt", 1, "1" * 40),
    RepoFile(
        "x.bin",
        9,
        "2" * 40,
        lfs=BlobLfsInfo(size=9, sha256="3" * 64, pointer_size=130),
        xet_hash="4" * 64,
    ),
]


def test_a_listing_comes_back_as_it_was() -> None:
    assert tree.load(tree.dump(FILES)) == FILES


def _rows(*rows: list[object]) -> bytes:
    return json.dumps({"format": 1, "files": rows}).encode()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        tree.dump(FILES)[:-10],
        b'{"format": 2, "files": []}',
        b'{"files": []}',
        _rows(["../x", 1, "1" * 40, None, None, None]),
        _rows(["/etc/passwd", 1, "1" * 40, None, None, None]),
        _rows(["f", -1, "1" * 40, None, None, None]),
        _rows(["f", "1", "1" * 40, None, None, None]),
        _rows(["f", True, "1" * 40, None, None, None]),
        _rows(["f", 1, "1" * 40, "../../x", 1, None]),
        _rows([1, 1, "1" * 40, None, None, None]),
        _rows(["f", 1]),
        b"\xff\xfe",
    ],
)
def test_a_listing_that_is_torn_or_unsafe_is_none(data: bytes) -> None:
    assert tree.load(data) is None


def test_the_official_clients_listing_is_read() -> None:
    data = {
        "format_version": 1,
        "files": {
            "a b/ü.txt": {"size": 1, "blob_id": "1" * 40},
            "x.bin": {
                "size": 9,
                "blob_id": "2" * 40,
                "lfs_sha256": "3" * 64,
                "lfs_size": 9,
                "xet_hash": "4" * 64,
            },
        },
    }

    read = tree.load_peer(json.dumps(data).encode())

    assert read is not None
    assert [file.path for file in read] == ["a b/ü.txt", "x.bin"]
    assert [str(file.digest) for file in read] == [f"git-sha1:{'1' * 40}", f"sha256:{'3' * 64}"]


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'{"format_version": 2, "files": {}}', b'{"format_version": 1, "files": 3}'],
)
def test_a_foreign_listing_that_is_not_understood_is_none(data: bytes) -> None:
    assert tree.load_peer(data) is None


def test_what_is_written_for_the_official_client_is_read_by_it(tmp_path: Path) -> None:
    from huggingface_hub._tree_cache import read_tree_cache

    (tmp_path / "trees").mkdir()
    (tmp_path / "trees" / "c.json").write_bytes(tree.dump_peer(FILES))

    read = read_tree_cache(str(tmp_path), "c")

    assert read is not None
    assert {
        path: (entry.size, entry.blob_id, entry.lfs_sha256) for path, entry in read.items()
    } == {
        file.path: (file.size, file.blob_id, file.lfs.sha256 if file.lfs else None)
        for file in FILES
    }
    assert tree.load_peer(tree.dump_peer(FILES)) is not None
