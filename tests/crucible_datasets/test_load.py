from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.errors import (
    DataFilesNotFoundError,
    DatasetNotFoundError,
    NonMatchingSplitsSizesError,
    SchemaError,
)
from crucible_datasets.load import load_dataset, load_dataset_builder
from crucible_datasets.schema import ClassLabel, Features, Value
from crucible_datasets.splits import ReadInstruction, Split
from hfhub import settings
from hfhub.local_hub import LocalHub

if TYPE_CHECKING:
    from pathlib import Path


def parquet(**columns: Any) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def lines(*rows: Any) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


README = b"""---
configs:
- config_name: main
  data_files:
  - split: train
    path: main/train-*
  - split: test
    path: main/test-*
- config_name: other
  data_files: other.csv
  sep: ";"
---
"""
FILES = {
    "README.md": README,
    "main/train-00000-of-00001.parquet": parquet(a=[1, 2, 3]),
    "main/test-00000-of-00001.parquet": parquet(a=[4]),
    "other.csv": b"x;y\n1;2\n",
}


@pytest.fixture
def repo(local_hub: LocalHub) -> str:
    """The commit of the repository ``me/data``."""
    return local_hub.add("me/data", FILES)


@pytest.mark.usefixtures("repo")
def test_a_config_has_its_splits() -> None:
    found = load_dataset("me/data", "main")
    assert {split: ds["a"][:] for split, ds in found.items()} == {"train": [1, 2, 3], "test": [4]}


@pytest.mark.usefixtures("repo")
def test_parameters_of_the_card_reach_the_format() -> None:
    assert load_dataset("me/data", "other", split="train")[0] == {"x": 1, "y": 2}


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize(
    ("split", "rows"),
    [
        ("train", [1, 2, 3]),
        (Split.TEST, [4]),
        ("train[1:]", [2, 3]),
        ("train[:34%]+test", [1, 4]),
        (ReadInstruction("train", from_=-1, unit="abs"), [3]),
        ("all", [1, 2, 3, 4]),
        ("train+train", [1, 2, 3, 1, 2, 3]),
    ],
)
def test_a_split_may_be_part_of_one_or_several_together(split: Any, rows: list[int]) -> None:
    assert load_dataset("me/data", "main", split=split)["a"][:] == rows


@pytest.mark.usefixtures("repo")
def test_several_splits_may_be_asked_for_at_once() -> None:
    train, test = load_dataset("me/data", "main", split=["train[:1]", "test"])
    assert (train["a"][:], test["a"][:]) == ([1], [4])


def test_requests_are_few_when_cold_fewer_when_warm_and_none_when_pinned(
    local_hub: LocalHub, repo: str
) -> None:
    counts = []
    for revision in (None, None, repo):
        local_hub.clear_requests()
        load_dataset("me/data", "main", revision=revision)
        counts.append(local_hub.count())
    assert counts == [5, 1, 0]


@pytest.mark.usefixtures("repo")
def test_only_the_files_of_the_split_are_fetched(local_hub: LocalHub) -> None:
    load_dataset("me/data", "main", split="test")
    assert [name for name in local_hub.downloads if name.endswith("parquet")] == [
        "main/test-00000-of-00001.parquet"
    ]


@pytest.mark.usefixtures("repo")
def test_nothing_is_written_beside_the_hub_cache(tmp_path: Path) -> None:
    load_dataset("me/data", "main", split="train")[0]
    assert {path.name for path in (tmp_path / "hf_home").iterdir()} == {"hub"}


@pytest.mark.usefixtures("repo")
def test_a_stream_has_the_same_rows() -> None:
    assert list(load_dataset("me/data", "main", split="train", streaming=True)) == [
        {"a": 1},
        {"a": 2},
        {"a": 3},
    ]
    assert list(load_dataset("me/data", "main", streaming=True)) == ["train", "test"]


@pytest.mark.usefixtures("repo")
@pytest.mark.parametrize(
    ("arguments", "kind", "text"),
    [
        ({"name": "main", "split": "dev"}, ValueError, 'Unknown split "dev"'),
        ({"name": "nope"}, ValueError, "BuilderConfig 'nope' not found"),
        ({}, ValueError, "Config name is missing"),
        ({"name": "main", "split": "train[:0]"}, ValueError, "corresponds to no data"),
        ({"name": "main", "split": "train[:1]", "streaming": True}, ValueError, "Bad split"),
        ({"name": "main", "streaming": True, "num_proc": 2}, NotImplementedError, "num_proc"),
        ({"name": "main", "nope": 1}, ValueError, "nope"),
        ({"data_files": []}, ValueError, "data_files"),
        ({"data_files": "nope.csv"}, DataFilesNotFoundError, r"nope\.csv"),
        ({"name": "main", "revision": "nope"}, DatasetNotFoundError, "nope"),
        ({"path": "nobody/nothing"}, DatasetNotFoundError, "nobody/nothing"),
    ],
)
def test_what_is_not_there_is_said(arguments: Any, kind: type[Exception], text: str) -> None:
    with pytest.raises(kind, match=text):
        load_dataset(**{"path": "me/data", **arguments})


@pytest.mark.parametrize(("token", "word"), [(None, "authenticated"), ("hf_x", "ask for access")])
def test_a_gated_repository_says_so(
    monkeypatch: pytest.MonkeyPatch, token: str | None, word: str
) -> None:
    with LocalHub(tokens={"hf_x": "ann"}) as hub:
        hub.add("me/gated", {"train.csv": b"a\n1\n"}, gated=True)
        monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
        settings.reload()
        for streaming in (False, True):
            with pytest.raises(DatasetNotFoundError, match=f"gated.*{word}"):
                load_dataset("me/gated", token=token, streaming=streaming)


def test_a_script_is_refused_and_the_way_out_is_named(local_hub: LocalHub) -> None:
    local_hub.add("me/old", {"old.py": b"raise SystemExit", "test6.jsonl": lines({"q": 1})})
    local_hub.add(
        "me/old", {"main/train/0000.parquet": parquet(q=[1])}, branch="refs/convert/parquet"
    )
    with pytest.raises(RuntimeError, match=r"no longer supported, but found old\.py.*parquet"):
        load_dataset("me/old")
    assert load_dataset("me/old", data_files="test6.jsonl", split="train")[0] == {"q": 1}
    copy = load_dataset("me/old", "main", revision="refs/convert/parquet", split="train")
    assert copy[0] == {"q": 1}


def test_a_local_script_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "data.py").touch()
    for path in (tmp_path / "data", tmp_path / "data" / "data.py"):
        with pytest.raises(RuntimeError, match=r"but found data\.py"):
            load_dataset(str(path))


def test_trust_remote_code_is_told_and_ignored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "train.csv").write_text("a\n1\n")
    with caplog.at_level(logging.ERROR):
        found = load_dataset(str(tmp_path), split="train", trust_remote_code=True)
    assert found[0] == {"a": 1}
    assert "trust_remote_code" in caplog.text


def test_declared_features_of_the_card_are_used(local_hub: LocalHub) -> None:
    head = (
        b"---\ndataset_info:\n  features:\n  - name: y\n    dtype:\n      class_label:\n"
        b"        names:\n          '0': 'no'\n          '1': 'yes'\n---\n"
    )
    local_hub.add("me/labels", {"README.md": head, "train.jsonl": lines({"y": 1})})
    found = load_dataset("me/labels", split="train")
    assert found.features == Features({"y": ClassLabel(names=["no", "yes"])})
    assert load_dataset_builder("me/labels").info.features == found.features


def test_features_of_the_caller_win(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(lines({"a": 1}))
    features = Features({"a": Value("string")})
    assert load_dataset(str(tmp_path), split="train", features=features)[0] == {"a": "1"}


def test_features_may_be_a_plain_dict(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    loaded = load_dataset(str(tmp_path), split=("train", "train"), features={"a": Value("string")})  # type: ignore[call-overload]  # code without types does it
    assert isinstance(loaded, tuple)
    assert loaded[0][0] == {"a": "1"}


def test_sizes_are_those_that_a_card_tells(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n')
    assert load_dataset(str(tmp_path), split="train").info.splits is None


def test_validation_can_be_strict_or_a_report(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_bytes(lines({"a": 1}, {"a": "x"}, {"a": "2"}))
    features = Features({"a": Value("int64")})
    call: Any = {"path": str(tmp_path), "features": features, "split": "train"}
    with pytest.raises(SchemaError, match=r"train\.jsonl:2"):
        load_dataset(**call, validation="coerce").to_list()
    report = load_dataset(**call, validation="report")
    assert [(m.line, m.pointer) for m in report] == [(2, "/a"), (3, "/a")]


def test_a_report_lists_texts_of_csv_files(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a,b\n1,x\ny,z\n3,4\n")
    features = Features({"a": Value("int64"), "b": Value("string")})
    report = load_dataset(str(tmp_path), features=features, validation="report")
    assert [(m.row, m.pointer, m.snippet) for m in report] == [(1, "/a", '"y"')]


def test_a_folder_is_read_by_the_names_in_it(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").write_bytes(lines({"a": 1}))
    (tmp_path / "data" / "dev.jsonl").write_bytes(lines({"a": 2}))
    assert list(load_dataset(str(tmp_path))) == ["train", "validation"]
    assert load_dataset("json", data_dir=str(tmp_path / "data"), split="validation")[0] == {"a": 2}


def test_a_folder_without_data_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataFilesNotFoundError, match="any data files"):
        load_dataset(str(tmp_path))
    with pytest.raises(FileNotFoundError):
        load_dataset(str(tmp_path / "nope"))


def test_a_file_in_place_of_a_folder_says_how_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(b"")
    with pytest.raises(FileNotFoundError, match="load_dataset\\('json', data_files="):
        load_dataset(str(path))


def test_an_empty_path_is_not_the_current_folder() -> None:
    with pytest.raises(ValueError, match="empty path"):
        load_dataset("")


def test_splits_in_two_formats_are_an_error(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a\n1\n")
    (tmp_path / "test.jsonl").write_bytes(lines({"a": 1}))
    with pytest.raises(ValueError, match="same data file format"):
        load_dataset(str(tmp_path))


def test_what_save_to_disk_wrote_is_for_load_from_disk(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text("{}")
    with pytest.raises(ValueError, match="load_from_disk"):
        load_dataset(str(tmp_path))


def test_another_cache_can_be_named(local_hub: LocalHub, repo: str, tmp_path: Path) -> None:
    load_dataset("me/data", "main", split="test", cache_dir=str(tmp_path / "mine"))
    assert (tmp_path / "mine" / "hub" / "datasets--me--data").is_dir()


def test_force_redownload_fetches_again(local_hub: LocalHub, repo: str) -> None:
    load_dataset("me/data", "main", split="test")
    local_hub.clear_requests()
    load_dataset("me/data", "main", split="test", revision=repo, download_mode="force_redownload")
    assert local_hub.downloads == ["main/test-00000-of-00001.parquet"]


@pytest.mark.usefixtures("repo")
def test_an_unknown_mode_is_a_value_error() -> None:
    for option in ("download_mode", "verification_mode"):
        with pytest.raises(ValueError, match="nope"):
            load_dataset("me/data", "main", **{option: "nope"})


def test_all_checks_compare_with_the_card(local_hub: LocalHub) -> None:
    head = (
        b"---\ndataset_info:\n  splits:\n  - name: train\n    num_bytes: 1\n"
        b"    num_examples: 7\n---\n"
    )
    local_hub.add("me/sizes", {"README.md": head, "train.csv": b"a\n1\n"})
    assert load_dataset("me/sizes", split="train").num_rows == 1
    with pytest.raises(NonMatchingSplitsSizesError, match="7 rows"):
        load_dataset("me/sizes", verification_mode="all_checks")


def test_a_stream_of_the_hub_writes_no_data(local_hub: LocalHub, tmp_path: Path) -> None:
    local_hub.add(
        "me/lines", {"train.jsonl": lines(*({"a": n} for n in range(5))), "x.parquet": b""}
    )
    local_hub.add("me/table", {"train.parquet": parquet(a=list(range(5)))})
    for name in ("me/lines", "me/table"):
        local_hub.clear_requests()
        found = load_dataset(name, split="train", streaming=True)
        assert [row["a"] for row in found] == list(range(5))
        assert local_hub.count() < 10
    blobs = [p for p in (tmp_path / "hf_home").rglob("*") if p.is_file() and "blobs" in p.parts]
    assert blobs == []


def test_a_stream_may_keep_the_files_that_it_reads(local_hub: LocalHub) -> None:
    local_hub.add("me/table", {f"train-{n}.parquet": parquet(a=[n]) for n in range(3)})
    stream = load_dataset("me/table", split="train", streaming=True, cache="write")
    assert [row["a"] for row in stream] == [0, 1, 2]
    local_hub.clear_requests()
    assert [row["a"] for row in stream] == [0, 1, 2]
    assert local_hub.count() == 0
    with pytest.raises(ValueError, match="cache="):
        load_dataset("me/table", split="train", cache="write")


def test_a_late_value_of_another_type_in_a_stream_is_located(tmp_path: Path) -> None:
    many = [{"a": n, "text": "x" * 1000} for n in range(13_000)]
    (tmp_path / "train.jsonl").write_bytes(lines(*many, {"a": "late", "text": ""}))
    stream = load_dataset(str(tmp_path), split="train", streaming=True)
    assert next(iter(stream))["a"] == 0
    with pytest.raises(SchemaError, match=r"train\.jsonl:13001, at /a"):
        list(stream)
    assert load_dataset(str(tmp_path), split="train")[-1]["a"] == "late"


def test_offline_the_cache_is_enough(repo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    load_dataset("me/data", "main")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    settings.reload()
    assert load_dataset("me/data", "main", split="train")["a"][:] == [1, 2, 3]


def test_a_builder_shows_what_will_be_read(repo: str) -> None:
    builder = load_dataset_builder("me/data", "main")
    assert builder.config.name == "main"
    assert list(builder.builder_configs) == ["main", "other"]
    assert builder.config.data_files["test"] == [
        f"hf://datasets/me/data@{repo}/main/test-00000-of-00001.parquet"
    ]
    assert (builder.repo_id, builder.hash, builder.name) == ("me/data", repo, "parquet")


def test_an_edited_file_gives_another_cache_folder(tmp_path: Path) -> None:
    (tmp_path / "train.csv").write_text("a\n1\n")
    before = load_dataset_builder(tmp_path).cache_dir
    (tmp_path / "train.csv").write_text("a\n1\n2\n")
    assert load_dataset_builder(tmp_path).cache_dir != before
