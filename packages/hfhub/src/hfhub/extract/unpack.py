"""Unpack an archive into a folder, whole or not at all."""

from __future__ import annotations

import errno
import glob
import hashlib
import os
import posixpath
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from hfhub import progress, settings
from hfhub.cache import owner
from hfhub.cache.store import store_for
from hfhub.errors import ArchiveError, UnsafeArchiveError
from hfhub.extract import sniff
from hfhub.extract.archive import open_members
from hfhub.extract.compressed import open_compressed, peek
from hfhub.extract.limits import Limits, Meter
from hfhub.extract.names import SafeNames

if TYPE_CHECKING:
    import io
    from collections.abc import Iterable

    from hfhub.cache.store import Store
    from hfhub.extract.member import Member

_COPY = 1 << 20


def extract(
    path: str | os.PathLike[str],
    to: str | os.PathLike[str] | None = None,
    *,
    limits: Limits | None = None,
    cache_dir: str | Path | None = None,
) -> Path:
    """Unpack an archive, or decompress a single compressed file.

    What it is is told by its first bytes: zip, tar (plain or compressed), 7z, rar, or one gzip,
    bzip2, xz, zstd or lz4 file. Everything is written beside the target first and renamed when it
    is whole; a failure leaves nothing.

    Args:
        path: the archive.
        to: the folder to make (for a single compressed file, the file to make). It must not
            exist, or be an empty folder. None keeps the result in the cache, by the archive's
            content: the next call with the same bytes finds it, and it is evicted as other entries.
        limits: caps on bytes, ratio, entries and depth.
        cache_dir: the cache to keep it in; by default the hub cache.

    Returns:
        The folder or file made.

    Raises:
        ArchiveError: if the file is no archive, or a damaged one.
        UnsafeArchiveError: if a member would be written outside the folder, through a link, over
            another name, or as a special file.
        ArchiveLimitError: if more comes out than ``limits`` allow.
        FileExistsError: if ``to`` exists.
        CacheFullError: if the cache has no room, and nothing left to evict.
    """
    archive = Path(path)
    limits = limits or Limits()
    if to is None:
        return _kept(archive, store_for(settings.current().override(cache_dir=cache_dir)), limits)
    target = Path(to)
    if target.is_dir() and not any(target.iterdir()):
        target.rmdir()
    if target.exists():
        raise FileExistsError(f"{target} exists; extract into a folder that does not")
    target.parent.mkdir(parents=True, exist_ok=True)
    with _Staging(target) as staging:
        single = _single_name(archive)
        _unpack(archive, staging.path, limits, single)
        staging.rename(target, single)
    return target


def _kept(archive: Path, store: Store, limits: Limits) -> Path:
    """What ``archive`` holds, in the cache."""
    key = _content_key(archive)
    kept = Path(store.cache.extracted(key))
    single = _single_name(archive)
    if kept.exists():
        store.touch_derived("extracted", key)
        return kept / single
    kept.parent.mkdir(parents=True, exist_ok=True)
    with _Staging(kept) as staging:
        try:
            written = _unpack(archive, staging.path, limits, single)
        except OSError as error:
            if error.errno != errno.ENOSPC:
                raise
            staging.empty()
            store.on_full_disk(archive.stat().st_size)  # makes room, or says how much is missing
            written = _unpack(archive, staging.path, limits, single)
        staging.rename(kept)
    store.note_derived("extracted", key, kept, written)
    return kept / single


def _unpack(archive: Path, folder: Path, limits: Limits, single: str) -> int:
    """Write what is in ``archive`` below ``folder``; ``single`` names the one file of it.

    Returns:
        How many bytes were written.
    """
    with progress.bar(None, f"Extracting {archive.name}", name="hfhub.extract") as bar:
        meter = Meter(limits, str(archive), archive.stat().st_size, bar.update)
        if single:
            with open_compressed(archive) as plain, open(folder / single, "xb", 0) as out:
                _copy(plain, out, meter, single)
        else:
            with open_members(archive, ahead=True) as members:
                _Writer(archive, folder, meter).write(members)
        return meter.written


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


class _Staging:
    """A folder beside the target for what is not whole yet.

    Its name tells whose it is, so that the next extraction can take away what a killed one left.
    """

    def __init__(self, target: Path) -> None:
        self._prefix = f".{target.name}."
        mine = owner.me().replace("|", "~")
        self.path = target.with_name(f"{self._prefix}{mine}.{secrets.token_hex(4)}.partial")

    def __enter__(self) -> _Staging:
        for left in self.path.parent.glob(f"{glob.escape(self._prefix)}*.partial"):
            whose = left.name.removeprefix(self._prefix).rsplit(".", 2)[0]
            if owner.is_alive(whose.replace("~", "|")) is False:
                shutil.rmtree(left, ignore_errors=True)
        self.path.mkdir()
        return self

    def __exit__(self, *_: object) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def empty(self) -> None:
        """Begin anew."""
        shutil.rmtree(self.path)
        self.path.mkdir()

    def rename(self, target: Path, inner: str = "") -> None:
        """Make what was written (or its file ``inner``) appear as ``target``."""
        try:
            os.rename(self.path / inner if inner else self.path, target)
        except OSError:
            # Another process was first: its content is ours.
            if not target.exists():
                raise


class _Writer:
    """Writes members below a folder that is ours alone."""

    def __init__(self, archive: Path, folder: Path, meter: Meter) -> None:
        self._archive = str(archive)
        self._folder = str(folder)
        self._meter = meter
        self._names = SafeNames(self._archive, meter.limits)
        self._folders = {""}
        self._written: set[str] = set()

    def write(self, members: Iterable[Member]) -> None:
        """Write every member, in order; of two with one name the later one stays."""
        for member in members:
            self._meter.entry(member.name)
            path = self._names.check(member.name)
            self._write(member, path)
        self._names.check_links(self._folder)

    def _write(self, member: Member, path: str) -> None:
        if member.kind == "special":
            raise UnsafeArchiveError(
                self._archive, "a device, pipe or other special file", member.name
            )
        if member.kind == "folder":
            self._make_folders(path if path != "." else "", member)
            return
        if path == ".":
            raise UnsafeArchiveError(self._archive, "it would replace the folder", member.name)
        self._make_folders(posixpath.dirname(path), member)
        target = os.path.join(self._folder, path)
        self._make_room(target, path, member)
        if member.kind == "symlink":
            self._names.check_symlink(path, member.target)
            os.symlink(member.target, target)
        elif member.kind == "hardlink":
            os.link(self._linked(member), target)
        else:
            with member.open() as data, open(target, "xb", buffering=0) as out:
                _copy(data, out, self._meter, member.name)
            if member.executable:
                os.chmod(target, 0o755)  # noqa: S103 - what the archive says, less the writers

    def _make_folders(self, path: str, member: Member) -> None:
        if path in self._folders:
            return
        try:
            os.makedirs(os.path.join(self._folder, path), exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise ArchiveError(
                self._archive, f"{path!r} is both a file and a folder", member.name
            ) from None
        self._folders.add(path)

    def _make_room(self, target: str, path: str, member: Member) -> None:
        """Take away what an earlier member of the same name wrote."""
        if path not in self._folders and path not in self._written:
            self._written.add(path)
            return
        if os.path.isdir(target) and not os.path.islink(target):
            raise ArchiveError(self._archive, f"{path!r} is both a file and a folder", member.name)
        try:
            os.unlink(target)
        except FileNotFoundError:
            return
        self._names.forget_link(path)

    def _linked(self, member: Member) -> str:
        """The file that a hard link names: an earlier member, and no link."""
        path = self._names.check(member.target)
        found = os.path.join(self._folder, path)
        if self._names.is_link(path) or not os.path.isfile(found):
            raise UnsafeArchiveError(
                self._archive,
                f"a hard link to {member.target!r}, which is no file of this archive before it",
                member.name,
            )
        return found


def _copy(data: _Readable, out: io.FileIO, meter: Meter, name: str) -> None:
    while piece := data.read(min(_COPY, meter.room())):
        meter.add(len(piece), name)
        rest = memoryview(piece)
        while rest:
            rest = rest[out.write(rest) :]


def _single_name(archive: Path) -> str:
    """What to call the content of one compressed file; empty for an archive of files."""
    with open(archive, "rb") as file:
        head, _ = peek(file)
        if sniff.container(head) is not None or sniff.codec(head) is None:
            return ""
        with open_compressed(file) as plain:
            inner, _ = peek(plain)
            if sniff.container(inner) == "tar":
                return ""
    endings = {".gz", ".bz2", ".xz", ".zst", ".lz4"}
    return archive.stem if archive.suffix.lower() in endings else archive.name


def _content_key(archive: Path) -> str:
    """The sha256 of the archive's bytes, in hex."""
    with open(archive, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
