"""Making room: the least recently used content that hfhub brought in goes first.

Never what is pinned, leased, shared with a place that stays, or brought in by others (unless told
so). Links go before their blob and the blob goes in one step, so that whoever looks at any moment,
or after a kill, sees the file or a clean miss. The index forgets a blob last: what a killed process
left is found and finished by the next.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import time
from typing import TYPE_CHECKING

from hfhub.cache.choice import weigh
from hfhub.cache.database import Unavailable
from hfhub.cache.pins import Pins
from hfhub.cache.place import led_to

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hfhub.cache.choice import Place
    from hfhub.cache.index import Index
    from hfhub.cache.layout import Cache

__all__ = ["empty_trash", "evict"]

_TRASH_SECONDS = 60.0
_TMP_SECONDS = 3600.0
_ROUNDS = 64


def evict(
    index: Index,
    wanted: Callable[[int], int],
    *,
    slack: int = 0,
    whole: bool = False,
    others: bool = False,
) -> int:
    """Remove content until ``wanted`` is content.

    Args:
        index: of the cache.
        wanted: from the bytes that are to stay as things are, how many are to go; 0 for none.
        slack: if any bytes are to go, at least so many, so that not every file costs a search.
        whole: rather none than too few.
        others: whether blobs may go that hfhub did not bring in.

    Returns:
        The bytes that went.
    """
    freed = 0
    pins = Pins(index.cache)
    stuck: set[str] = set()

    def spare(place: Place) -> bool:
        return place.inode in stuck or pins.spares(place)

    for _ in range(_ROUNDS):
        try:
            chosen = index.choose(wanted, spare, slack=slack, whole=whole, others=others)
        except Unavailable:
            return freed
        if not chosen:
            return freed
        empty_trash(index.cache)
        removed = remove(index.cache, chosen)
        gone = {place.path for place in removed}
        index.gone(removed, [place for place in chosen if place.path not in gone])
        freed += weigh(removed)
        if len(removed) == len(chosen):
            return freed
        # Somebody has changed or shared some of them: those must not stand in the others' way.
        stuck.update(place.inode for place in chosen if place.path not in gone)
        index.refresh()
    return freed


def remove(cache: Cache, places: Sequence[Place]) -> list[Place]:
    """Remove content from the disk; the places where that came about.

    A file that is not the one that the index knew, or has links from elsewhere, stays.
    """
    known: dict[str, int] = {}
    for place in places:
        known[place.inode] = known.get(place.inode, 0) + 1
    removed: list[Place] = []
    by_repo: dict[str, list[Place]] = {}
    for place in places:
        if place.repo.startswith(".hfhub/"):
            _remove_derived(cache, place)
            removed.append(place)
        elif _is_still(cache, place, known[place.inode]):
            by_repo.setdefault(place.repo, []).append(place)
    for repo, group in by_repo.items():
        _remove_pointers(f"{cache.root}/{repo}", {place.path for place in group}, cache.root)
        removed += [place for place in group if _remove_file(cache, place)]
    return removed


def empty_trash(cache: Cache) -> None:
    """Delete what killed processes left on its way out, or in."""
    for folder, seconds in ((cache.trash, _TRASH_SECONDS), (cache.tmp, _TMP_SECONDS)):
        before = time.time() - seconds
        with contextlib.suppress(OSError):
            for name in os.listdir(folder):
                path = f"{folder}/{name}"
                with contextlib.suppress(OSError):
                    if os.lstat(path).st_ctime < before:
                        _delete(path)


def _is_still(cache: Cache, place: Place, links: int) -> bool:
    try:
        found = os.lstat(f"{cache.root}/{place.path}")
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return _matches(found, place) and found.st_nlink <= links


def _matches(found: os.stat_result, place: Place) -> bool:
    same = (found.st_size, found.st_mtime_ns) == (place.size, place.mtime)
    return stat.S_ISREG(found.st_mode) and same


def _remove_pointers(repo: str, paths: set[str], root: str) -> None:
    """Unlink the snapshots' entries that lead to these blobs, and folders left empty.

    The folder of a commit stays, even empty: the official client calls a ref without one corrupt.
    """
    snapshots = f"{repo}/snapshots"
    for folder, _, names in os.walk(snapshots, topdown=False):
        emptier = False
        for name in names:
            path = f"{folder}/{name}"
            try:
                target = led_to(path)
            except OSError:
                continue
            if target.removeprefix(root).lstrip("/") in paths:
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)
                emptier = True
        while emptier and os.path.dirname(folder) not in (snapshots, repo):
            # Not empty, or not any more because somebody has put something in: then it stays.
            try:
                os.rmdir(folder)
            except OSError:
                break
            folder = os.path.dirname(folder)


def _remove_file(cache: Cache, place: Place) -> bool:
    """Take one file out in one step; False if it has become another file meanwhile."""
    path = f"{cache.root}/{place.path}"
    aside = _aside(cache)
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return True
    except OSError:
        # The repository lies on another disk.
        os.unlink(path)
        return True
    if _matches(os.lstat(aside), place):
        os.unlink(aside)
        return True
    # Somebody took the same content in between the look and the step: it goes back, unless a
    # third one stands there already.
    with contextlib.suppress(OSError):
        os.link(aside, path)
    os.unlink(aside)
    return False


def _remove_derived(cache: Cache, place: Place) -> None:
    path = f"{cache.root}/{place.path}"
    aside = _aside(cache)
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return
    except OSError:
        aside = path
    _delete(aside)


def _delete(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path, ignore_errors=True)
    else:
        os.unlink(path)


def _aside(cache: Cache) -> str:
    os.makedirs(cache.trash, exist_ok=True)
    return f"{cache.trash}/{os.urandom(8).hex()}"
