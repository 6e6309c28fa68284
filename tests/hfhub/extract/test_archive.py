"""Members of archives, one after another."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import archives
import pytest

from hfhub.errors import ArchiveError, ArchiveLimitError, UnsafeArchiveError
from hfhub.extract import Limits, iter_archive

MADE = archives.all_archives(archives.FILES)
kinds = pytest.mark.parametrize("kind", MADE)


@kinds
def test_every_kind_gives_its_files_in_order(kind: str) -> None:
    read = [(name, file.read()) for name, file in iter_archive(io.BytesIO(MADE[kind]))]
    assert read == list(archives.FILES.items())


@kinds
def test_members_need_not_be_read(kind: str) -> None:
    names = [name for name, _ in iter_archive(io.BytesIO(MADE[kind]))]
    assert names == list(archives.FILES)


@kinds
def test_a_path_may_have_any_name(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "shard-0001"
    path.write_bytes(MADE[kind])
    assert [name for name, _ in iter_archive(path)] == list(archives.FILES)


@kinds
def test_a_cut_archive_is_an_error(kind: str) -> None:
    cut = MADE[kind][: len(MADE[kind]) * 2 // 3]
    with pytest.raises(ArchiveError):
        for _, file in iter_archive(io.BytesIO(cut)):
            file.read()


def test_a_tar_cut_between_two_members_is_an_error() -> None:
    whole = archives.tar({"a": b"1" * 512, "b": b"2" * 512})
    with pytest.raises(ArchiveError, match="cut short"):
        list(iter_archive(io.BytesIO(whole[:1024])))


def test_a_damaged_tar_header_is_not_the_end() -> None:
    whole = bytearray(archives.tar({"a": b"1" * 512, "b": b"2" * 512}))
    whole[1024 + 3] ^= 0xFF
    with pytest.raises(ArchiveError, match="damaged"):
        list(iter_archive(io.BytesIO(bytes(whole))))


def test_a_wrong_byte_in_a_zip_member_is_an_error() -> None:
    packed = bytearray(archives.zipped({"a": b"0123456789" * 50}, zipfile.ZIP_STORED))
    packed[60] ^= 1
    with pytest.raises(ArchiveError, match="'a'"):
        for _, file in iter_archive(io.BytesIO(bytes(packed))):
            file.read()


def test_an_encrypted_zip_says_so() -> None:
    packed = bytearray(archives.zipped({"a": b"x"}, zipfile.ZIP_STORED))
    packed[6] |= 1
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArchiveError, match="encrypted"):
        list(iter_archive(io.BytesIO(bytes(packed))))


@pytest.mark.parametrize("data", [b"", b"just text", b"\x1f\x8b\x08" + bytes(30)])
def test_what_is_no_archive_is_refused(data: bytes) -> None:
    with pytest.raises(ArchiveError):
        list(iter_archive(io.BytesIO(data)))


def test_a_single_compressed_file_is_no_archive() -> None:
    packed = archives.CODECS[".gz"](b"rows\n")
    with pytest.raises(ArchiveError, match="open_compressed"):
        list(iter_archive(io.BytesIO(packed)))


def test_an_empty_tar_and_an_empty_zip_have_no_members() -> None:
    assert list(iter_archive(io.BytesIO(archives.tar({})))) == []
    assert list(iter_archive(io.BytesIO(archives.zipped({})))) == []


def test_a_tar_of_before_posix_is_read() -> None:
    info = tarfile.TarInfo("old")
    info.size = 2
    header = bytearray(info.tobuf(tarfile.USTAR_FORMAT))
    header[257:265] = bytes(8)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    packed = bytes(header) + b"hi".ljust(512, b"\0") + bytes(1024)
    assert [(name, file.read()) for name, file in iter_archive(io.BytesIO(packed))] == [
        ("old", b"hi")
    ]


def test_unsafe_names_are_refused_while_iterating() -> None:
    with pytest.raises(UnsafeArchiveError, match=r"\.\."):
        list(iter_archive(io.BytesIO(archives.tar({"../x": b""}))))


def test_more_entries_than_allowed_are_refused() -> None:
    packed = archives.tar({str(n): b"" for n in range(5)})
    with pytest.raises(ArchiveLimitError, match="max_entries=4"):
        list(iter_archive(io.BytesIO(packed), limits=Limits(max_entries=4)))


def test_a_7z_archive_gives_its_files(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr", reason="the extra 7z is not installed")
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        for name, data in archives.FILES.items():
            archive.writestr(data, name)
    assert {n: f.read() for n, f in iter_archive(path)} == archives.FILES
    assert {n for n, _ in iter_archive(path)} == set(archives.FILES)


def test_leaving_a_7z_archive_early_ends_its_thread(tmp_path: Path) -> None:
    import threading

    py7zr = pytest.importorskip("py7zr", reason="the extra 7z is not installed")
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writestr(bytes(20_000_000), "big")
        archive.writestr(b"x", "small")
    members = iter_archive(path)
    next(members)
    members.close()
    assert not any(thread.name == "hfhub-7z" for thread in threading.enumerate())


def test_a_damaged_7z_archive_is_an_error(tmp_path: Path) -> None:
    py7zr = pytest.importorskip("py7zr", reason="the extra 7z is not installed")
    path = tmp_path / "a.7z"
    with py7zr.SevenZipFile(path, "w") as archive:
        archive.writestr(bytes(range(256)) * 100, "a")
    packed = bytearray(path.read_bytes())
    packed[40] ^= 0xFF
    path.write_bytes(packed)
    with pytest.raises(ArchiveError):
        for _, file in iter_archive(path):
            file.read()


def _rar_block(kind: int, flags: int, body: bytes, data: bytes = b"") -> bytes:
    import struct
    import zlib

    head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
    return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head + data


def _stored_rar(name: str, data: bytes) -> bytes:
    """A RAR 3 archive with one stored member, by the format's technote."""
    import struct
    import zlib

    encoded = name.encode()
    body = (
        struct.pack(
            "<IIBIIBBHI",
            len(data),
            len(data),
            3,
            zlib.crc32(data),
            0x21000000,
            29,
            0x30,
            len(encoded),
            0o100644,
        )
        + encoded
    )
    return (
        b"Rar!\x1a\x07\x00"
        + _rar_block(0x73, 0, bytes(6))
        + _rar_block(0x74, 0x8000, body, data)
        + _rar_block(0x7B, 0x4000, b"")
    )


def test_a_rar_archive_gives_its_files() -> None:
    pytest.importorskip("rarfile", reason="the extra rar is not installed")
    packed = _stored_rar("a.txt", b"rows")
    assert [(n, f.read()) for n, f in iter_archive(io.BytesIO(packed))] == [("a.txt", b"rows")]
