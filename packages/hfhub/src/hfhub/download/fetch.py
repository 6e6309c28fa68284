"""Files of a commit to where they are wanted: one, or many at once."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, TypeVar

from hfhub import progress
from hfhub.cache.store import store_for
from hfhub.download import transfer
from hfhub.download.destination import CacheFolder, Wanted
from hfhub.download.link import Link
from hfhub.download.partial import claim, last_write
from hfhub.download.small import SMALL, fetch_small
from hfhub.errors import CacheFullError, FileMetadataError, HubError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeAlias

    from hfhub.digest import Digest
    from hfhub.download.destination import Destination
    from hfhub.download.link import Opened
    from hfhub.download.locate import Located
    from hfhub.download.partial import Partial
    from hfhub.http import Client
    from hfhub.models import RepoFile
    from hfhub.progress import Bar
    from hfhub.repo import RepoRef
    from hfhub.settings import Settings

    _Group: TypeAlias = list[tuple[int, Wanted]]

__all__ = ["bring_files", "fetch_files", "fetch_one", "size_of"]

# For one large file; more do not help on one machine, and anger servers.
CONNECTIONS = 4
Item = TypeVar("Item")

_POLL_SECONDS = 0.05
# Another process that has not written a byte for so long is stopped or dead, whatever its lock
# says.
_STUCK_SECONDS = 60.0
# No file is as large, 1 PiB; the state of a download grows with the size.
_LARGEST = 1 << 50
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})


def fetch_files(
    client: Client,
    ref: RepoRef,
    files: Sequence[RepoFile],
    *,
    max_workers: int = 8,
    force: bool = False,
    tqdm_class: Callable[..., Any] | None = None,
) -> list[str]:
    """The cached paths of ``files``, in their order; missing ones are fetched and verified.

    A file that is cached costs no request; the others one each, redirects apart: digest and size
    are known from the listing.

    Args:
        client: makes the requests; its settings name the cache.
        ref: the repository at a commit.
        files: as listed at that commit.
        max_workers: how many to fetch at once.
        force: fetch those that are cached, too.
        tqdm_class: the caller's own progress bar.

    Raises:
        IntegrityError: if twice the wrong bytes came for a file.
        HfHubHTTPError: or its subclass.
        HubConnectionError: if a file did not come within the deadline; `HubTimeoutError`.
        CacheFullError: if there is no room.
        UnsafePathError: if a name could leave the cache.
    """
    place = CacheFolder(store_for(client.settings))
    return bring_files(
        client, place, ref, files, max_workers=max_workers, force=force, tqdm_class=tqdm_class
    )


def bring_files(
    client: Client,
    place: Destination,
    ref: RepoRef,
    files: Sequence[RepoFile],
    *,
    max_workers: int = 8,
    force: bool = False,
    tqdm_class: Callable[..., Any] | None = None,
) -> list[str]:
    """The paths of ``files`` at ``place``; else as `fetch_files`."""
    wanted = [Wanted(ref, file.path, _digest(ref, file), file.size) for file in files]
    paths = [None if force else place.find(each) for each in wanted]
    if None in paths:
        # Held from here on, all of them: making room for those that are missing must not take
        # those that were found.
        with place.lease([each.digest for each in wanted]):
            pool = _Pool(client, place, paths, force=force)
            pool.run(_missing(place, wanted, paths), max_workers, tqdm_class)
    return [path for path in paths if path is not None]


def _missing(
    place: Destination, wanted: Sequence[Wanted], paths: Sequence[str | None]
) -> list[_Group]:
    """What is not found, or not any more; the same content under several names is one group."""
    missing: dict[str, _Group] = {}
    for number, each in enumerate(wanted):
        if paths[number] is None or place.find(each) is None:
            missing.setdefault(each.digest.hex, []).append((number, each))
    return list(missing.values())


def _digest(ref: RepoRef, file: RepoFile) -> Digest:
    digest = file.digest
    if digest is None:
        raise FileMetadataError(
            f"{ref}/{file.path}: the listing gives no sha256 or git sha1, so the bytes could not "
            "be verified. Check HF_ENDPOINT and the proxy variables"
        )
    return digest


def fetch_one(
    client: Client,
    place: Destination,
    wanted: Wanted,
    link: Link,
    *,
    opened: Opened | None = None,
    force: bool = False,
    tqdm_class: Callable[..., Any] | None = None,
) -> str:
    """The path of a file that is fetched and verified now, or by another process meanwhile.

    Args:
        client: makes the requests.
        place: where it goes.
        wanted: the file.
        link: the way to its bytes.
        opened: an answer to a request for the whole file that was made already.
        force: fetch it although it may be there.
        tqdm_class: the caller's own progress bar.

    Raises:
        IntegrityError, HfHubHTTPError, HubConnectionError, CacheFullError: as `fetch_files`.
    """
    label = wanted.path if len(wanted.path) <= 40 else f"(…){wanted.path[-40:]}"
    with (
        place.lease((wanted.digest,)),
        progress.bar(wanted.size, label, name="hfhub.http_get", tqdm_class=tqdm_class) as bar,
    ):
        place.make_room(wanted.size)
        task = _Task(
            place, wanted, link, bar, client.settings, force=force, connections=CONNECTIONS
        )
        path = task.run(opened)
        return task.wait() if path is None else path


class _Task:
    """One file on its way to its place."""

    def __init__(
        self,
        place: Destination,
        wanted: Wanted,
        link: Link,
        bar: Bar,
        settings: Settings,
        *,
        force: bool,
        connections: int,
        stop: threading.Event | None = None,
    ) -> None:
        self._place = place
        self._wanted = wanted
        self._link = link
        self._bar = bar
        self._settings = settings
        self._force = force
        self._connections = connections
        self._stop = stop or threading.Event()
        self._base = place.partial(wanted)

    def run(self, opened: Opened | None = None, *, alone: bool = False) -> str | None:
        """Fetch the file; None, at once, if another process is fetching it."""
        wanted = self._wanted
        large = wanted.size > SMALL
        if large:
            self._refuse_more_than_a_disk()
        partial = self._with_room(
            lambda: claim(self._base, wanted.digest, wanted.size, resume=large, alone=alone)
        )
        if partial is None:
            return None
        with partial:
            # Whoever had the file before us may have finished it since the caller looked.
            there = None if self._force else self._place.take_over(wanted)
            if there is not None:
                partial.discard()
                return there
            if not large:
                return self._place.adopt(self._fetch_small(partial, opened), wanted)
            self._with_room(lambda: self._fetch_large(partial, opened))
            path = self._place.adopt(partial.seal(), wanted)
            partial.tidy()
        return path

    def _refuse_more_than_a_disk(self) -> None:
        """Refuse a size that no eviction makes room for: nothing is evicted, noted or asked for it.

        Raises:
            CacheFullError: if the whole disk is smaller than the file is said to be.
        """
        import shutil  # not needed for small files

        folder = os.path.dirname(self._base)
        os.makedirs(folder, exist_ok=True)
        disk = shutil.disk_usage(folder)
        # Some network file systems call themselves 0 bytes large.
        if self._wanted.size > (disk.total or _LARGEST):
            raise CacheFullError(self._wanted.size, disk.free, folder, self._wanted.name)

    def wait(self) -> str:
        """The path, when the other process has fetched the file, or else when we have."""
        last_seen = time.time()
        while True:
            if self._stop.wait(_POLL_SECONDS):
                raise transfer.Stopped
            if not self._force and (there := self._place.take_over(self._wanted)) is not None:
                self._bar.update(self._wanted.size)
                return there
            last_seen = max(last_seen, last_write(self._base))
            stuck = time.time() - last_seen > _STUCK_SECONDS
            if (path := self.run(alone=stuck)) is not None:
                return path

    def _fetch_small(self, partial: Partial, opened: Opened | None) -> str:
        wanted = self._wanted
        try:
            data = fetch_small(
                self._link,
                wanted.digest,
                wanted.size,
                name=wanted.name,
                settings=self._settings,
                opened=opened,
            )
            path = self._with_room(lambda: partial.fill(data))
        except BaseException:  # nothing to resume: it would only lie around
            partial.discard()
            raise
        self._bar.update(len(data))
        return path

    def _fetch_large(self, partial: Partial, opened: Opened | None) -> None:
        transfer.fetch_large(
            self._link,
            partial,
            name=self._wanted.name,
            settings=self._settings,
            bar=self._bar,
            connections=self._connections,
            opened=opened,
            stop=self._stop,
        )

    def _with_room(self, write: Callable[[], Item]) -> Item:
        """Do ``write``; as long as the disk is full and room can be made, go on."""
        while True:
            try:
                return write()
            except OSError as error:
                if error.errno not in _FULL or isinstance(error, HubError):
                    raise
            self._place.on_full_disk(self._wanted.size)


class _Pool:
    """Threads that fetch what is missing."""

    def __init__(
        self, client: Client, place: Destination, paths: list[str | None], *, force: bool
    ) -> None:
        self._client = client
        self._place = place
        self._paths = paths
        self._force = force
        self._stop = threading.Event()
        self._error: BaseException | None = None
        self._todo: deque[_Group] = deque()
        self._busy: deque[tuple[_Task, _Group]] = deque()
        self._connections = 1
        self._counter: Bar | None = None

    def run(
        self, missing: list[_Group], max_workers: int, tqdm_class: Callable[..., Any] | None
    ) -> None:
        """Fetch the first file of each group, and take the others over from it."""
        # Large ones first, so that none of them is what everybody waits for at the end.
        missing.sort(key=lambda group: -group[0][1].size)
        sizes = [group[0][1].size for group in missing]
        workers = max(1, min(max_workers, len(missing)))
        large = min(workers, sum(size > SMALL for size in sizes))
        self._connections = max(1, min(CONNECTIONS, max_workers // max(1, large)))
        self._todo.extend(missing)
        self._place.make_room(sum(sizes))
        name = "hfhub.snapshot_download"
        label = f"Fetching {len(missing)} files"
        with (
            progress.bar(
                len(missing), label, unit=" files", name=name, tqdm_class=tqdm_class
            ) as counter,
            progress.bar(sum(sizes), "Downloading", name=name, tqdm_class=tqdm_class) as bar,
        ):
            self._counter = counter
            threads = [
                threading.Thread(target=self._work, args=(bar,), daemon=True)
                for _ in range(workers - 1)
            ]
            for thread in threads:
                thread.start()
            try:
                self._work(bar)
            finally:  # on Ctrl-C too: the threads end before their files do
                for thread in threads:
                    thread.join()
        if self._error is not None:
            raise self._error

    def _work(self, bar: Bar) -> None:
        try:
            while (group := self._next(self._todo)) is not None:
                task = self._task(group[0][1], bar)
                path = task.run()
                if path is None:  # another process is at it: go on with the others meanwhile
                    self._busy.append((task, group))
                else:
                    self._finish(group, path, bar)
            while (waiting := self._next(self._busy)) is not None:
                self._finish(waiting[1], waiting[0].wait(), bar)
        except transfer.Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - raised again by run()
            self._error = self._error or error
            self._stop.set()
        except BaseException:  # Ctrl-C in the calling thread stops the others
            self._stop.set()
            raise

    def _next(self, queue: deque[Item]) -> Item | None:
        try:
            return None if self._stop.is_set() else queue.popleft()
        except IndexError:
            return None

    def _task(self, wanted: Wanted, bar: Bar) -> _Task:
        url = self._client.url(wanted.ref.resolve_path(wanted.path))
        link = Link(self._client, url)
        return _Task(
            self._place,
            wanted,
            link,
            bar,
            self._client.settings,
            force=self._force,
            connections=self._connections,
            stop=self._stop,
        )

    def _finish(self, group: _Group, path: str, bar: Bar) -> None:
        self._paths[group[0][0]] = path
        if self._counter is not None:
            self._counter.update(1)
        for number, wanted in group[1:]:
            taken = self._place.take_over(wanted)
            # Somebody may have deleted the first one by hand meanwhile.
            self._paths[number] = taken or self._task(wanted, bar).wait()


def size_of(located: Located) -> int:
    """The size of a file whose server did not say it with the headers.

    Raises:
        FileMetadataError: if it does not say it with the bytes either.
    """
    with located.link.open(0, 1) as opened:
        if opened.total is None:
            raise FileMetadataError(
                f"{located.link.url}: the server does not say how large the file is, so a whole "
                "one could not be told from one that was cut short. Check the proxy variables"
            )
        return opened.total
