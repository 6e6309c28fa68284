"""Files at plain web addresses, kept in a cache and asked after once a load."""

from __future__ import annotations

import hashlib
import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crucible_datasets import settings as crucible_settings
from crucible_datasets.errors import DataFilesNotFoundError
from crucible_datasets.formats.base import DataFile

if TYPE_CHECKING:
    from hfhub.http import Response
    from hfhub.settings import Settings

_PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class WebSource:
    """A file on the web, as it was when it was found.

    Attributes:
        url: its address.
        kept: where it is kept on this machine.
        settings: of hfhub.
        token: for the Hub's own origin; it is sent nowhere else.
    """

    url: str
    kept: str
    settings: Settings = field(repr=False)
    token: bool | str | None = field(default=None, repr=False)

    def local(self) -> Path | None:
        """The kept copy, or None."""
        path = Path(self.kept)
        return path if path.is_file() else None

    def open(self) -> BinaryIO:
        """The kept copy, fetched if it is gone."""
        if self.local() is None:
            web_file(self.url, token=self.token, settings=self.settings)
        return open(self.kept, "rb")


def web_file(url: str, *, token: bool | str | None, settings: Settings) -> DataFile:
    """The file at ``url``, fetched unless the copy that is kept is still the same: one request.

    Raises:
        DataFilesNotFoundError: there is none.
        hfhub.errors.HfHubHTTPError: the server refuses it.
        ConnectionError: the server can't be reached, and no copy is kept.
    """
    from hfhub.errors import HubConnectionError, OfflineModeIsEnabled
    from hfhub.http import client_for

    folder = crucible_settings.current().cache / "web"
    kept = folder / hashlib.sha256(url.encode()).hexdigest()
    etag_file = kept.with_suffix(".etag")
    etag = etag_file.read_text() if kept.is_file() and etag_file.is_file() else None
    headers = {} if etag is None else {"if-none-match": etag}
    try:
        with client_for(settings, token).stream(
            "GET", url, headers=headers, redirects="follow", ok_statuses=(304, 404, 410)
        ) as response:
            if response.status_code in (404, 410):
                raise DataFilesNotFoundError(f"there is no file at {url}")
            if response.status_code != 304:
                etag_file.unlink(missing_ok=True)
                _keep(response, kept)
                etag = response.headers.get("etag")
                if etag is not None:
                    etag_file.write_text(etag)
    except (HubConnectionError, OfflineModeIsEnabled) as error:
        if not kept.is_file():
            raise ConnectionError(f"Couldn't reach {url}: {error}") from error
    about = kept.stat()
    return DataFile(
        path=url,
        name=url,
        size=about.st_size,
        stamp=etag or str(about.st_mtime_ns),
        source=WebSource(url, str(kept), settings, token),
    )


def _keep(response: Response, target: Path) -> None:
    """Write the body beside ``target``, and rename it when it is whole."""
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, part = tempfile.mkstemp(dir=target.parent, suffix=".part")
    try:
        with open(descriptor, "wb") as file:
            while piece := response.read(_PIECE):
                file.write(piece)
        os.replace(part, target)
    except BaseException:  # also on Ctrl-C: half a file must not look whole
        Path(part).unlink(missing_ok=True)
        raise
