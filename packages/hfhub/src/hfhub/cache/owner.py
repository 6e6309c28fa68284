"""Which process did something, and whether it still lives."""

from __future__ import annotations

import os
import sys
import threading

__all__ = ["ForkedLock", "host", "is_alive", "me"]


class ForkedLock:
    """A lock among the threads of one process; a forked child finds it free, whoever held it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._process = os.getpid()

    def __enter__(self) -> None:
        if self._process != os.getpid():
            self._lock = threading.RLock()
            self._process = os.getpid()
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def host() -> str:
    """This machine's name, as far as process ids mean the same on it."""
    name = os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")
    try:
        # Containers that share a cache may share a host name, but not their process ids.
        space = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        space = ""
    return f"{name}.{space}".replace("/", "_").replace("|", "_")


def me() -> str:
    """This process, as text: host, id, start time; no later process is the same."""
    pid = os.getpid()
    return f"{host()}|{pid}|{_start_time(pid) or ''}"


def is_alive(owner: str) -> bool | None:
    """Whether the process that wrote :func:`me` still runs; None if that is not known here."""
    where, _, rest = owner.partition("|")
    pid, _, started = rest.partition("|")
    if where != host() or not pid.isdecimal() or sys.platform == "win32":
        return None
    if started:
        return _start_time(int(pid)) == started
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _start_time(pid: int) -> str | None:
    """When the process started, in ticks since boot; None for a dead one, or without ``/proc``."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except OSError:
        return None
    # proc(5): fields 3 and 22; a zombie holds nothing any more.
    return None if fields[0] in "ZX" else fields[19]
