"""Files that are fetched when they are asked for."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hfhub.cache.store import store_for
from hfhub.download.fetch import fetch_files
from hfhub.download.link import Link
from hfhub.local_hub.body import FileSpan, Flow
from hfhub.local_hub.pace import about_to_take_long

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hfhub.http import Client
    from hfhub.local_hub.body import Body
    from hfhub.local_hub.mirror.upstream import Upstream
    from hfhub.models import RepoFile
    from hfhub.repo import RepoRef


_PATIENCE = 3.0  # clients give up a stalled answer after ten seconds
_CHUNK = 1 << 18


class Fetches:
    """Downloads under way, so that a file that many callers want is fetched once."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._running: dict[tuple[str, str], Fetch] = {}
        self._guard = threading.Lock()

    def start(self, ref: RepoRef, file: RepoFile) -> Fetch:
        """The download of a file, begun if none is under way."""
        key = (ref.revision, file.path)
        with self._guard:
            self._running = {k: f for k, f in self._running.items() if not f.is_over}
            fetch = self._running.get(key)
            if fetch is None:
                fetch = self._running[key] = Fetch(self._client, ref, file)
        return fetch


class Fetch:
    """One verified download, on a thread of its own."""

    def __init__(self, client: Client, ref: RepoRef, file: RepoFile) -> None:
        self._error: Exception | None = None
        self._path: str | None = None
        self._thread = threading.Thread(target=self._run, args=(client, ref, file), daemon=True)
        self._thread.start()

    @property
    def is_over(self) -> bool:
        """Whether it ended, well or not."""
        return not self._thread.is_alive()

    def wait(self, seconds: float) -> str | None:
        """The path of the file, or None if that is not there in time.

        Raises:
            HubError: what ended the download.
        """
        self._thread.join(seconds)
        if self._error is not None:
            raise self._error
        return self._path

    def _run(self, client: Client, ref: RepoRef, file: RepoFile) -> None:
        try:
            (self._path,) = fetch_files(client, ref, [file])
        except Exception as error:  # noqa: BLE001 - raised by wait(), for those who want the file
            self._error = error


@dataclass(frozen=True)
class MirroredContent:
    """A file of the other Hub, here or not yet."""

    upstream: Upstream
    fetches: Fetches
    ref: RepoRef
    file: RepoFile

    def body(self, start: int, end: int) -> Body:
        """The bytes: from the disk, fetched first; of a large file, passed on while it is fetched.

        Raises:
            Refusal: if the other Hub gives no bytes.
        """
        path = store_for(self.upstream.client.settings).find(self.ref, self.file.path)
        if path is None:
            about_to_take_long()
            with self.upstream.answers(self.ref):
                path = self.fetches.start(self.ref, self.file).wait(_PATIENCE)
        if path is None:
            return Flow(end - start, self._passed_on(start, end))
        return FileSpan(Path(path), start, end - start)

    def _passed_on(self, start: int, end: int) -> Iterator[bytes]:
        url = self.upstream.client.url(self.ref.resolve_path(self.file.path))
        place = start
        while place < end:
            with Link(self.upstream.client, url).open(place, end) as opened:
                skip = place - opened.start  # not 0 if the other Hub ignored the range
                while place < end and (chunk := opened.response.read(_CHUNK)):
                    wanted = chunk[skip : skip + end - place]
                    skip = max(0, skip - len(chunk))
                    place += len(wanted)
                    yield wanted
