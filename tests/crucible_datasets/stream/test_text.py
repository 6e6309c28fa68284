"""A stream of JSON lines gives the same rows, parsed late, as by way of tables; from any row on."""

from __future__ import annotations

import gzip
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets import load_dataset
from crucible_datasets.errors import SchemaError
from crucible_datasets.formats import opening
from crucible_datasets.schema import Features, Value

if TYPE_CHECKING:
    from pathlib import Path

    from crucible_datasets.stream.dataset import IterableDataset


def row(number: int) -> dict[str, Any]:
    said = [{"role": "user", "text": f"é {number}\n"}] * (number % 3)
    return {"id": number, "said": said, "score": number / 4, "note": None if number % 5 else "x"}


ROWS = [row(number) for number in range(100)]
# A line in the middle that a table is needed for.
DRIFTS: dict[str, dict[str, Any]] = {
    "nothing": {},
    "a key is missing": {"note": ...},
    "a whole number among floats": {"score": 3},
    "a large whole number": {"id": 2**62},
    "keys in another order": {"said": [{"text": "t", "role": "r"}]},
}


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few lines at a time, so that a small file has many chunks."""
    monkeypatch.setattr(opening, "CHUNK", 512)


def stream(path: Path, **options: Any) -> IterableDataset:
    return load_dataset(
        "json", data_files={"train": str(path)}, split="train", streaming=True, **options
    )


def written(path: Path, drift: str) -> list[dict[str, Any]]:
    """Write the rows with a drift in the middle; as they should be read."""
    rows = [dict(row) for row in ROWS]
    rows[50] |= DRIFTS[drift]
    lines = [{key: value for key, value in row.items() if value is not ...} for row in rows]
    text = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return [
        {
            "id": row["id"],
            "said": [{"role": said["role"], "text": said["text"]} for said in row["said"]],
            "score": float(row["score"]),
            "note": None if row["note"] is ... else row["note"],
        }
        for row in rows
    ]


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_rows_are_the_same_as_those_of_tables(tmp_path: Path, name: str, drift: str) -> None:
    expected = written(tmp_path / name, drift)
    rows = stream(tmp_path / name)
    tables = rows.with_format("arrow")

    assert repr(list(rows)) == repr(expected)
    assert repr([r for table in tables for r in table.to_pylist()]) == repr(expected)


@pytest.mark.parametrize("drift", DRIFTS)
def test_it_goes_on_behind_any_row(tmp_path: Path, drift: str) -> None:
    expected = written(tmp_path / "a.jsonl", drift)
    for count in (0, 1, 6, 7, 49, 50, 51, 99, 100):
        first = stream(tmp_path / "a.jsonl")
        given = list(islice(first, count))
        second = stream(tmp_path / "a.jsonl")
        second.load_state_dict(json.loads(json.dumps(first.state_dict())))

        assert given + list(second) == expected


def test_steps_above_see_the_same_rows(tmp_path: Path) -> None:
    expected = written(tmp_path / "a.jsonl", "nothing")
    rows = stream(tmp_path / "a.jsonl")

    assert list(rows.skip(3).take(50)) == expected[3:53]
    assert next(iter(rows.select_columns(["note", "id"]))) == {"note": "x", "id": 0}
    assert list(rows.map(lambda row: {"n": len(row["said"])}))[5]["n"] == 2
    assert [r["id"] for r in rows.filter(lambda row: row["id"] % 50 == 0)] == [0, 50]
    assert [len(batch["id"]) for batch in rows.batch(32)] == [32, 32, 32, 4]
    shuffled = [r["id"] for r in rows.shuffle(seed=1, buffer_size=10)]
    assert sorted(shuffled) == list(range(100))
    assert shuffled != list(range(100))


def test_what_is_not_as_declared_is_located_behind_lines_that_are(tmp_path: Path) -> None:
    lines = [*ROWS, {**row(100), "score": "high"}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    features = Features(
        {
            "id": Value("int64"),
            "said": [{"role": Value("string"), "text": Value("string")}],
            "score": Value("float64"),
            "note": Value("string"),
        }
    )
    with pytest.raises(SchemaError) as caught:
        list(stream(tmp_path / "a.jsonl", features=features))

    assert (caught.value.line, caught.value.pointer) == (101, "/score")


@pytest.mark.parametrize("line", [b'{"id": 1', b'{"id": "\xff"}', b"[1]"])
def test_a_line_that_is_no_row_is_located(tmp_path: Path, line: bytes) -> None:
    good = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)
    (tmp_path / "a.jsonl").write_bytes(good + line + b"\n" + good)
    features = stream_features(tmp_path)

    with pytest.raises(SchemaError) as caught:
        list(stream(tmp_path / "a.jsonl", features=features))

    assert caught.value.line == 101


def stream_features(folder: Path) -> Features:
    written(folder / "good.jsonl", "nothing")
    features = stream(folder / "good.jsonl").features
    assert features is not None
    return features


@pytest.mark.parametrize(
    ("before", "end"), [(b"\xef\xbb\xbf", b"\n"), (b"", b"\r\n"), (b"", b" \n"), (b"", b"\n\n")]
)
def test_marks_and_line_ends_are_no_part_of_rows(tmp_path: Path, before: bytes, end: bytes) -> None:
    text = end.join(json.dumps(row).encode() for row in ROWS)
    (tmp_path / "a.jsonl").write_bytes(before + text)

    assert list(stream(tmp_path / "a.jsonl")) == ROWS
