"""Every format beside every mode of ``validation``: it does what it says, or is refused."""

from __future__ import annotations

import io
import json
import sqlite3
import tarfile
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets import Dataset, IterableDataset, load_dataset, load_dataset_builder
from crucible_datasets.errors import SchemaError
from crucible_datasets.schema import Audio, ClassLabel, Features, Image, List, Value, Video

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

MODES = ["strict", "coerce", "report", "off", None]
STRING, INT, BOOL = Value("string"), Value("int64"), Value("bool")


def put_parquet(folder: Path) -> None:
    pq.write_table(pa.table({"n": [1, 2], "s": ["five", "six"]}), folder / "train.parquet")


def put_arrow(folder: Path) -> None:
    table = pa.table({"n": [1, 2], "s": ["five", "six"]})
    with pa.ipc.new_stream(folder / "train.arrow", table.schema) as writer:
        writer.write_table(table)


def put_csv(folder: Path) -> None:
    (folder / "train.csv").write_text("n,s\n1,five\n0,six\n")


def put_json(folder: Path) -> None:
    (folder / "train.jsonl").write_text('{"n":1,"s":"five"}\n{"n":2,"s":"six"}\n')


def put_text(folder: Path) -> None:
    (folder / "train.txt").write_text("1\nfive\n")


def put_numbers(folder: Path) -> None:
    (folder / "train.txt").write_text("1\n2\n")


def put_xml(folder: Path) -> None:
    (folder / "train.xml").write_text("<five/>")


def put_tar(folder: Path) -> None:
    with tarfile.open(folder / "train.tar", "w") as tar:
        for key, n, s in (("a", b"1", b"five"), ("b", b"2", b"six")):
            for ending, data in (("cls", n), ("txt", s)):
                info = tarfile.TarInfo(f"{key}.{ending}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))


def put_media(ending: str) -> Callable[[Path], None]:
    def put(folder: Path) -> None:
        for label in ("cat", "dog"):
            (folder / "train" / label).mkdir(parents=True)
            (folder / "train" / label / f"1{ending}").write_bytes(b"not looked into")

    return put


def put_metadata(folder: Path) -> None:
    (folder / "train").mkdir()
    (folder / "train" / "metadata.csv").write_text("file_name,n\n1.png,1\n2.png,2\n")
    for number in (1, 2):
        (folder / "train" / f"{number}.png").write_bytes(b"not looked into")


@dataclass(frozen=True)
class Written:
    """Files of one format, and features that fit or do not.

    ``convertible`` has columns of another type without loss, whose first row becomes ``converted``;
    ``wrong`` has values at ``pointer`` that can't become the type.
    """

    name: str
    put: Callable[[Path], None]
    fits: dict[str, Any]
    wrong: dict[str, Any]
    pointer: str
    extra: str
    convertible: dict[str, Any] = field(default_factory=dict)
    converted: dict[str, Any] = field(default_factory=dict)
    keyed: bool = False
    """Whether rows have keys of their own, so that one that is not there is None."""
    columns_left_out: bool = False
    """Whether the peer, and so no validation, leaves out columns that are not declared."""
    loads: dict[str, Any] = field(default_factory=dict)


def media(name: str, feature: Any, ending: str) -> Written:
    return Written(
        f"{name}folder",
        put_media(ending),
        fits={name: feature, "label": ClassLabel(names=["cat", "dog"])},
        wrong={name: feature, "label": ClassLabel(names=["cat", "cow"])},
        pointer="/label",
        extra="label",
        columns_left_out=True,
    )


NS: dict[str, Any] = {"n": INT, "s": STRING}
TABLE: dict[str, Any] = {
    "fits": NS,
    "convertible": {"n": STRING, "s": STRING},
    "converted": {"n": "1", "s": "five"},
    "wrong": {"n": INT, "s": INT},
    "pointer": "/s",
    "extra": "s",
}
KEYS: dict[str, Any] = {"__key__": STRING, "__url__": STRING}

WRITTEN = [
    Written("parquet", put_parquet, **TABLE),
    Written("arrow", put_arrow, **TABLE),
    Written("json", put_json, **TABLE, keyed=True),
    Written(
        "csv",
        put_csv,
        **{**TABLE, "convertible": {"n": BOOL, "s": STRING}, "converted": {"n": True, "s": "five"}},
        columns_left_out=True,
    ),
    Written("text", put_text, {"text": STRING}, {"text": INT}, "/text", "text"),
    Written(
        "text",
        put_numbers,
        {"text": STRING},
        {"text": Value("timestamp[s]")},
        "/text",
        "text",
        {"text": INT},
        {"text": 1},
    ),
    Written("xml", put_xml, {"xml": STRING}, {"xml": INT}, "/xml", "xml"),
    Written(
        "webdataset",
        put_tar,
        {**KEYS, "cls": INT, "txt": STRING},
        {**KEYS, "cls": INT, "txt": INT},
        "/txt",
        "cls",
        {**KEYS, "cls": STRING, "txt": STRING},
        {"cls": "1", "txt": "five"},
        keyed=True,
    ),
    media("image", Image(decode=False), ".png"),
    media("audio", Audio(decode=False), ".wav"),
    media("video", Video(decode=False), ".mp4"),
    Written(
        "imagefolder",
        put_metadata,
        {"image": Image(decode=False), "n": INT},
        {"image": INT, "n": INT},
        "/image",
        "n",
        {"image": Image(decode=False), "n": STRING},
        {"n": "1"},
        columns_left_out=True,
    ),
]
ids = [f"{w.name}-{w.put.__name__[4:]}" for w in WRITTEN]
each_format = pytest.mark.parametrize("written", WRITTEN, ids=ids)
each_mode = pytest.mark.parametrize("mode", MODES, ids=str)


def load(written: Written, folder: Path, features: dict[str, Any], mode: Any) -> Any:
    if not any(folder.iterdir()):
        written.put(folder)
    found = load_dataset(
        written.name,
        data_dir=str(folder),
        features=Features(features),
        validation=mode,
        split="train",
    )
    return found if mode == "report" else found.to_list()


def refused(written: Written, folder: Path, features: dict[str, Any], mode: Any) -> SchemaError:
    with pytest.raises(SchemaError) as caught:
        load(written, folder, features, mode)
    return caught.value


@each_format
@each_mode
def test_what_fits_passes(tmp_path: Path, written: Written, mode: Any) -> None:
    found = load(written, tmp_path, written.fits, mode)

    if mode == "report":
        assert found.ok
        assert found.rows == len(load(written, tmp_path, written.fits, None))
    else:
        assert [set(row) for row in found] == [set(written.fits)] * len(found)
        assert found


@each_format
@each_mode
def test_a_value_that_is_none_of_the_type_is_located(
    tmp_path: Path, written: Written, mode: Any
) -> None:
    if mode == "report":
        report = load(written, tmp_path, written.wrong, mode)
        assert not report.ok
        error = report[0]
    else:
        error = refused(written, tmp_path, written.wrong, mode)

    if mode == "off" and not error.pointer:  # Arrow's own words
        assert "five" in str(error)
    else:
        assert error.pointer == written.pointer
    assert str(tmp_path) in str(error.file)
    assert (error.row, error.line) != (None, None)
    assert all((error.expected, error.found, error.snippet, error.hint))


@pytest.mark.parametrize(
    "written",
    [w for w in WRITTEN if w.convertible],
    ids=[i for i, w in zip(ids, WRITTEN, strict=True) if w.convertible],
)
def test_a_value_of_another_type_is_converted_only_where_one_asks_for_it(
    tmp_path: Path, written: Written
) -> None:
    error = refused(written, tmp_path, written.convertible, "strict")
    report = load(written, tmp_path, written.convertible, "report")
    row = load(written, tmp_path, written.convertible, "coerce")[0]

    assert '"coerce"' in error.hint
    assert report.total == len(load(written, tmp_path, written.fits, "strict"))
    assert {name: row[name] for name in written.converted} == written.converted


@each_format
@each_mode
def test_a_declared_column_that_is_not_there(tmp_path: Path, written: Written, mode: Any) -> None:
    features = {**written.fits, "b": INT}

    if mode == "report":
        report = load(written, tmp_path, features, mode)
        assert [m.pointer for m in report] == ([] if written.keyed else ["/b"])
    elif mode == "strict" and not written.keyed:
        assert refused(written, tmp_path, features, mode).pointer == "/b"
    else:
        assert {row["b"] for row in load(written, tmp_path, features, mode)} == {None}


@each_format
@each_mode
def test_a_column_that_is_not_declared(tmp_path: Path, written: Written, mode: Any) -> None:
    features = {name: f for name, f in written.fits.items() if name != written.extra}
    features = features or {"b": INT, "c": INT}
    pointer = f"/{written.extra}"

    if mode == "report":
        assert pointer in {m.pointer for m in load(written, tmp_path, features, mode)}
    elif mode == "off" or (mode is None and written.columns_left_out):
        assert set(load(written, tmp_path, features, mode)[0]) == set(features)
    else:
        assert refused(written, tmp_path, features, mode).pointer == pointer


def test_a_report_names_a_column_once_a_file_and_not_once_a_batch(tmp_path: Path) -> None:
    table = pa.table({"n": range(20_000), "s": ["x"] * 20_000})
    for number in range(2):
        pq.write_table(table, tmp_path / f"train-{number}.parquet")

    report = load_dataset(
        str(tmp_path), features=Features({"n": INT}), validation="report", split="train"
    )

    assert [(m.pointer, m.row) for m in report] == [("/s", None)] * 2
    assert report.rows == 40_000


@pytest.mark.parametrize("streaming", [False, True])
def test_a_label_beyond_its_names_is_found_though_the_types_are_the_same(
    tmp_path: Path, streaming: bool
) -> None:
    pq.write_table(pa.table({"y": [0, 1, 7]}), tmp_path / "train.parquet")
    features = Features({"y": ClassLabel(names=["no", "yes"])})

    ds = load_dataset(
        str(tmp_path), features=features, validation="strict", split="train", streaming=streaming
    )

    with pytest.raises(SchemaError) as caught:
        list(ds)
    assert (caught.value.row, caught.value.pointer) == (2, "/y")


@pytest.mark.parametrize("name", ["csv", "json", "parquet", "text", "xml", "arrow"])
def test_a_mode_that_is_none_is_refused_before_anything_is_read(tmp_path: Path, name: str) -> None:
    (tmp_path / f"train.{name}").write_text("")
    with pytest.raises(ValueError, match="'coerce'"):
        load_dataset(name, data_dir=str(tmp_path), validation="loose")  # type: ignore[call-overload]


def test_a_builder_that_is_to_report_gives_no_rows(tmp_path: Path) -> None:
    put_csv(tmp_path)
    builder = load_dataset_builder(str(tmp_path), features=Features(NS), validation="report")

    assert builder.report().ok
    with pytest.raises(ValueError, match=r"builder\.report"):
        builder.as_dataset()


def test_a_stream_of_files_is_validated_and_gives_no_report(tmp_path: Path) -> None:
    put_csv(tmp_path)
    file, features = str(tmp_path / "train.csv"), Features({"n": INT, "s": INT})

    with pytest.raises(SchemaError):
        list(IterableDataset.from_csv(file, features=features, validation="strict"))
    with pytest.raises(ValueError, match="no rows"):
        IterableDataset.from_csv(file, features=features, validation="report")


@pytest.mark.parametrize("mode", ["strict", "coerce", "off", None])
def test_rows_of_a_database_are_validated(mode: Any) -> None:
    with closing(sqlite3.connect(":memory:")) as con:
        con.execute("create table t (n int, s text)")
        con.execute("insert into t values (1, 'five')")

        def rows(features: dict[str, Any]) -> Any:
            read = Dataset.from_sql("t", con, features=Features(features), validation=mode)
            return read.to_list()

        assert rows(NS) == [{"n": 1, "s": "five"}]
        with pytest.raises(SchemaError, match="/s"):
            rows({"n": INT, "s": INT})
        if mode == "strict":
            with pytest.raises(SchemaError, match="/n"):
                rows({"n": STRING, "s": STRING})
        else:
            assert rows({"n": STRING, "s": STRING}) == [{"n": "1", "s": "five"}]
        with pytest.raises(ValueError, match="no rows"):
            Dataset.from_sql("t", con, features=Features(NS), validation="report")


def test_a_report_is_bounded_and_counts_on(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("n\n" + "x\n" * 3_000)

    report = load_dataset(
        str(tmp_path), features=Features({"n": INT}), validation="report", split="train"
    )

    assert (report.total, len(report), report.rows) == (3_000, 1_000, 3_000)


COLUMNS: list[list[Any]] = [
    [0, 1],
    [5, None],
    [300],
    [-1],
    [2**40],
    [2**53 + 1],
    [0.5],
    [1e300],
    ["5"],
    ["x", None],
    ["true"],
    ["a", "b"],
    ["1.0"],
    [True, False],
    [[1, 2], []],
    [["a"], None],
    [{"a": 1}, {"a": None}],
]
DECLARED: list[Any] = [
    *map(Value, ("int8", "int64", "uint8", "float32", "float64", "string", "bool", "date32")),
    List(Value("int64")),
    List(Value("string")),
    {"a": Value("int64")},
    {"a": Value("string")},
    ClassLabel(names=["a", "b"]),
]


@pytest.mark.parametrize("mode", ["strict", "coerce"])
@pytest.mark.parametrize("column", COLUMNS, ids=str)
def test_the_same_values_come_to_the_same_in_every_format(
    tmp_path: Path, column: list[Any], mode: Any
) -> None:
    table = pa.table({"c": column})
    pq.write_table(table, tmp_path / "train.parquet")
    with pa.ipc.new_file(tmp_path / "train.arrow", table.schema) as writer:
        writer.write_table(table)
    lines = (json.dumps({"c": value}) + "\n" for value in column)
    (tmp_path / "train.jsonl").write_text("".join(lines))

    def outcome(name: str, file: str, feature: Any) -> Any:
        try:
            return load_dataset(
                name,
                data_files=str(tmp_path / file),
                features=Features({"c": feature}),
                validation=mode,
                split="train",
            ).to_list()
        except SchemaError as error:
            return (error.row or 0, error.pointer)

    for feature in DECLARED:
        if mode == "coerce" and isinstance(feature, ClassLabel) and column == [True, False]:
            continue  # Arrow takes them for 1 and 0
        found = outcome("parquet", "train.parquet", feature)
        assert outcome("arrow", "train.arrow", feature) == found, feature
        in_json = outcome("json", "train.jsonl", feature)
        if isinstance(found, tuple) and isinstance(in_json, tuple):
            assert in_json[1] == found[1], feature  # its rows are known by their lines
        else:
            assert in_json == found, feature
