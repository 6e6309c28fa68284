"""JSON lines: what ours infers from all of a file is what the peer infers from a small one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import datasets as peer
import pytest

from crucible_datasets.schema.infer import infer_features
from crucible_datasets.schema.json_table import lines_to_table
from crucible_datasets.schema.validate import Place, Validator

# Where the peer loses something (big integers, JSON-looking strings), ours differs on purpose:
# tests/crucible_datasets/schema/conformance holds those cases.
CASES: dict[str, list[Any]] = {
    "scalars": [{"a": 1, "b": 0.5, "c": "x", "d": True, "e": None}],
    "null then string": [{"a": None}, {"a": "x"}],
    "integer then float": [{"a": 1}, {"a": 0.5}],
    "integer then string": [{"a": 1}, {"a": "x"}],
    "boolean then integer": [{"a": True}, {"a": 1}],
    "missing keys": [{"a": 1}, {"b": "x"}, {"a": 2, "c": [1]}],
    "key order": [{"b": 1, "a": 2}, {"a": 1, "c": 1, "b": 3}],
    "dates": [{"a": "2024-01-02"}, {"a": "2024-01-02T03:04:05Z"}, {"a": None}],
    "dates and text": [{"a": "2024-01-02"}, {"a": "later"}],
    "dates with fractions": [{"a": "2024-01-02T03:04:05.5"}],
    "dates in lists": [{"a": ["2024-01-02", None]}, {"a": []}],
    "empty lists": [{"a": []}, {"a": []}],
    "empty list then numbers": [{"a": []}, {"a": [1, 2]}],
    "list of nulls": [{"a": [None]}, {"a": None}],
    "nested lists": [{"a": [[1], [2, 3]]}, {"a": [[]]}],
    "mixed list": [{"a": [1, "x"]}],
    "list and scalar": [{"a": [1]}, {"a": 1}],
    "list and object": [{"a": [1]}, {"a": {"b": 1}}],
    "object and scalar": [{"a": {"b": 1}}, {"a": "x"}],
    "same objects": [{"a": {"b": 1, "c": "x"}}, {"a": {"c": "y", "b": 2}}, {"a": None}],
    "ragged objects": [{"a": {"b": 1}}, {"a": {"c": 1}}],
    "ragged below": [{"a": {"b": {"x": 1}}}, {"a": {"b": {"y": 1}}}],
    "empty objects": [{"a": {}}, {"a": {}}],
    "empty object then full": [{"a": {}}, {"a": {"b": 1}}],
    "nulls in objects": [{"a": {"b": None, "c": 1}}, {"a": {"b": None, "c": 2}}],
    "late text in objects": [{"a": {"b": None}}, {"a": {"b": "x"}}],
    "messages": [
        {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "yo"}]},
        {"messages": [{"role": "user", "content": "again"}]},
    ],
    "ragged messages": [
        {"messages": [{"role": "user", "content": "hi"}]},
        {"messages": [{"role": "tool", "content": "5", "name": "add"}]},
    ],
    "messages with content parts": [
        {"messages": [{"role": "user", "content": "hi"}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]},
    ],
    "tool calls": [
        {"tools": [{"name": "add", "arguments": {"a": 1, "b": 2}}]},
        {"tools": [{"name": "say", "arguments": {"text": "x"}}]},
    ],
    "ifeval kwargs": [
        {"kwargs": [{"num": 3}, {}]},
        {"kwargs": [{"language": "de", "num": None}]},
    ],
    "unicode": [{"é": "😀", "b": {"ü": "\u2028"}}, {"é": "\x00", "b": {"ü": "a/b"}}],
    "odd names": [{"": 1, "*": 2, "a.b": 3, "a/b": {"~": 1}}],
    "slash in mixed": [{"a": {"x/y": 1}}, {"a": {"x/y": "s"}}],
    "deep": [{"a": {"b": [{"c": [{"d": {"e": [1, 2]}}]}]}}],
    "deep mixed": [{"a": {"b": [{"c": [1]}]}}, {"a": {"b": [{"c": ["x"]}]}}],
}


def write(path: Path, rows: list[Any]) -> Path:
    path.write_bytes(b"".join(json.dumps(row).encode() + b"\n" for row in rows))
    return path


@pytest.mark.parametrize("name", CASES)
def test_types_and_rows_are_those_of_the_peer(name: str, tmp_path: Path) -> None:
    file = write(tmp_path / "rows.jsonl", CASES[name])
    expected = peer.load_dataset(
        "json", data_files=str(file), split="train", cache_dir=str(tmp_path / "cache")
    )

    chunk = file.read_bytes()
    features = infer_features([(chunk, "rows.jsonl", 1)])
    table = lines_to_table(chunk, Validator(features), Place("rows.jsonl", 0, 1))

    assert features.to_dict() == expected.features.to_dict()
    assert list(features) == list(expected.features)
    assert [features.decode_example(row) for row in table.to_pylist()] == list(expected)
