from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hfhub.local_hub import LocalHub

Hfhub = Any


def test_files_and_folders(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("ls", "datasets/ann/data").lines == ["README.md", "main/"]
    assert hfhub("ls", "datasets/ann/data/main").lines == ["main/a.parquet", "main/b.jsonl"]


def test_recursively(hfhub: Hfhub, hub: LocalHub) -> None:
    lines = hfhub("ls", "-R", "datasets/ann/data").lines
    assert lines == ["README.md", "main/", "main/a.parquet", "main/b.jsonl"]


def test_long_lines_have_sizes_and_digests(hfhub: Hfhub, hub: LocalHub) -> None:
    lines = hfhub("ls", "-l", "datasets/ann/data/main").lines
    assert lines[0].split() == ["SIZE", "DIGEST", "PATH"]
    assert lines[1].split()[:2] == ["1.5", "kB"]


def test_json(hfhub: Hfhub, hub: LocalHub) -> None:
    rows = hfhub("ls", "datasets/ann/data", "--json").json
    assert [(row["kind"], row["path"]) for row in rows] == [
        ("file", "README.md"),
        ("folder", "main"),
    ]


def test_an_older_revision(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.add("ann/data", {"new.txt": "new"})
    assert "new.txt" in hfhub("ls", "datasets/ann/data").lines
    assert "new.txt" not in hfhub("ls", "datasets/ann/data@v1").lines


def test_a_reference_with_slashes(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.add("ann/data", {"c/train/0000.parquet": b"p"}, branch="refs/convert/parquet")
    assert hfhub("ls", "datasets/ann/data@refs/convert/parquet/c").lines == ["c/train/"]


def test_a_search(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("ls", "--search", "dat", "--type", "dataset").lines == ["ann/data"]
    assert hfhub("ls", "--author", "ann").lines == ["ann/net"]
    assert hfhub("ls", "--author", "ann", "--json").json[0]["id"] == "ann/net"


def test_neither_repository_nor_search(hfhub: Hfhub) -> None:
    assert hfhub("ls").code == 2
    assert hfhub("ls", "a/b", "--search", "c").code == 2


def test_a_folder_that_is_not_there(hfhub: Hfhub, hub: LocalHub) -> None:
    assert hfhub("ls", "datasets/ann/data/nope").code == 3


def test_names_can_not_drive_a_terminal(hfhub: Hfhub, hub: LocalHub) -> None:
    hub.add("ann/odd", {"a\x1b[2J.txt": "x"})
    assert hfhub("ls", "datasets/ann/odd").lines == ["a\\x1b[2J.txt"]
    assert "\x1b" not in "".join(hfhub("ls", "-l", "datasets/ann/odd").lines)
