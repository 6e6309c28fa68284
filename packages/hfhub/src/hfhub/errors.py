"""Every error that hfhub raises, in one tree.

::

    HubError
    ├── HfHubHTTPError (OSError)              the Hub answered, and the answer is an error
    │   ├── RepositoryNotFoundError
    │   │   └── GatedRepoError
    │   ├── RevisionNotFoundError
    │   ├── RemoteEntryNotFoundError (EntryNotFoundError)
    │   ├── DisabledRepoError
    │   ├── BadRequestError (ValueError)
    │   └── TooManyRequestsError
    ├── HubConnectionError (ConnectionError)  no answer within the deadline
    │   └── HubTimeoutError (TimeoutError)
    ├── OfflineModeIsEnabled (ConnectionError)
    ├── EntryNotFoundError
    │   └── LocalEntryNotFoundError (FileNotFoundError)
    │       └── IncompleteSnapshotError
    ├── FileMetadataError (OSError)           an answer without the headers that make it a file
    ├── IntegrityError (OSError)              the bytes are not the promised ones
    ├── UnsafePathError (ValueError)          a name that would leave its folder
    ├── HFValidationError (ValueError)        not a repository id, revision, ...
    ├── RevisionResolutionError (ValueError)
    ├── LocalTokenNotFoundError (OSError)
    ├── DryRunError (OSError)                 what would be downloaded cannot be told
    ├── CachedRepoTreeNotFoundError
    ├── CacheNotFound (FileNotFoundError)
    ├── CorruptedCacheException (OSError)
    ├── CacheFullError (OSError)              no room, and nothing left that may be evicted
    ├── ArchiveError (ValueError)             not an archive, or a damaged one
    │   ├── UnsafeArchiveError                a member outside the folder, or no plain file
    │   └── ArchiveLimitError                 more bytes, entries, depth or ratio than allowed
    └── MissingExtraError (ImportError)       an optional dependency is not installed

The names are those of ``huggingface_hub.errors`` where it has one. An error's arguments are the
facts, so that it survives pickling; the text is made from them and says what to do next.
"""

from __future__ import annotations

import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from hfhub.http import Request, Response


class HubError(Exception):
    """The root of everything that hfhub raises on purpose."""


class HfHubHTTPError(HubError, OSError):
    """The Hub answered with an error.

    Attributes:
        response: the answer: ``status_code``, ``headers``, ``text``.
        request: what was asked: ``method``, ``url``.
        request_id: the Hub's id of the request, to quote in a bug report.
        server_message: what the Hub said, without our words around it.
    """

    def __init__(
        self, message: str, *, response: Response, server_message: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.response = response
        self.server_message = server_message

    @property
    def request(self) -> Request:
        """What was asked."""
        return self.response.request

    @property
    def request_id(self) -> str | None:
        """The Hub's id of the request."""
        for name in ("x-request-id", "x-amzn-trace-id", "x-amz-cf-id"):
            if found := self.response.headers.get(name):
                return found
        return None

    def append_to_message(self, additional_message: str) -> None:
        """Add ``additional_message`` to the text."""
        self.message += additional_message
        self.args = (self.message,)

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_http_error, (type(self), self.message, self.response, self.server_message)


def _rebuild_http_error(
    kind: type[HfHubHTTPError], message: str, response: Response, server_message: str | None
) -> HfHubHTTPError:
    return kind(message, response=response, server_message=server_message)


class RepositoryNotFoundError(HfHubHTTPError):
    """The repository is not there, or it is private and the token does not open it."""


class GatedRepoError(RepositoryNotFoundError):
    """The repository is gated and the user has not been granted access."""


class DisabledRepoError(HfHubHTTPError):
    """The repository was disabled by its author or by the Hub."""


class RevisionNotFoundError(HfHubHTTPError):
    """The repository has no such branch, tag or commit."""


class BadRequestError(HfHubHTTPError, ValueError):
    """The Hub could not make sense of the request."""


class TooManyRequestsError(HfHubHTTPError):
    """The rate limit is still exceeded after waiting as long as the deadline allows."""


class EntryNotFoundError(HubError):
    """The file is not in the repository at that revision, or not in the cache."""


class RemoteEntryNotFoundError(HfHubHTTPError, EntryNotFoundError):
    """The repository has no such file at that revision."""


class LocalEntryNotFoundError(EntryNotFoundError, FileNotFoundError):
    """The file is not in the cache, and the Hub cannot be asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return self.message


class IncompleteSnapshotError(LocalEntryNotFoundError):
    """A snapshot in the cache lacks files, and the Hub cannot be asked for them."""

    def __init__(self, message: str, snapshot_path: str) -> None:
        super().__init__(message)
        self.args = (message, snapshot_path)
        self.snapshot_path = snapshot_path


class OfflineModeIsEnabled(HubError, ConnectionError):
    """A request was about to be made in offline mode; no socket was opened."""


class HubConnectionError(HubError, ConnectionError):
    """The host gave no usable answer within the deadline, retries included."""

    def __init__(self, url: str, reason: str, attempts: int = 1) -> None:
        super().__init__(url, reason, attempts)
        self.url = url
        self.reason = reason
        self.attempts = attempts

    def __str__(self) -> str:
        tries = "1 attempt" if self.attempts == 1 else f"{self.attempts} attempts"
        return (
            f"no answer from {self.url} after {tries}: {self.reason}. Check the network, the proxy "
            "variables and HF_ENDPOINT; HF_HUB_OFFLINE=1 uses only what is in the cache"
        )


class HubTimeoutError(HubConnectionError, TimeoutError):
    """The last attempt ended because no byte came in time."""


class FileMetadataError(HubError, OSError):
    """The answer lacks the commit or the etag, so it does not come from a Hub."""


class IntegrityError(HubError, OSError):
    """The bytes that arrived are not those that the Hub promised; nothing was kept.

    Attributes:
        name: the file, as ``owner/name@commit/path`` or a URL.
        expected: the promised digest or size.
        found: what the bytes came to.
    """

    def __init__(self, name: str, expected: str, found: str) -> None:
        super().__init__(name, expected, found)
        self.name = name
        self.expected = expected
        self.found = found

    def __str__(self) -> str:
        return (
            f"{self.name}: expected {self.expected}, found {self.found}. Nothing was kept. A proxy "
            "or mirror that alters files is the usual cause: try again, or with another HF_ENDPOINT"
        )


class UnsafePathError(HubError, ValueError):
    """A name from outside would be written outside its folder."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(name, reason)
        self.name = name
        self.reason = reason

    def __str__(self) -> str:
        return f"refused the name {self.name!r}: {self.reason}"


class HFValidationError(HubError, ValueError):
    """A repository id, type or revision is malformed."""


class RevisionResolutionError(HubError, ValueError):
    """A revision could not be resolved to a commit without asking the Hub."""


class LocalTokenNotFoundError(HubError, OSError):
    """A token is needed and none was found."""


class DryRunError(HubError, OSError):
    """What would be downloaded cannot be told, because the Hub cannot be asked."""


class CachedRepoTreeNotFoundError(HubError):
    """The files of the repository have not been listed at that revision yet."""


class CacheNotFound(HubError, FileNotFoundError):
    """There is no cache at that place."""

    def __init__(self, message: str, cache_dir: str | Path) -> None:
        super().__init__(message, cache_dir)
        self.message = message
        self.cache_dir = cache_dir

    def __str__(self) -> str:
        return self.message


class CorruptedCacheException(HubError, OSError):
    """The cache holds something that neither client writes."""


class CacheFullError(HubError, OSError):
    """There is no room, and nothing left that may be evicted.

    Attributes:
        needed: bytes that the write wanted.
        available: bytes that could be had, evictable ones included.
        where: the cache folder.
        name: the file that is to be written, if it is one by itself.
    """

    def __init__(self, needed: int, available: int, where: str, name: str | None = None) -> None:
        super().__init__(needed, available, where, name)
        self.needed = needed
        self.available = available
        self.where = where
        self.name = name

    def __str__(self) -> str:
        purpose = "" if self.name is None else f" for {self.name}"
        return (
            f"{self.where}: {self.needed} bytes are needed{purpose} and {self.available} can be had, "
            f"{self.needed - self.available} too few. Free the disk, raise HFHUB_CACHE_MAX_SIZE, "
            "or look at `hfhub cache ls` for pins and large entries"
        )


class ArchiveError(HubError, ValueError):
    """The file is not an archive that we read, or it is damaged.

    Attributes:
        archive: the file.
        reason: what is wrong.
        member: the entry where it was seen, if it was in one.
    """

    def __init__(self, archive: str, reason: str, member: str | None = None) -> None:
        super().__init__(archive, reason, member)
        self.archive = archive
        self.reason = reason
        self.member = member

    def __str__(self) -> str:
        place = f"{self.archive}: {self.member!r}" if self.member is not None else self.archive
        return f"{place}: {self.reason}"


class UnsafeArchiveError(ArchiveError):
    """A member would be written outside the folder, through a link, or as a special file."""


class ArchiveLimitError(ArchiveError):
    """The archive holds more bytes, entries, depth or ratio than the caller allows."""


class MissingExtraError(HubError, ImportError):
    """An optional dependency is needed and not installed."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(package, extra, purpose)
        self.package = package
        self.extra = extra
        self.purpose = purpose

    def __str__(self) -> str:
        return f"{self.purpose} needs {self.package!r}: pip install 'hfhub[{self.extra}]'"


if __name__ != "hfhub.errors":
    # Code that was written for huggingface_hub, with `sys.modules["huggingface_hub"] = hfhub`, loads
    # this file under that name: its `except` must name the classes that hfhub raises.
    sys.modules[__name__] = import_module("hfhub.errors")
