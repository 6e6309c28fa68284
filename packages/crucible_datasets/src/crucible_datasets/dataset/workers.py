"""Processes that do parts of a job.

They are started anew, not forked: Polars and Arrow have threads, and a forked child hangs
(DESIGN.md D11). They do not run the caller's ``__main__`` again, as ``multiprocessing`` would, so a
script needs no guard: functions that live there are sent by value.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, fields, is_dataclass
from functools import partial
from importlib.machinery import PathFinder
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from crucible_datasets.table.table import Table

_KEY = "CRUCIBLE_WORKER_KEY"


class WorkerDied(RuntimeError):
    """A process ended without an answer: it was killed, or ran out of memory."""

    def __init__(self, rank: int, code: int | None) -> None:
        super().__init__(rank, code)
        self.rank = rank
        self.code = code

    def __str__(self) -> str:
        how = "" if self.code is None else f" with exit code {self.code}"
        why = " (killed; perhaps for want of memory)" if (self.code or 0) < 0 else ""
        return (
            f"process {self.rank} of the job ended without an answer{how}{why}; "
            "what it had done is thrown away"
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a job."""

    value: Any = None
    error: BaseException | None = None


def run(
    function: Callable[..., Any],
    jobs: Sequence[tuple[Any, ...]],
    done: Callable[[int], None] = lambda _: None,
) -> list[Any]:
    """Call ``function`` with each tuple of arguments, each in a process of its own, at one time.

    Args:
        function: importable by name.
        jobs: the arguments; sent with cloudpickle, so that they may hold lambdas.
        done: called with the number of each job that has ended well.

    Raises:
        WorkerDied: a process ended without an answer.
        Exception: what the function raised.
    """
    with ThreadPoolExecutor(len(jobs)) as threads:

        def work(rank: int) -> Any:
            answer = _run_one(function, jobs[rank], rank)
            done(rank)
            return answer

        started = [threads.submit(work, rank) for rank in range(len(jobs))]
        return [future.result() for future in started]


def _run_one(function: Callable[..., Any], job: tuple[Any, ...], rank: int) -> Any:
    key = secrets.token_bytes(32)
    with Listener(None, authkey=key) as listener:
        address = listener.address
        command = [sys.executable, "-m", "crucible_datasets.dataset.workers", _text(address)]
        with subprocess.Popen(command, env=_environment(key), stdin=subprocess.DEVNULL) as process:
            try:
                connection = _accept(listener, process, rank)
                with connection:
                    connection.send_bytes(_sendable((function, job)))
                    answer = _receive(connection, process, rank)
            except BaseException:
                process.kill()
                raise
    if answer.error is not None:
        raise answer.error
    return answer.value


def _text(address: Any) -> str:
    return address if isinstance(address, str) else f"{address[0]}:{address[1]}"


def _environment(key: bytes) -> dict[str, str]:
    paths = [path for path in sys.path if path]
    return {
        **os.environ,
        _KEY: key.hex(),
        "PYTHONPATH": os.pathsep.join(paths),
        "TOKENIZERS_PARALLELISM": "false",
    }


def _accept(listener: Listener, process: subprocess.Popen[bytes], rank: int) -> Connection:
    """Wait for the process to call, or to end."""
    accepted: list[Connection] = []

    def accept() -> None:
        accepted.append(listener.accept())

    waiting = threading.Thread(target=accept, daemon=True)
    waiting.start()
    while not accepted:
        waiting.join(0.02)
        if process.poll() is not None and not accepted:
            raise WorkerDied(rank, process.returncode)
    return accepted[0]


def _receive(connection: Connection, process: subprocess.Popen[bytes], rank: int) -> Answer:
    import pickle

    try:
        data = connection.recv_bytes()
    except (EOFError, ConnectionResetError):
        raise WorkerDied(rank, process.wait()) from None
    answer: Answer = pickle.loads(data)  # noqa: S301 - from the process that was started for it
    return answer


def _sendable(value: Any) -> bytes:
    """The value pickled; what lives in a module that the other side can't import goes by value."""
    import cloudpickle

    modules = [sys.modules[name] for name in _homes(value) if not _is_findable(name)]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        data: bytes = cloudpickle.dumps(value)
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
    return data


def _homes(value: Any) -> set[str]:
    """The modules of the functions among the values."""
    if isinstance(value, (tuple, list)):
        return set().union(*(_homes(inner) for inner in value))
    if isinstance(value, dict):
        return _homes(list(value.values()))
    if isinstance(value, partial):
        return _homes([value.func, *value.args, *value.keywords.values()])
    if is_dataclass(value):
        return _homes([getattr(value, part.name) for part in fields(value)])
    home = getattr(value, "__module__", None)
    return {home} if isinstance(home, str) and home in sys.modules else set()


def _is_findable(name: str) -> bool:
    """Whether another process with the same ``sys.path`` could import the module."""
    top = name.partition(".")[0]
    if name == "__main__" or top in sys.builtin_module_names or top in sys.stdlib_module_names:
        return True  # cloudpickle knows what to do
    try:
        return PathFinder.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def _serve(address: str) -> None:
    """Do the one job that the process at ``address`` has, and answer."""
    import pickle

    host, colon, port = address.rpartition(":")
    place: Any = (host, int(port)) if colon and port.isdigit() else address
    with Client(place, authkey=bytes.fromhex(os.environ.pop(_KEY))) as connection:
        function, job = pickle.loads(connection.recv_bytes())  # noqa: S301 - from our parent
        try:
            answer = Answer(value=function(*job))
        except BaseException as error:  # noqa: BLE001 - the parent raises it
            answer = Answer(error=error)
        connection.send_bytes(_answer_bytes(answer))


def _answer_bytes(answer: Answer) -> bytes:
    import cloudpickle

    try:
        data: bytes = cloudpickle.dumps(answer)
    except Exception as error:  # noqa: BLE001 - whatever can't be sent is told in words
        told = RuntimeError(
            f"{type(answer.error).__name__}: {answer.error} (not sendable: {error})"
        )
        data = cloudpickle.dumps(Answer(error=told))
    return data


@dataclass(frozen=True, slots=True)
class Shared:
    """A table that other processes can read, and a folder for what they make.

    Attributes:
        table: its rows lie in files.
        folder: taken away when the job is done.
    """

    table: Table
    folder: Path

    def path(self, rank: int) -> Path:
        """A file for what one process makes."""
        return self.folder / f"{rank}.arrow"


@contextmanager
def shared(table: Table, beside: Path | None) -> Iterator[Shared]:
    """Make rows that lie in memory readable by other processes, through a file.

    Args:
        table: the rows.
        beside: where there is room for files; the system's temporary folder by default.
    """
    from crucible_datasets.table import spill
    from crucible_datasets.table.table import Table

    parent = None if beside is None else beside.parent
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=".crucible-", dir=parent, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if not table.sendable:
            path = folder / "rows.arrow"
            spill.write_file(path, table.schema, table.batches(1 << 14))
            table = Table.from_source(spill.open_file(path))
        yield Shared(table, folder)


def spans(count: int, parts: int) -> Iterator[tuple[int, int]]:
    """``count`` rows cut into ``parts`` runs of almost equal length."""
    each, rest = divmod(count, parts)
    start = 0
    for index in range(parts):
        stop = start + each + (index < rest)
        yield start, stop
        start = stop


if __name__ == "__main__":
    from crucible_datasets.dataset import workers  # Answer must not be __main__'s

    workers._serve(sys.argv[1])  # noqa: SLF001 - itself
