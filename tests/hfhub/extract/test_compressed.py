"""Compressed files as streams of plain bytes."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import os
import random
import subprocess
import sys
from pathlib import Path

import lz4.frame
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hfhub.errors import ArchiveError
from hfhub.extract import open_compressed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

COMPRESS = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": zstd.compress,
    "lz4": lz4.frame.compress,
}
codecs = pytest.mark.parametrize("codec", COMPRESS)
PLAIN = bytes(random.Random(7).choices(range(64), k=300_000))


@codecs
def test_comes_out_as_it_went_in(codec: str, tmp_path: Path) -> None:
    path = tmp_path / "any-name"
    path.write_bytes(COMPRESS[codec](PLAIN))
    with open_compressed(path) as file:
        assert file.read() == PLAIN


@codecs
@settings(max_examples=20, deadline=None)
@given(members=st.lists(st.binary(max_size=3000), min_size=1, max_size=6), data=st.data())
def test_concatenated_members_come_out_one_after_another(
    codec: str, members: list[bytes], data: st.DataObject
) -> None:
    packed = b"".join(COMPRESS[codec](member) for member in members)
    with open_compressed(io.BytesIO(packed)) as file:
        out = b""
        while piece := file.read(data.draw(st.integers(1, 700))):
            out += piece
    assert out == b"".join(members)


@codecs
def test_a_thousand_small_members_come_out_whole(codec: str) -> None:
    packed = b"".join(COMPRESS[codec](b"%d\n" % n) for n in range(1000))
    with open_compressed(io.BytesIO(packed)) as file:
        assert file.read().split() == [b"%d" % n for n in range(1000)]


@codecs
@pytest.mark.parametrize("keep", [0.1, 0.5, 0.999])
def test_a_cut_file_is_an_error_and_not_a_short_read(codec: str, keep: float) -> None:
    packed = COMPRESS[codec](PLAIN)
    cut = packed[: int(len(packed) * keep)]
    with open_compressed(io.BytesIO(cut)) as file, pytest.raises(ArchiveError, match="cut short"):
        file.read()


@codecs
def test_a_flipped_bit_is_an_error(codec: str) -> None:
    # lz4 frames carry a checksum of the content only when asked to.
    pack = COMPRESS[codec] if codec != "lz4" else _lz4_with_checksum
    packed = bytearray(pack(PLAIN) if codec != "zstd" else _zstd_with_checksum(PLAIN))
    packed[len(packed) // 2] ^= 1
    with open_compressed(io.BytesIO(packed)) as file, pytest.raises(ArchiveError, match="damaged"):
        file.read()


def _lz4_with_checksum(data: bytes) -> bytes:
    return lz4.frame.compress(data, content_checksum=True)


def _zstd_with_checksum(data: bytes) -> bytes:
    return zstd.compress(data, options={zstd.CompressionParameter.checksum_flag: 1})


@codecs
def test_what_follows_the_data_is_not_dropped_in_silence(codec: str) -> None:
    packed = COMPRESS[codec](b"rows") + b"not compressed at all"
    with open_compressed(io.BytesIO(packed)) as file, pytest.raises(ArchiveError, match="follows"):
        file.read()


@pytest.mark.parametrize("codec", ["gzip", "xz"])
def test_padding_with_zeros_is_no_error(codec: str) -> None:
    packed = COMPRESS[codec](b"rows") + bytes(512)
    with open_compressed(io.BytesIO(packed)) as file:
        assert file.read() == b"rows"


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_skippable_frames_are_skipped(codec: str) -> None:
    skippable = b"\x52\x2a\x4d\x18" + (5).to_bytes(4, "little") + b"notes"
    packed = COMPRESS[codec](b"one") + skippable + COMPRESS[codec](b"two")
    with open_compressed(io.BytesIO(packed)) as file:
        assert file.read() == b"onetwo"


def test_a_zstd_file_may_begin_with_a_skippable_frame() -> None:
    skippable = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"pzst"
    with open_compressed(io.BytesIO(skippable + zstd.compress(b"rows"))) as file:
        assert file.read() == b"rows"


def test_a_plain_file_comes_out_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "named.gz"
    path.write_bytes(b"plain text")
    with open_compressed(path) as file:
        assert file.read() == b"plain text"
        assert file.seekable()


@pytest.mark.parametrize("content", [b"", b"x", b"\x1f\x8b"])
def test_tiny_plain_files_come_out_as_they_are(content: bytes) -> None:
    with open_compressed(io.BytesIO(content)) as file:
        assert file.read() == content


def test_a_pipe_is_read_without_seeking() -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys,gzip;sys.stdout.buffer.write(gzip.compress(b'x'*99999))",
        ],
        stdout=subprocess.PIPE,
        bufsize=0,
    ) as process:
        assert process.stdout is not None
        with open_compressed(process.stdout) as file:
            assert file.read() == b"x" * 99999


def test_an_open_file_is_left_open_and_an_own_one_closed(tmp_path: Path) -> None:
    path = tmp_path / "f.gz"
    path.write_bytes(gzip.compress(b"x"))
    with path.open("rb") as mine:
        open_compressed(mine).close()
        assert not mine.closed
    before = len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0
    open_compressed(path).close()
    assert before == (len(os.listdir("/proc/self/fd")) if sys.platform == "linux" else 0)


def test_a_zstd_window_beyond_the_default_is_refused_with_a_reason() -> None:
    options = {
        zstd.CompressionParameter.window_log: 28,
        zstd.CompressionParameter.content_size_flag: 0,
    }
    compressor = zstd.ZstdCompressor(options=options)
    packed = compressor.compress(b"x" * 100) + compressor.flush()
    with open_compressed(io.BytesIO(packed)) as file, pytest.raises(ArchiveError, match="zstd"):
        file.read()


def test_the_error_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl.gz"
    path.write_bytes(gzip.compress(PLAIN)[:1000])
    with open_compressed(path) as file, pytest.raises(ArchiveError, match=r"rows\.jsonl\.gz"):
        file.read()
