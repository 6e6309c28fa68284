"""``Dataset.from_generator``: few rows stay in memory, many become a file that is found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets import Dataset, Features, Value, disable_caching, enable_caching
from crucible_datasets.table import derived, spill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spill, "BATCH_BYTES", 20_000)


def numbers(n: int) -> Iterator[dict[str, Any]]:
    import tests_generator_calls as log  # an object of the process, which names nothing

    log.calls.append(n)
    for i in range(n):
        yield {"id": i, "text": f"{i} " * 10}


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> Any:
    import types

    module: Any = types.ModuleType("tests_generator_calls")
    module.calls = []
    monkeypatch.setitem(sys.modules, "tests_generator_calls", module)
    return module.calls


def files() -> list[str]:
    folder = derived.folder("map")
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def rows(n: int) -> list[dict[str, Any]]:
    return [{"id": i, "text": f"{i} " * 10} for i in range(n)]


def test_few_rows_leave_no_file() -> None:
    assert Dataset.from_generator(numbers, gen_kwargs={"n": 30}).to_list() == rows(30)
    assert files() == []


def test_many_rows_lie_in_one_file_and_are_not_made_again(log: list[int]) -> None:
    first = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000})
    again = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000})
    other = Dataset.from_generator(numbers, gen_kwargs={"n": 5_001})

    assert first.to_list() == again.to_list() == rows(5_000)
    assert other.to_list() == rows(5_001)
    assert first.features == again.features
    assert log == [5_000, 5_001]
    assert len(files()) == 2
    assert first.cache_files == again.cache_files


def test_other_features_are_another_file(log: list[int]) -> None:
    features = Features({"id": Value("int32"), "text": Value("string")})
    made = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000}, features=features)
    plain = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000})

    assert made.features == features
    assert plain.features != features
    assert made.to_list() == plain.to_list()
    assert log == [5_000, 5_000]


def test_without_caching_the_function_is_called_again(log: list[int]) -> None:
    disable_caching()
    try:
        for _ in range(2):
            made = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000})
            assert made.to_list() == rows(5_000)
    finally:
        enable_caching()

    assert log == [5_000, 5_000]


def test_a_name_and_a_folder_may_be_given(tmp_path: Path, log: list[int]) -> None:
    call: Any = {"cache_dir": str(tmp_path / "here"), "fingerprint": "mine"}
    Dataset.from_generator(numbers, gen_kwargs={"n": 5_000}, **call)
    again = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000}, **call)

    assert [path.name for path in (tmp_path / "here").iterdir()] == ["generator-mine.arrow"]
    assert again.to_list() == rows(5_000)
    assert log == [5_000]
    assert files() == []


def test_rows_may_be_kept_in_memory() -> None:
    made = Dataset.from_generator(numbers, gen_kwargs={"n": 5_000}, keep_in_memory=True)

    assert made.to_list() == rows(5_000)
    assert files() == []


def test_what_has_no_name_is_made_each_time() -> None:
    stateful = iter(rows(10_000))

    def rest() -> Any:
        yield from (row for row, _ in zip(stateful, range(5_000), strict=False))

    first, second = Dataset.from_generator(rest), Dataset.from_generator(rest)

    assert first.num_rows == 5_000
    assert first[0] != second[0]


def test_a_function_that_fails_leaves_nothing() -> None:
    def fails() -> Iterator[dict[str, Any]]:
        yield from rows(5_000)
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        Dataset.from_generator(fails)

    assert files() == []


def test_a_column_that_comes_late_is_null_before() -> None:
    def late() -> Iterator[dict[str, Any]]:
        yield from rows(4_000)
        yield {"id": 4_000, "text": "last", "more": [1]}

    made = Dataset.from_generator(late)

    assert made.num_rows == 4_001
    assert made[3_999] == {"id": 3_999, "text": "3999 " * 10, "more": None}
    assert made[4_000] == {"id": 4_000, "text": "last", "more": [1]}


SCRIPT = """
import sys, time
from crucible_datasets import Dataset
from crucible_datasets.table import spill
spill.BATCH_BYTES = 20_000

def numbers(n):
    for i in range(n):
        if i % 1000 == 0:
            time.sleep(float(sys.argv[1]))
        yield {"id": i, "text": f"{i} " * 10}

made = Dataset.from_generator(numbers, gen_kwargs={"n": 20_000}, fingerprint="killed")
print(made.num_rows, made[19_999]["id"])
"""


def test_rows_of_a_process_that_was_killed_are_never_read() -> None:
    folder = derived.folder("map")
    with subprocess.Popen([sys.executable, "-c", SCRIPT, "0.05"]) as process:
        limit = time.monotonic() + 60
        while not list(folder.glob(".*.part")) and process.poll() is None:
            assert time.monotonic() < limit, "nothing was written"
            time.sleep(0.002)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    assert process.returncode == -signal.SIGKILL
    assert not [name for name in files() if not name.startswith(".")]
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, "0"], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == ["20000", "19999"]


MEMORY = """
import re, sys
from pathlib import Path
from crucible_datasets import Dataset
from crucible_datasets.table import spill
spill.BATCH_BYTES = 8 << 20

def peak():  # in megabytes; getrusage would count what the parent held
    return int(re.search("VmHWM:[^0-9]*([0-9]+)", Path("/proc/self/status").read_text())[1]) >> 10

def numbers(n):
    for i in range(n):
        yield {"id": i, "text": f"{i} " + "x" * 10_000}

Dataset.from_generator(numbers, gen_kwargs={"n": 2_000})
before = peak()
made = Dataset.from_generator(numbers, gen_kwargs={"n": 40_000})
assert made[39_999]["text"].startswith("39999 x")
print(peak() - before)
"""


def test_memory_does_not_grow_with_the_rows() -> None:
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], check=True, capture_output=True, text=True
    )

    assert int(done.stdout) < 100, "400 MB of rows"


def test_a_column_of_nothing_gets_its_type_late() -> None:
    def late() -> Iterator[dict[str, Any]]:
        yield from ({"id": i, "text": "x" * 50, "more": None} for i in range(4_000))
        yield from ({"id": i, "text": "x" * 50, "more": {"a": i}} for i in range(4_000, 8_000))

    made = Dataset.from_generator(late)
    again = Dataset.from_generator(late)

    assert made.features["more"] == {"a": Value("int64")}
    assert again.features == made.features
    assert made["more"][:] == [None] * 4_000 + [{"a": i} for i in range(4_000, 8_000)]
    assert [name for name in files() if name.startswith(".")] == []
