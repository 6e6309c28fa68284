"""The conformance corpus: JSON files that drift, each read without loss or refused with its place.

A case is the files' bytes and what comes of them: either the rows, exactly as ``json`` reads them
(keys that a row lacks are null, nested objects keep their own keys only), and the types of some
columns; or one ``SchemaError`` with its line, pointer, and words of what was expected and found.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from crucible_datasets import load_dataset
from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import ClassLabel, Features, Json, List, Value
from crucible_datasets.schema.infer import infer_features
from crucible_datasets.schema.json_table import lines_to_table
from crucible_datasets.schema.validate import Place, Validator

MEGABYTE = 2**20


@dataclass
class Reads:
    """The files are read without loss."""

    files: list[bytes]
    types: dict[str, Any] = field(default_factory=dict)
    features: Features | None = None
    mode: str = "strict"
    rows: list[Any] | None = None  # where json.loads says something else


@dataclass
class Refused:
    """The files are refused, with the place."""

    files: list[bytes]
    line: int
    pointer: str = ""
    expected: str = ""
    found: str = ""
    hint: str = ""
    file: str = "0.jsonl"
    features: Features | None = None
    mode: str = "strict"


def chunks(content: bytes) -> list[tuple[bytes, int]]:
    """A file in pieces of whole lines, as a reader with little memory takes it."""
    pieces, line, size = [], 1, 64
    lines = content.splitlines(keepends=True) if b"\r" not in content else content.split(b"\n")
    if b"\r" in content:
        lines = [part + b"\n" for part in lines[:-1]] + ([lines[-1]] if lines[-1] else [])
    piece = b""
    for part in lines:
        piece += part
        if len(piece) >= size:
            pieces.append((piece, line))
            line += piece.count(b"\n")
            piece = b""
    if piece:
        pieces.append((piece, line))
    return pieces


def load(case: Reads | Refused) -> tuple[Features, list[dict[str, Any]]]:
    """Infer the types over all files, unless they are given, then read the rows."""
    named = [
        (piece, f"{number}.jsonl", line)
        for number, content in enumerate(case.files)
        for piece, line in chunks(content)
    ]
    features = infer_features(named) if case.features is None else case.features
    validator = Validator(features, case.mode)  # type: ignore[arg-type]
    rows = []
    row = 0
    for piece, name, line in named:
        table = lines_to_table(piece, validator, Place(name, row, line))
        rows += [features.decode_example(stored) for stored in table.to_pylist()]
        row += table.num_rows
    return features, rows


def lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


def many(row: Any, count: int = 50) -> bytes:
    return lines(*[row] * count)


STRINGS = Features({"a": Value("string")})
CHAT = Features({"messages": List({"role": Value("string"), "content": Value("string")})})

READ = {
    # nulls and keys that come late
    "late string after nulls": Reads(
        [many({"a": None}) + lines({"a": "x"})], {"a": Value("string")}
    ),
    "late list after nulls": Reads(
        [many({"a": None}) + lines({"a": [1]})], {"a": List(Value("int64"))}
    ),
    "late key": Reads([many({"a": 1}) + lines({"a": 1, "b": "x"})], {"b": Value("string")}),
    "early key only": Reads([lines({"a": 1, "b": "x"}) + many({"a": 1})], {"b": Value("string")}),
    "late nested key": Reads(
        [many({"a": {"b": 1}}) + lines({"a": {"b": 1, "c": 2}})], {"a": Json()}
    ),
    "late value of a nested null": Reads(
        [many({"a": {"b": None}}) + lines({"a": {"b": "x"}})], {"a": {"b": Value("string")}}
    ),
    "null in nested lists": Reads([lines({"a": [[None, 1], None, []]}, {"a": None})]),
    "null objects in lists": Reads([lines({"a": [None, {"b": 1}]}, {"a": [{"b": None}]})]),
    "only nulls": Reads([many({"a": None, "b": [None]})], {"a": Value("null")}),
    "rows that are null or empty": Reads(
        [b'{"a": 1}\nnull\n{}\n'], rows=[{"a": 1}, {"a": None}, {"a": None}]
    ),
    # types that change
    "late string after integers": Reads([many({"a": 1}) + lines({"a": "x"})], {"a": Json()}),
    "late float after integers": Reads(
        [many({"a": 1}) + lines({"a": 0.5})], {"a": Value("float64")}
    ),
    "late integer after booleans": Reads([many({"a": True}) + lines({"a": 1})], {"a": Json()}),
    "list against scalar": Reads([many({"a": [1]}) + lines({"a": 1})], {"a": Json()}),
    "object against scalar": Reads([many({"a": {"b": 1}}) + lines({"a": "x"})], {"a": Json()}),
    "object against list": Reads([lines({"a": {"b": 1}}, {"a": [{"b": 1}]})], {"a": Json()}),
    "mixed inside a list": Reads([many({"a": [1]}) + lines({"a": ["x"]})], {"a": List(Json())}),
    "text that is JSON beside numbers": Reads([lines({"a": 1}, {"a": "1"}, {"a": '{"b": 2}'})]),
    "text that is JSON beside objects": Reads([lines({"a": {"x": 1}}, {"a": '{"x": 1}'})]),
    # numbers
    "integers at the edge of 64 bits": Reads([lines({"a": 2**63 - 1}, {"a": -(2**63)})]),
    "integers of 64 bits without sign": Reads(
        [lines({"a": 0}, {"a": 2**64 - 1})], {"a": Value("uint64")}
    ),
    "huge integers": Reads([lines({"a": 1}, {"a": 10**40})], {"a": Json()}),
    "huge integers in objects": Reads([lines({"a": {"b": 10**40}}, {"a": {"c": -(10**30)}})]),
    "large integers beside floats": Reads([lines({"a": 2**53 + 1}, {"a": 0.5})], {"a": Json()}),
    "tiny and large floats": Reads(
        [lines({"a": 5e-324}, {"a": 1.7976931348623157e308}, {"a": -0.0})]
    ),
    "NaN and infinities": Reads(
        [b'{"a": NaN}\n{"a": Infinity}\n{"a": -Infinity}\n{"a": 1}\n'], {"a": Value("float64")}
    ),
    "NaN among objects": Reads([b'{"a": {"b": NaN}}\n{"a": {"c": [Infinity, "x"]}}\n']),
    # objects
    "empty objects": Reads([many({"a": {}})], {"a": Json()}),
    "an empty object, then a full one": Reads([lines({"a": {}}, {"a": {"b": 1}})], {"a": Json()}),
    "arguments of tool calls": Reads(
        [
            lines(
                {"calls": [{"name": "add", "arguments": {"a": 1, "b": 2}}]},
                {
                    "calls": [
                        {"name": "say", "arguments": {"text": "x"}},
                        {"name": "stop", "arguments": {}},
                    ]
                },
                {"calls": [{"name": "add", "arguments": {"a": "1", "b": [2]}}]},
            )
        ],
        {"calls": List({"name": Value("string"), "arguments": Json()})},
    ),
    "messages with extra keys": Reads(
        [
            lines(
                {"messages": [{"role": "user", "content": "hi"}]},
                {"messages": [{"role": "assistant", "content": None, "tool_calls": [{"id": "1"}]}]},
                {"messages": [{"role": "tool", "content": "5", "tool_call_id": "1"}]},
            )
        ],
        {"messages": List(Json())},
    ),
    "content that is text or parts": Reads(
        [lines({"m": [{"content": "x"}]}, {"m": [{"content": [{"type": "image", "url": "u"}]}]})],
        {"m": List({"content": Json()})},
    ),
    "arguments declared as Json": Reads(
        [lines({"f": {"b": 1, "a": None}}, {"f": "text"}, {"f": [1, "x"]}, {"f": "5"})],
        features=Features({"f": Json()}),
    ),
    "deep nesting": Reads([lines({"a": json.loads("[" * 60 + "1" + "]" * 60)})]),
    "deep objects": Reads([lines({"a": json.loads('{"b":' * 60 + "1" + "}" * 60)})]),
    "keys in another order": Reads([lines({"a": {"x": 1, "y": 2}}, {"a": {"y": 3, "x": 4}})]),
    "odd names": Reads([lines({"": 1, "*": 2, "a.b": 3, "a/b": 4, "ü😀": 5, "~": {"/": 6}})]),
    # text
    "a byte order mark": Reads([b"\xef\xbb\xbf" + lines({"a": "x"})]),
    "a byte order mark in the second file": Reads(
        [lines({"a": "x"}), b"\xef\xbb\xbf" + lines({"a": "y"})]
    ),
    "lines that end with CRLF": Reads([lines({"a": "x"}, {"a": "y"}).replace(b"\n", b"\r\n")]),
    "blank lines": Reads([b'\n{"a": 1}\n\n   \n\t\r\n{"a": 2}\n\n'], rows=[{"a": 1}, {"a": 2}]),
    "blank lines among ragged objects": Reads([b'{"a": {"b": 1}}\n\n{"a": {"c": 1}}\n']),
    "no line break at the end": Reads([b'{"a": 1}\n{"a": 2}']),
    "separators that break lines elsewhere": Reads([lines({"a": "x\u2028y\u2029\x85\x0b\x1c"})]),
    "control characters and quotes": Reads([lines({"a": 'a"b\\c/\x00\x7f', "b": "\\u0041"})]),
    "not ASCII, written as itself": Reads(
        ['{"ä": "ß😀", "b": {"ö": null}}\n{"ä": "x"}\n'.encode()]
    ),
    "dates": Reads(
        [lines({"a": "2024-01-02"}, {"a": "2024-01-02T03:04:05Z"})],
        {"a": Value("timestamp[s]")},
        rows=[{"a": dt.datetime(2024, 1, 2)}, {"a": dt.datetime(2024, 1, 2, 3, 4, 5)}],
    ),
    "dates, then text": Reads(
        [many({"a": "2024-01-02"}) + lines({"a": "soon"})], {"a": Value("string")}
    ),
    "dates declared as text": Reads([many({"a": "2024-01-02"})], features=STRINGS),
    "a row of five megabytes": Reads(
        [lines({"a": "x"}, {"a": "y" * 5 * MEGABYTE}, {"a": "z"})], {"a": Value("string")}
    ),
    "a list of many elements": Reads([lines({"a": list(range(200_000))}, {"a": ["x"]})]),
    # files that differ
    "files with other columns": Reads([lines({"a": 1}), lines({"b": "x"})]),
    "files with other types": Reads([many({"a": 1}), many({"a": "x"})], {"a": Json()}),
    "a file of nulls, then one of text": Reads(
        [many({"a": None}), many({"a": "x"})], {"a": Value("string")}
    ),
    "files with other nested keys": Reads(
        [many({"a": {"b": 1}}), many({"a": {"c": 1}})], {"a": Json()}
    ),
    "an empty file between": Reads(
        [lines({"a": 1}), b"", b"\n\n", lines({"a": 2})], rows=[{"a": 1}, {"a": 2}]
    ),
    # conversions that were asked for
    "numbers as text, on demand": Reads(
        [lines({"a": 5}, {"a": "x"}, {"a": {"b": 1}})],
        features=STRINGS,
        mode="coerce",
        rows=[{"a": "5"}, {"a": "x"}, {"a": '{"b":1}'}],
    ),
    "text as numbers, on demand": Reads(
        [lines({"a": "5"}, {"a": 6.0}, {"a": True})],
        features=Features({"a": Value("int32")}),
        mode="coerce",
        rows=[{"a": 5}, {"a": 6}, {"a": 1}],
    ),
    "a scalar as a list, on demand": Reads(
        [lines({"a": 1}, {"a": [2]})],
        features=Features({"a": List(Value("int64"))}),
        mode="coerce",
        rows=[{"a": [1]}, {"a": [2]}],
    ),
}

REFUSED = {
    "a broken line": Refused([many({"a": 1}) + b'{"a": 1\n'], 51, expected="JSON", hint="mend"),
    "a comma too many": Refused(
        [lines({"a": 1}) + b'{"a": 1,}\n'], 2, found="an error at character"
    ),
    "two objects on a line, one ragged": Refused(
        [b'{"a": {"b": 1}}\n{"a": {}} {"a": {}}\n'], 2, expected="JSON"
    ),
    "text in place of JSON": Refused([b"hello\n"], 1, expected="JSON", hint="text"),
    "a number in place of an object": Refused([lines({"a": 1}, 5)], 2, found="integer"),
    "a list in place of an object": Refused([lines({"a": 1}, [1])], 2, found="list", hint="field="),
    "a key twice": Refused([b'{"a": 1}\n{"a": 1, "a": 2}\n'], 2, "/a", found="twice"),
    "a nested key twice": Refused(
        [b'{"a": [{"b": 1}, {"b": 1, "b": 1}]}\n'], 1, "/a/1/b", found="twice"
    ),
    "a key twice among ragged objects": Refused(
        [b'{"a": {"b": 1}}\n{"a": {"c": 1, "c": 2}}\n'], 2, "/a/c", found="twice"
    ),
    "bytes that are not UTF-8": Refused(
        [lines({"a": "x"}) + b'{"a": "\xff"}\n'], 2, expected="UTF-8", hint="encoding="
    ),
    "bytes that are not UTF-8, deep": Refused([many({"a": "ä"}) + b'{"a": "b\xe4r"}\n'], 51),
    "half of a surrogate pair": Refused([b'{"a": "\\ud83d"}\n'], 1, found="surrogate"),
    "a number beyond float64": Refused([b'{"a": 1e400}\n'], 1, found="1e400"),
    "the second file is broken": Refused(
        [lines({"a": 1}), lines({"a": 1}) + b"{\n"], 2, file="1.jsonl"
    ),
    "another type than declared": Refused(
        [many({"a": "x"}) + lines({"a": 5})],
        51,
        "/a",
        "string",
        "integer 5",
        "coerce",
        features=STRINGS,
    ),
    "a key that is not declared": Refused(
        [lines({"a": "x"}, {"a": "y", "b": 1})],
        2,
        "/b",
        "'a'",
        "'b'",
        "features=",
        features=STRINGS,
    ),
    "a nested key that is not declared": Refused(
        [lines({"messages": [{"role": "u", "content": "x"}, {"role": "u", "name": "n"}]})],
        1,
        "/messages/1/name",
        "'role'",
        "'name'",
        "Json()",
        features=CHAT,
    ),
    "a nested value of another type": Refused(
        [lines({"messages": [{"role": "u", "content": "x"}, {"role": "u", "content": ["y"]}]})],
        1,
        "/messages/1/content",
        "string",
        "a list",
        features=CHAT,
    ),
    "an integer that does not fit": Refused(
        [lines({"a": 1}, {"a": 300})],
        2,
        "/a",
        "int8",
        "300",
        "int64",
        features=Features({"a": Value("int8")}),
    ),
    "an integer that a float would round": Refused(
        [lines({"a": 0.5}, {"a": 2**53 + 1})],
        2,
        "/a",
        "float64",
        features=Features({"a": Value("float64")}),
    ),
    "a label that is not declared": Refused(
        [lines({"a": "yes"}, {"a": "maybe"})],
        2,
        "/a",
        "ClassLabel",
        features=Features({"a": ClassLabel(names=["no", "yes"])}),
    ),
    "text that is no date": Refused(
        [lines({"a": "2024-01-02"}, {"a": "soon"})],
        2,
        "/a",
        "timestamp",
        features=Features({"a": Value("timestamp[s]")}),
    ),
    "a list of another length": Refused(
        [lines({"a": [1, 2]}, {"a": [1]})],
        2,
        "/a",
        "2",
        "1",
        features=Features({"a": List(Value("int64"), length=2)}),
    ),
    "what even coercion can't do": Refused(
        [lines({"a": "5"}, {"a": "five"})],
        2,
        "/a",
        "int64",
        features=Features({"a": Value("int64")}),
        mode="coerce",
    ),
}


def same(read: Any, written: Any) -> bool:
    """Equal, with the same keys in the same order, and NaN equal to NaN."""
    if isinstance(written, dict):
        return (
            isinstance(read, dict)
            and set(read) == set(written)
            and all(same(read[key], written[key]) for key in written)
        )
    if isinstance(written, list):
        return (
            isinstance(read, list) and len(read) == len(written) and all(map(same, read, written))
        )
    if isinstance(written, float) and written != written:
        return isinstance(read, float) and read != read
    return bool(read == written) and isinstance(read, bool) == isinstance(written, bool)


def meant(case: Reads) -> list[Any]:
    return case.rows or [
        json.loads(line)
        for content in case.files
        for line in content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        if line.strip()
    ]


def check_rows(rows: list[dict[str, Any]], case: Reads) -> None:
    for read, written in zip(rows, meant(case), strict=True):
        assert same({key: read[key] for key in written}, written)
        assert all(read[key] is None for key in read.keys() - written.keys())


def check_error(error: SchemaError, case: Refused) -> None:
    assert (Path(error.file or "").name, error.line) == (case.file, case.line)
    assert error.pointer == case.pointer
    assert case.expected in error.expected
    assert case.found in error.found
    assert case.hint in error.hint
    assert error.snippet
    assert f"{case.file}:{case.line}" in str(error)


def written_to(folder: Path, case: Reads | Refused) -> dict[str, Any]:
    """The arguments of ``load_dataset`` for the files of a case, in a folder."""
    for number, content in enumerate(case.files):
        (folder / f"{number}.jsonl").write_bytes(content)
    files = [str(folder / f"{number}.jsonl") for number in range(len(case.files))]
    declared = {} if case.features is None else {"validation": case.mode}
    return {"data_files": files, "split": "train", "features": case.features, **declared}


@pytest.mark.parametrize("name", READ)
def test_it_is_read_without_loss(name: str) -> None:
    case = READ[name]

    features, rows = load(case)

    check_rows(rows, case)
    for column, feature in case.types.items():
        assert features[column] == feature


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", READ)
def test_load_dataset_reads_it_without_loss(name: str, streaming: bool, tmp_path: Path) -> None:
    case = READ[name]

    ds = load_dataset("json", streaming=streaming, **written_to(tmp_path, case))

    check_rows(list(ds), case)


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_with_its_place(name: str) -> None:
    with pytest.raises(SchemaError) as refused:
        load(REFUSED[name])

    check_error(refused.value, REFUSED[name])


@pytest.mark.parametrize("streaming", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("name", REFUSED)
def test_load_dataset_refuses_it_with_its_place(name: str, streaming: bool, tmp_path: Path) -> None:
    case = REFUSED[name]

    with pytest.raises(SchemaError) as refused:
        list(load_dataset("json", streaming=streaming, **written_to(tmp_path, case)))

    check_error(refused.value, case)


@pytest.mark.slow
def test_a_row_of_200_megabytes_is_read(tmp_path: Any) -> None:
    text = "x" * 200 * MEGABYTE

    features, rows = load(Reads([lines({"a": "y"}, {"a": text, "b": 1})]))

    assert features == {"a": Value("string"), "b": Value("int64")}
    assert rows[1]["a"] == text
