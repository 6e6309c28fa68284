"""An error as an exit code and one line that says what to do."""

from __future__ import annotations

import errno
import json
from dataclasses import dataclass
from typing import Any

from hfhub import errors
from hfhub.cli.codes import ExitCode

# The first that fits counts, so subclasses stand before what they derive from.
_CODES: tuple[tuple[type[BaseException], ExitCode], ...] = (
    (errors.GatedRepoError, ExitCode.DENIED),
    (errors.DisabledRepoError, ExitCode.DENIED),
    (errors.LocalTokenNotFoundError, ExitCode.DENIED),
    (errors.RepositoryNotFoundError, ExitCode.NOT_FOUND),
    (errors.RevisionNotFoundError, ExitCode.NOT_FOUND),
    (errors.RemoteEntryNotFoundError, ExitCode.NOT_FOUND),
    (errors.LocalEntryNotFoundError, ExitCode.UNREACHABLE),
    (errors.EntryNotFoundError, ExitCode.NOT_FOUND),
    (errors.CacheNotFound, ExitCode.NOT_FOUND),
    (errors.OfflineModeIsEnabled, ExitCode.UNREACHABLE),
    (errors.HubConnectionError, ExitCode.UNREACHABLE),
    (errors.TooManyRequestsError, ExitCode.UNREACHABLE),
    (errors.RevisionResolutionError, ExitCode.UNREACHABLE),
    (errors.IntegrityError, ExitCode.DAMAGED),
    (errors.CorruptedCacheException, ExitCode.DAMAGED),
    (errors.ArchiveError, ExitCode.DAMAGED),
    (errors.CacheFullError, ExitCode.NO_ROOM),
    (errors.HFValidationError, ExitCode.USAGE),
    (errors.UnsafePathError, ExitCode.USAGE),
    (FileNotFoundError, ExitCode.NOT_FOUND),
)
_WORDS: tuple[tuple[type[BaseException], str], ...] = (
    (
        errors.GatedRepoError,
        "access to this repository is restricted; ask for it on its page, then `hfhub auth login` "
        "with a token of the account that got it",
    ),
    (errors.DisabledRepoError, "this repository was disabled by its owner or by the Hub"),
    (
        errors.RepositoryNotFoundError,
        "there is no such repository, or it is private; check the name (a dataset is "
        "datasets/OWNER/NAME), or `hfhub auth login`",
    ),
    (
        errors.RevisionNotFoundError,
        "the repository has no such branch, tag or commit; `hfhub info` lists them",
    ),
    (
        errors.RemoteEntryNotFoundError,
        "the repository has no such file at that revision; `hfhub ls -R` lists them",
    ),
    (
        errors.TooManyRequestsError,
        "the Hub's rate limit is exceeded; try later, or with a token, which raises the limit",
    ),
)
_DENIED = (401, 403)
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class UsageError(ValueError):
    """The arguments are well formed and still make no sense."""


@dataclass(frozen=True)
class Failure:
    """How a command went wrong.

    Attributes:
        kind: the name of the error's class.
        message: in one line.
        code: the exit code.
    """

    kind: str
    message: str
    code: ExitCode

    @classmethod
    def of(cls, error: Exception) -> Failure:
        """What ``error`` comes to."""
        text = _answered(error) if isinstance(error, errors.HfHubHTTPError) else str(error)
        line = " ".join(text.split()) or type(error).__name__
        return cls(type(error).__name__, line, _code(error))

    def as_text(self) -> str:
        """The line for people."""
        return f"hfhub: error: {self.message}"

    def as_json(self) -> str:
        """The line for programs."""
        facts: dict[str, Any] = {
            "type": self.kind,
            "message": self.message,
            "exit_code": int(self.code),
        }
        return json.dumps({"error": facts})


def _answered(error: errors.HfHubHTTPError) -> str:
    """What the Hub's answer means on a command line, and the request to quote in a report."""
    response = error.response
    words = next((text for kind, text in _WORDS if isinstance(error, kind)), "")
    if not words and response.status_code == 401:
        words = "the Hub does not accept the token; save another with `hfhub auth login --force`"
    said = error.server_message or response.reason
    url = response.url.partition("?")[0]
    asked = f"{response.status_code} from {url}"
    if error.request_id:
        asked += f", request {error.request_id}"
    return f"{words or f'the Hub refused: {said}'} ({asked})"


def is_expected(error: Exception) -> bool:
    """Whether ``error`` may happen without a mistake in hfhub, so that a traceback helps nobody."""
    return isinstance(error, (errors.HubError, OSError, UsageError, ValueError))


def _code(error: Exception) -> ExitCode:
    if isinstance(error, errors.HfHubHTTPError) and error.response.status_code in _DENIED:
        is_missing = isinstance(error, errors.RepositoryNotFoundError)
        if not is_missing or isinstance(error, errors.GatedRepoError):
            return ExitCode.DENIED
    for kind, code in _CODES:
        if isinstance(error, kind):
            return code
    if isinstance(error, errors.HubError):
        return ExitCode.FAILED
    if isinstance(error, OSError) and error.errno in _FULL:
        return ExitCode.NO_ROOM
    return ExitCode.USAGE if isinstance(error, ValueError) else ExitCode.FAILED
