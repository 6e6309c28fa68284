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
        text = " ".join(str(error).split()) or type(error).__name__
        return cls(type(error).__name__, text, _code(error))

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
