"""Small files: fetched in one piece, verified in memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from hfhub.download.patience import Patience
from hfhub.errors import HubConnectionError, IntegrityError

if TYPE_CHECKING:
    from hfhub.digest import Digest
    from hfhub.download.link import Link, Opened
    from hfhub.settings import Settings

# Up to this size a file is small, and has no resume state: losing it costs no more than a resume
# may.
SMALL = 1 << 20
# A body of no more than this comes with its head, mostly; it is not worth a resume.
_SHORT = 1 << 15


def fetch_small(
    link: Link,
    digest: Digest,
    size: int,
    *,
    name: str,
    settings: Settings,
    opened: Opened | None = None,
) -> bytes:
    """The verified bytes of a small file.

    Args:
        link: where they are to be had.
        digest: what they are to come to.
        size: how many there are to be.
        name: the file, for errors.
        settings: how often and how long to try.
        opened: an answer to a request for the whole file that was made already.

    Raises:
        IntegrityError: if twice the wrong bytes came.
        HfHubHTTPError: or its subclass.
        HubConnectionError: if they did not come within the deadline; `HubTimeoutError`.
    """
    if not size and digest.matches(b""):
        return b""  # there is nothing to ask for
    data = _gather(link, size, settings, opened)
    if len(data) != size or not digest.matches(data):
        data = _gather(link, size, settings, None)  # once more: a proxy may have been at fault
        _check(digest, size, data, name)
    return data


def _gather(link: Link, size: int, settings: Settings, opened: Opened | None) -> bytes:
    """The ``size`` bytes that the link gives, or one more if it gives more; resumed at the byte."""
    view: memoryview | None = None
    filled = 0
    etag = ""
    patience = Patience(settings)
    while True:
        before = filled
        try:
            opened = opened or link.open(filled, etag=etag, whole=not filled)
            with opened:
                etag = opened.etag
                response = opened.response
                if view is None and response.length is not None and response.length <= _SHORT:
                    return response.read()
                if view is None:
                    view = memoryview(bytearray(size + 1))
                if opened.start != filled:
                    filled = 0  # the whole file, although only the rest was asked for
                while filled <= size and (count := response.readinto(view[filled:])):
                    filled += count
                return bytes(view[:filled])
        except HubConnectionError as error:
            opened = None
            time.sleep(patience.after(error, filled - before))


def _check(digest: Digest, size: int, data: bytes, name: str) -> None:
    """Compare what came with what was promised.

    Raises:
        IntegrityError: if they differ.
    """
    if len(data) != size:
        raise IntegrityError(name, f"{size} bytes", f"{len(data)} bytes")
    running = digest.hasher(size)
    running.update(data)
    if running.hexdigest() != digest.hex:
        raise IntegrityError(name, str(digest), f"{digest.kind}:{running.hexdigest()}")
