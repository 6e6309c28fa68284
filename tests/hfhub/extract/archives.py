"""Makers of archives, good and hostile, for the tests of this folder."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import sys
import tarfile
from collections.abc import Callable, Mapping

import lz4.frame

if sys.version_info >= (3, 14):
    import zipfile

    from compression import zstd
else:
    from backports import zstd
    from backports.zstd import zipfile

FILES: dict[str, bytes] = {
    "readme.txt": b"hello\n",
    "data/train.jsonl": b'{"a": 1}\n' * 5000,
    "data/empty": b"",
    "data/deep/er/ünïcode.bin": bytes(range(256)) * 300,
}

Entry = bytes | tuple[str, str]
"""A file's bytes, or a kind of special member with its target."""


def tar(entries: Mapping[str, Entry]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name, entry in entries.items():
            info = tarfile.TarInfo(name)
            if isinstance(entry, bytes):
                info.size = len(entry)
                archive.addfile(info, io.BytesIO(entry))
                continue
            kind, info.linkname = entry
            info.type = {
                "symlink": tarfile.SYMTYPE,
                "hardlink": tarfile.LNKTYPE,
                "fifo": tarfile.FIFOTYPE,
                "device": tarfile.CHRTYPE,
                "block": tarfile.BLKTYPE,
                "folder": tarfile.DIRTYPE,
            }[kind]
            archive.addfile(info)
    return out.getvalue()


def zipped(entries: Mapping[str, Entry], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression=method) as archive:
        for name, entry in entries.items():
            info = zipfile.ZipInfo("x")
            info.filename = name  # as it is: the constructor would mend some names
            info.compress_type = method
            data = entry if isinstance(entry, bytes) else entry[1].encode()
            mode = stat.S_IFREG | 0o644
            if not isinstance(entry, bytes):
                mode = {
                    "symlink": stat.S_IFLNK,
                    "fifo": stat.S_IFIFO,
                    "device": stat.S_IFCHR,
                    "folder": stat.S_IFDIR,
                }[entry[0]] | 0o755
            info.external_attr = mode << 16
            archive.writestr(info, data)
    return out.getvalue()


CODECS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda data: data,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
    ".zst": zstd.compress,
    ".lz4": lz4.frame.compress,
}
ZIP_METHODS = {"stored": 0, "deflate": 8, "bzip2": 12, "lzma": 14, "zstd": 93}


def all_archives(entries: Mapping[str, Entry]) -> dict[str, bytes]:
    """The same members in every kind of archive that needs no extra."""
    made = {f"tar{ending}": pack(tar(entries)) for ending, pack in CODECS.items()}
    for name, method in ZIP_METHODS.items():
        made[f"zip-{name}"] = zipped(entries, method)
    return made
