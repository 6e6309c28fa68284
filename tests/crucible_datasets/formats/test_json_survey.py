from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import pytest

from crucible_datasets.formats.json_chunks import JsonOptions
from crucible_datasets.formats.json_survey import survey
from crucible_datasets.formats.sources import LocalSource, local_file
from crucible_datasets.schema import Value

if TYPE_CHECKING:
    from crucible_datasets.formats.base import DataFile

OLD, NEWER = 1_000_000_000, 1_000_000_100


@dataclass(frozen=True)
class Counted:
    """A local file that knows how often it was opened."""

    file: LocalSource
    opened: list[str]

    def open(self) -> BinaryIO:
        self.opened.append(self.file.path)
        return self.file.open()

    def local(self) -> Path | None:
        return self.file.local()


def written(path: Path, text: str, time: float | None) -> DataFile:
    path.write_text(text)
    if time is not None:
        os.utime(path, (time, time))
    file = local_file(path)
    return replace(file, source=Counted(LocalSource(file.path), []))


def found(*files: DataFile) -> Any:
    return survey({"train": files}, JsonOptions()).features


def was_read(file: DataFile) -> bool:
    assert isinstance(file.source, Counted)
    return bool(file.source.opened)


def test_a_file_that_has_not_changed_is_read_once(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", '{"a": 1}\n', OLD)
    again = written(tmp_path / "a.jsonl", '{"a": 1}\n', OLD)
    features = found(first)
    features["mine"] = Value("string")

    assert found(again) == {"a": Value("int64")}
    assert was_read(first)
    assert not was_read(again)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        pytest.param('{"a":"x"}\n', NEWER, id="another time"),
        pytest.param('{"a": "xy"}\n', OLD, id="another size"),
    ],
)
def test_a_file_that_has_changed_is_read_again(tmp_path: Path, text: str, time: float) -> None:
    assert found(written(tmp_path / "a.jsonl", '{"a": 1}\n', OLD)) == {"a": Value("int64")}
    assert found(written(tmp_path / "a.jsonl", text, time)) == {"a": Value("string")}


def test_a_file_written_just_now_may_change_unnoticed_and_is_read_again(tmp_path: Path) -> None:
    first = written(tmp_path / "a.jsonl", '{"a": 1}\n', None)
    again = replace(first, source=Counted(LocalSource(first.path), []))
    found(first)
    found(again)

    assert was_read(again)


def test_types_are_those_of_all_files_together(tmp_path: Path) -> None:
    one = written(tmp_path / "a.jsonl", '{"a": 1}\n', OLD)
    two = written(tmp_path / "b.jsonl", '{"a": 0.5}\n', OLD)

    assert found(one) == {"a": Value("int64")}
    assert found(one, two) == {"a": Value("float64")}
