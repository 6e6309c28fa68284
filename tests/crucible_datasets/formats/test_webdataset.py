from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

import pytest

from crucible_datasets.errors import FileFormatError, SchemaError
from crucible_datasets.schema import Features, Image, Value


def tar(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def test_files_with_one_name_are_a_row(put: Any, scan: Any) -> None:
    file = put(
        "a.tar",
        tar(
            ("d/1.png", b"p"), ("d/1.json", b'{"a": 1}'), ("d/1.cls", b"3"), ("d/1.seg.txt", b"x"),
            ("d/2.png", b"q"), ("d/2.json", b'{"a": 2}'), ("d/2.cls", b"4"), ("d/2.seg.txt", b"y"),
        ),
    )  # fmt: skip
    found = scan("webdataset", file)
    assert found.features == Features(
        {
            "png": Image(),
            "json": {"a": Value("int64")},
            "cls": Value("int64"),
            "seg.txt": Value("string"),
            "__key__": Value("string"),
            "__url__": Value("string"),
        }
    )
    assert found.read().to_pylist()[1] == {
        "png": {"bytes": b"q", "path": "d/2.png"},
        "json": {"a": 2},
        "cls": 4,
        "seg.txt": "y",
        "__key__": "d/2",
        "__url__": file.path,
    }


def test_a_compressed_tar_and_compressed_members_are_read(put: Any, scan: Any) -> None:
    file = put("a.tar.gz", gzip.compress(tar(("1.txt.gz", gzip.compress(b"x")))))
    assert scan("webdataset", file).read(["txt.gz"]).to_pylist() == [{"txt.gz": "x"}]


def test_a_field_that_comes_late_is_an_error_and_not_dropped(put: Any, scan: Any) -> None:
    members = [(f"{n}.txt", b"x") for n in range(9)] + [("9.txt", b"x"), ("9.cls", b"1")]
    with pytest.raises(SchemaError, match="'cls'"):
        scan("webdataset", put("a.tar", tar(*members))).read()


def test_a_field_twice_is_an_error(put: Any, scan: Any) -> None:
    with pytest.raises(FileFormatError, match="twice"):
        scan("webdataset", put("a.tar", tar(("1.txt", b"x"), ("1.txt", b"y"))))


def test_pickles_stay_bytes(put: Any, scan: Any) -> None:
    file = put("a.tar", tar(("1.pickle", b"cos\nsystem\n(S'false'\ntR."), ("1.pyd", b"x")))
    assert scan("webdataset", file).features["pickle"] == Value("binary")


def test_arrays_are_read_without_pickles(put: Any, scan: Any) -> None:
    import numpy as np

    good, bad = io.BytesIO(), io.BytesIO()
    np.save(good, np.array([1, 2]))
    np.save(bad, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    assert scan("webdataset", put("a.tar", tar(("1.npy", good.getvalue())))).read(
        ["npy"]
    ).to_pylist() == [{"npy": [1, 2]}]
    with pytest.raises(FileFormatError, match="npy"):
        scan("webdataset", put("b.tar", tar(("1.npy", bad.getvalue()))))
