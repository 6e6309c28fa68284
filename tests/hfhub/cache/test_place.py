from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hfhub.cache import place


def test_a_file_is_whole_or_what_it_was(tmp_path: Path) -> None:
    target = tmp_path / "d" / "f"

    place.write_whole(str(target), b"one", str(tmp_path / "tmp"))
    place.write_whole(str(target), b"two", str(tmp_path / "tmp"))

    assert target.read_bytes() == b"two"
    assert os.listdir(tmp_path / "tmp") == []


def test_a_failed_write_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "f").mkdir()

    with pytest.raises(OSError, match="directory"):
        place.write_whole(str(tmp_path / "d" / "f"), b"one", str(tmp_path / "tmp"))

    assert os.listdir(tmp_path / "tmp") == []


def test_a_move_to_another_disk_still_appears_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "s", tmp_path / "d" / "t"
    source.write_bytes(b"hello")
    real = os.replace

    def replace(old: str, new: str) -> None:
        # Only the file system is stood in for: two disks in a test would need root.
        if Path(old).parent != Path(new).parent:
            raise OSError(errno.EXDEV, "other disk")
        real(old, new)

    target.parent.mkdir()
    monkeypatch.setattr(os, "replace", replace)
    place.move(str(source), str(target))

    assert target.read_bytes() == b"hello"
    assert os.listdir(target.parent) == ["t"]
    assert not source.exists()


def test_a_clone_is_a_hard_link_where_it_can_be(tmp_path: Path) -> None:
    source, target = tmp_path / "s", tmp_path / "d" / "t"
    source.write_bytes(b"hello")

    place.clone(str(source), str(target), str(tmp_path / "tmp"))

    assert os.path.samefile(source, target)


def test_a_clone_is_a_copy_where_no_link_can_be_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "s", tmp_path / "d" / "t"
    source.write_bytes(b"hello")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    place.clone(str(source), str(target), str(tmp_path / "tmp"))

    assert target.read_bytes() == b"hello"
    assert not os.path.samefile(source, target)
    assert os.listdir(target.parent) == ["t"]


def test_where_no_link_can_be_made_a_new_blob_moves_into_the_snapshot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob, pointer = tmp_path / "blob", tmp_path / "s" / "f"
    blob.write_bytes(b"hello")

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(os, "symlink", refuse)
    stayed = place.make_pointer(
        str(pointer), "../blob", str(blob), str(tmp_path / "tmp"), symlinks=True, keep_blob=False
    )

    assert not stayed
    assert pointer.read_bytes() == b"hello"
    assert not blob.exists()


def test_a_pointer_replaces_whatever_stood_there_in_one_step(tmp_path: Path) -> None:
    blob, pointer = tmp_path / "blob", tmp_path / "s" / "f"
    blob.write_bytes(b"hello")
    pointer.parent.mkdir()
    pointer.write_bytes(b"old")

    for _ in range(2):
        place.make_pointer(
            str(pointer), "../blob", str(blob), str(tmp_path / "t"), symlinks=True, keep_blob=True
        )

    assert pointer.is_symlink()
    assert pointer.read_bytes() == b"hello"
    assert os.listdir(pointer.parent) == ["f"]
    assert os.listdir(tmp_path / "t") == []
