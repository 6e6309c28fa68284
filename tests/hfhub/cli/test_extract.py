from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

Hfhub = Any


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as file:
        file.writestr("in/a.txt", "a" * 5000)
    return tmp_path / "a.zip"


def test_into_a_folder(hfhub: Hfhub, archive: Path, tmp_path: Path) -> None:
    ran = hfhub("extract", str(archive), "--to", str(tmp_path / "out"))
    assert ran.out == f"{tmp_path / 'out'}\n"
    assert (tmp_path / "out/in/a.txt").read_text() == "a" * 5000


def test_into_the_cache(hfhub: Hfhub, archive: Path) -> None:
    made = Path(hfhub("extract", str(archive), "--json", "--quiet").json["path"])
    assert (made / "in/a.txt").is_file()


def test_list(hfhub: Hfhub, archive: Path) -> None:
    assert hfhub("extract", str(archive), "--list").lines == ["in/a.txt"]
    assert hfhub("extract", str(archive), "--list", "--json").json == ["in/a.txt"]


@pytest.mark.parametrize("limit", [("--max-bytes", "1KB"), ("--max-entries", "0")])
def test_limits(limit: tuple[str, str], hfhub: Hfhub, archive: Path, tmp_path: Path) -> None:
    assert hfhub("extract", str(archive), "--to", str(tmp_path / "out"), *limit).code == 6
    assert not (tmp_path / "out").exists()


def test_what_is_no_archive(hfhub: Hfhub, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("plain")
    ran = hfhub("extract", str(tmp_path / "a.txt"), "--to", str(tmp_path / "out"))
    assert ran.code == 6
    assert hfhub("extract", str(tmp_path / "nope.zip")).code == 3
