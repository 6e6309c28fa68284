"""Every format, compressed in every way: the same rows, and nothing unpacked to disk."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zipfile
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from crucible_datasets.formats import get_format
from crucible_datasets.formats.members import expanded
from crucible_datasets.formats.opening import open_plain
from crucible_datasets.formats.sources import local_file
from hfhub.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/file", data)
    return out.getvalue()


def zstd(data: bytes) -> bytes:
    return pa.compress(data, codec="zstd", asbytes=True)


def lz4(data: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "lz4") as stream:
        stream.write(data)
    return out.getvalue().to_pybytes()


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
    "lz4": lz4,
    "zip": zipped,
}
TABLE = pa.table({"a": [1, 2], "b": ["x", "y"]})


def arrow() -> bytes:
    out = io.BytesIO()
    with pa.ipc.new_stream(out, TABLE.schema) as writer:
        writer.write_table(TABLE)
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(TABLE, out)
    return out.getvalue()


PLAIN: dict[str, Callable[[], bytes]] = {
    "arrow": arrow,
    "csv": lambda: b"a,b\n1,x\n2,y\n",
    "json": lambda: b'{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n',
    "parquet": parquet,
    "text": lambda: b"1 x\n2 y\n",
    "xml": lambda: b"<a/>",
}


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("name", PLAIN)
def test_a_compressed_file_has_the_same_rows(
    put: Any, tmp_path: Path, name: str, codec: str
) -> None:
    plain = put(f"plain.{name}", PLAIN[name]())
    packed = put(f"packed.{name}.{codec}", CODECS[codec](PLAIN[name]()))
    format_ = get_format(name)

    expected = format_.scan([plain], features=None, options={}).read().to_pylist()
    found = format_.scan(expanded([packed]), features=None, options={})

    assert found.read().to_pylist() == expected
    assert [
        row for s in found.shards(pieces=True) for b in s.batches() for row in b.to_pylist()
    ] == (expected)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        f"packed.{name}.{codec}",
        f"plain.{name}",
    ]


def test_members_are_walked_as_if_they_were_unpacked(put: Any) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("b/1", "z", "a/2", "a/b/0", ".hidden", "__MACOSX/x", "a/.x"):
            archive.writestr(name, "")
    names = [file.name.rpartition("::")[2] for file in expanded([put("a.zip", out.getvalue())])]
    assert names == ["z", "a/2", "a/b/0", "b/1"]


def test_a_cut_file_is_named_as_the_reader_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "0123abcd"
    path.write_bytes(gzip.compress(b'{"a": 1}\n' * 1000)[:-20])
    file = local_file(path, name="hf://datasets/me/cut@main/train.jsonl.gz")
    with pytest.raises(ArchiveError, match=r"^hf://datasets/me/cut@main/train\.jsonl\.gz: "):
        open_plain(file).read()
