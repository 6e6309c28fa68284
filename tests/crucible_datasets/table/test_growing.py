"""A file that batches are added to: whole and told of, or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from crucible_datasets.table import spill
from crucible_datasets.table.growing import GrowingFile, about

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = pa.schema([("n", pa.int64()), ("s", pa.string())], {b"types": b"known"})


def batch(start: int) -> pa.RecordBatch:
    columns = {"s": [f"{n}" for n in range(start, start + 3)], "n": range(start, start + 3)}
    return pa.RecordBatch.from_pydict(columns)


def rows(blocks: list[pa.RecordBatch]) -> list[int]:
    return [n for block in blocks for n in block.column("n").to_pylist()]


def test_it_is_there_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.arrow"
    file = GrowingFile(path, SCHEMA)
    file.add([batch(0), batch(3)])
    file.add([batch(6)])
    assert not path.exists()

    file.finish({b"said": b"late"})

    assert list(tmp_path.iterdir()) == [path]
    assert rows(spill.open_file(path).blocks) == list(range(9))
    schema, said = about(path)
    assert schema.equals(SCHEMA, check_metadata=True)
    assert said == {b"said": b"late"}


def test_what_was_added_can_be_read_and_put_into_another(tmp_path: Path) -> None:
    first = GrowingFile(tmp_path / "a.arrow", SCHEMA)
    first.add([batch(0), batch(3)])
    second = GrowingFile(tmp_path / "a.arrow", SCHEMA)
    second.add(first.so_far())
    first.discard()
    second.add([batch(6)])
    second.finish({})

    assert [path.name for path in tmp_path.iterdir()] == ["a.arrow"]
    assert rows(spill.open_file(tmp_path / "a.arrow").blocks) == list(range(9))


def test_given_up_it_leaves_nothing(tmp_path: Path) -> None:
    file = GrowingFile(tmp_path / "a.arrow", SCHEMA)
    file.add([batch(0)])
    file.discard()
    file.discard()

    assert list(tmp_path.iterdir()) == []


def test_one_that_did_not_grow_says_nothing_of_itself(tmp_path: Path) -> None:
    spill.write_file(tmp_path / "a.arrow", batch(0).schema, [batch(0)])

    assert about(tmp_path / "a.arrow")[1] == {}
    with pytest.raises(pa.ArrowInvalid):
        about(_other(tmp_path))


def _other(folder: Path) -> Path:
    path = folder / "b.arrow"
    path.write_bytes(b"not an Arrow file")
    return path
