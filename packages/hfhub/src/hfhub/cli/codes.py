"""How a command ends."""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """The exit codes of ``hfhub``; scripts may rely on them.

    Attributes:
        OK: done.
        FAILED: an error without a code of its own.
        USAGE: the arguments are wrong.
        NOT_FOUND: there is no such repository, revision, file or cache entry.
        DENIED: a token is missing, wrong, or does not open this.
        UNREACHABLE: no answer from the Hub, or offline and not in the cache.
        DAMAGED: bytes are not the promised ones, or an archive is broken or unsafe.
        NO_ROOM: the disk or the cache is full.
        INTERRUPTED: Ctrl-C.
    """

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    DENIED = 4
    UNREACHABLE = 5
    DAMAGED = 6
    NO_ROOM = 7
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.FAILED: "another error",
    ExitCode.USAGE: "wrong arguments",
    ExitCode.NOT_FOUND: "no such repository, revision, file or cache entry",
    ExitCode.DENIED: "a token is missing, wrong, or does not open this",
    ExitCode.UNREACHABLE: "no answer from the Hub, or offline and not in the cache",
    ExitCode.DAMAGED: "bytes are not the promised ones, or an archive is broken or unsafe",
    ExitCode.NO_ROOM: "the disk or the cache is full",
    ExitCode.INTERRUPTED: "interrupted",
}
