"""A process killed at any row, and another one that goes on from its last state."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

SCRIPT = Path(__file__).with_name("killed.py")
NAMES = [
    "plain",
    "map",
    "filter",
    "batched map",
    "async map",
    "shuffle",
    "map, shuffle, batch",
    "shuffle, map, prefetch",
    "skip, take, repeat",
    "interleave",
    "concatenate",
    "all together",
]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


class Runner:
    """Starts the processes that are killed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._runs = 0
        self.files = []
        for number in range(3):
            path = folder / f"{number}.parquet"
            rows = pa.array(range(number * 100, number * 100 + 100))
            pq.write_table(pa.table({"a": rows}), path, row_group_size=30)
            self.files.append(str(path))

    def run(self, chain: str, state: Any = None, rows: int | None = None) -> list[Any]:
        """``[row, state]`` of each row until the end, or until it is killed."""
        self._runs += 1
        out = self._folder / f"out-{self._runs}"
        order = {"chain": chain, "files": self.files, "state": state, "rows": rows, "out": str(out)}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        status = int(self._process.stdout.readline())
        assert status == (0 if rows is None else signal.SIGKILL)
        return [json.loads(line) for line in out.read_bytes().splitlines()]

    def close(self) -> None:
        self._process.communicate(timeout=30)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    runner = Runner(tmp_path_factory.mktemp("killed"))
    yield runner
    runner.close()


@pytest.fixture(scope="module")
def whole(runner: Runner) -> dict[str, list[Any]]:
    return {name: [row for row, _ in runner.run(name)] for name in NAMES}


def kill_and_go_on(runner: Runner, name: str, whole: list[Any], chance: random.Random) -> None:
    first = chance.randrange(1, len(whole) - 1)
    second = chance.randrange(1, len(whole) - first)
    seen = runner.run(name, rows=first)
    seen += runner.run(name, state=seen[-1][1], rows=second)
    seen += runner.run(name, state=seen[-1][1])

    assert [row for row, _ in seen] == whole


@pytest.mark.parametrize("name", NAMES)
def test_rows_go_on_exactly_after_two_kills(
    name: str, runner: Runner, whole: dict[str, list[Any]]
) -> None:
    kill_and_go_on(runner, name, whole[name], random.Random(name))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200))
def test_rows_go_on_exactly_after_two_kills_at_many_rows(
    seed: int, runner: Runner, whole: dict[str, list[Any]]
) -> None:
    name = NAMES[seed % len(NAMES)]
    kill_and_go_on(runner, name, whole[name], random.Random(seed))
