"""Putting names in place: whole files by rename, links in one step."""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["clone", "led_to", "make_pointer", "move", "sync", "write_whole"]

# What a file system answers that cannot make the kind of link it was asked for.
_NO_LINK = frozenset(
    getattr(errno, name)
    for name in ("EPERM", "EACCES", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK", "EXDEV", "EINVAL")
    if hasattr(errno, name)
)
_FICLONE = 0x40049409


def led_to(link: str) -> str:
    """The path that a link says, one step on.

    Raises:
        OSError: if it is no link.
    """
    # Links of the clients are relative; one that somebody made by hand may be absolute.
    return os.path.normpath(os.path.join(os.path.dirname(link), os.readlink(link)))


def sync(path: str) -> os.stat_result:
    """Write a file's bytes through to the disk and give its ``stat``."""
    descriptor = os.open(path, os.O_RDWR | getattr(os, "O_CLOEXEC", 0))
    try:
        getattr(os, "fdatasync", os.fsync)(descriptor)
        return os.fstat(descriptor)
    finally:
        os.close(descriptor)


def move(source: str, target: str) -> None:
    """Rename ``source`` over ``target``, whose folder is made if it is not there.

    A repository's folder may be a link to another disk: then the bytes are copied beside the target
    first, so that ``target`` still appears whole.
    """
    try:
        _in_folder(target, lambda: os.replace(source, target))
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        beside = _beside(target)
        try:
            _copy(source, beside)
            os.replace(beside, target)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        os.unlink(source)


def write_whole(path: str, data: bytes, scratch: str) -> None:
    """Make ``path`` hold ``data``, or what it held before; readers never see a part.

    Args:
        path: the file.
        data: its new content.
        scratch: a folder on the same file system for the unfinished file.
    """
    temporary = _scratch(scratch)
    try:
        _in_folder(temporary, lambda: _write(temporary, data))
        move(temporary, path)
    except BaseException:  # also on Ctrl-C: nothing half-written stays
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def make_pointer(
    pointer: str, target: str, blob: str, scratch: str, *, symlinks: bool, keep_blob: bool
) -> bool:
    """Let ``pointer`` show the blob, in one step, replacing what stood there.

    Args:
        pointer: the entry in a snapshot.
        target: what the link is to say: the blob, relative to the entry.
        blob: the blob itself.
        scratch: a folder on the same file system for unfinished links.
        symlinks: whether symbolic links are wanted at all.
        keep_blob: whether ``blob`` must stay; else, where no link can be made, it is moved instead
        of copied.

    Returns:
        Whether ``blob`` is still in its place.
    """
    if symlinks and _linked(lambda name: os.symlink(target, name), pointer, scratch):
        return True
    if _linked(lambda name: os.link(os.path.realpath(blob), name), pointer, scratch):
        return True
    if keep_blob or os.path.islink(blob):
        clone(blob, pointer, scratch)
        return True
    move(blob, pointer)
    return False


def clone(source: str, target: str, scratch: str) -> None:
    """Let ``target`` have the bytes of ``source``: a hard link, else a shared extent, else a copy.

    ``source`` may be a link itself; what it leads to is meant.
    """
    source = os.path.realpath(source)
    if _linked(lambda name: os.link(source, name), target, scratch):
        return
    temporary = _beside(target)
    try:
        _in_folder(temporary, lambda: _copy(source, temporary))
        os.replace(temporary, target)
    except BaseException:  # also on Ctrl-C: nothing half-written stays
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _linked(make: Callable[[str], Any], name: str, scratch: str) -> bool:
    """Make a link called ``name``; False if this file system makes none of that kind."""
    try:
        try:
            _in_folder(name, lambda: make(name))
        except FileExistsError:
            # Beside it would be seen as one of the snapshot's files if the process died here.
            temporary = _scratch(scratch)
            _in_folder(temporary, lambda: make(temporary))
            try:
                os.replace(temporary, name)
            finally:
                # A hard link renamed over another of the same file leaves both (POSIX).
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
    except OSError as error:
        if error.errno in _NO_LINK or getattr(error, "winerror", None) == 1314:
            return False
        raise
    return True


def _copy(source: str, target: str) -> None:
    import shutil  # costs 2 ms, and links can nearly always be made

    with open(source, "rb") as reader, open(target, "xb") as writer:
        if not _share_extents(reader.fileno(), writer.fileno()):
            shutil.copyfileobj(reader, writer, 1 << 20)
        writer.flush()
        os.fsync(writer.fileno())


def _share_extents(source: int, target: int) -> bool:
    try:
        import fcntl  # not on Windows

        return fcntl.ioctl(target, _FICLONE, source) == 0
    except (ImportError, OSError):
        return False


def _write(path: str, data: bytes) -> None:
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _in_folder(path: str, make: Callable[[], Any]) -> None:
    """Do ``make``, which needs the folder of ``path``; it is made only if it was missing."""
    for last in (False, False, True):
        try:
            make()
        except FileNotFoundError:
            if last:
                raise
            # Somebody may be removing empty folders at the same time, hence more than once.
            os.makedirs(os.path.dirname(path), exist_ok=True)
        else:
            return


def _scratch(folder: str) -> str:
    return f"{folder}/{os.urandom(8).hex()}"


def _beside(path: str) -> str:
    folder, name = os.path.split(path)
    return f"{folder}/.{name[:64]}.{os.urandom(8).hex()}.tmp"
