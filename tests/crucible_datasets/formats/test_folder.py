from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats import get_format
from crucible_datasets.formats.members import expanded
from crucible_datasets.schema import Audio, ClassLabel, Features, Image, List, Value

if TYPE_CHECKING:
    from pathlib import Path


def rows(scans: Any, split: str = "") -> Any:
    return scans[split].read().to_pylist()


def scanned(splits: Any, name: str = "imagefolder", **options: Any) -> Any:
    return get_format(name).scan_splits(splits, features=None, options=options)


def test_folders_are_labels_of_all_splits(put: Any, tmp_path: Path) -> None:
    files = {
        "train": [put("train/cat/1.png", b"1")],
        "test": [put("test/dog/2.png", b"2")],
    }
    scans = scanned(files)
    assert scans["train"].features == Features(
        {"image": Image(), "label": ClassLabel(names=["cat", "dog"])}
    )
    assert rows(scans, "test") == [
        {"image": {"bytes": None, "path": str(tmp_path / "test/dog/2.png")}, "label": 1}
    ]


@pytest.mark.parametrize(
    ("names", "drop", "labelled"),
    [
        (["a/1.png", "b/2.png"], None, True),
        (["a/1.png", "a/2.png"], None, False),
        (["a/1.png", "b/c/2.png"], None, False),
        (["a/1.png", "b/2.png"], True, False),
        (["a/1.png", "a/2.png"], False, True),
    ],
)
def test_labels_are_given_where_folders_lie_side_by_side(
    put: Any, names: list[str], drop: bool | None, labelled: bool
) -> None:
    scans = scanned({"": [put(name, b"") for name in names]}, drop_labels=drop)
    assert ("label" in scans[""].features) is labelled


def test_metadata_say_more_than_folders(put: Any, tmp_path: Path) -> None:
    files = [
        put("a/1.png", b""),
        put("b/2.png", b""),
        put("metadata.csv", "file_name,text\na/1.png,one\nb/2.png,two\n"),
    ]
    scans = scanned({"": files})
    assert scans[""].features == Features({"image": Image(), "text": Value("string")})
    assert rows(scans)[1] == {
        "image": {"bytes": None, "path": str(tmp_path / "b/2.png")},
        "text": "two",
    }
    assert "text" not in scanned({"": files}, drop_metadata=True)[""].features


def test_a_row_may_name_several_files(put: Any) -> None:
    files = [
        put("1.png", b""),
        put("metadata.jsonl", '{"file_names": ["1.png", "1.png"], "mask_file_name": "1.png"}\n'),
    ]
    scans = scanned({"": files})
    assert scans[""].features == Features({"images": List(Image()), "mask": Image()})
    assert len(rows(scans)[0]["images"]) == 2


@pytest.mark.parametrize("name", ["../x.png", "/etc/passwd", "a/../../x.png", "file:///x", "C:/x"])
def test_metadata_can_not_point_out_of_their_folder(put: Any, name: str) -> None:
    files = [put("d/1.png", b""), put("d/metadata.csv", f"file_name\n{name}\n")]
    with pytest.raises(SchemaError, match="file_name"):
        rows(scanned({"": files}))


def test_a_named_file_that_is_missing_is_an_error(put: Any) -> None:
    files = [put("1.png", b""), put("metadata.csv", "file_name\n2.png\n")]
    with pytest.raises(SchemaError, match=r"2\.png"):
        rows(scanned({"": files}))


def test_metadata_without_file_names_are_an_error(put: Any) -> None:
    with pytest.raises(ValueError, match="file_name"):
        scanned({"": [put("1.png", b""), put("metadata.csv", "text\nx\n")]})


def test_files_in_an_archive_come_with_their_bytes(put: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("d/1.wav", b"sound")
        archive.writestr("d/metadata.csv", "file_name,n\n1.wav,5\n")
    scans = scanned({"": expanded([put("a.zip", out.getvalue())])}, "audiofolder")
    assert scans[""].features == Features({"audio": Audio(), "n": Value("int64")})
    assert rows(scans)[0]["audio"]["bytes"] == b"sound"


def test_a_shard_is_a_file_and_a_piece_many(put: Any) -> None:
    scan = scanned({"": [put(f"{n}.png", b"") for n in range(5)]})[""]
    assert len(scan.shards()) == 5
    [piece] = scan.shards(pieces=True)
    assert [b.num_rows for b in piece.batches(start=1, batch_size=3)] == [3, 1]
