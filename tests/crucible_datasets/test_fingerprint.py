from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import threading
from typing import Any

import numpy as np
import polars as pl
import pytest

from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.fingerprint import Hasher, UnhashableObject

FACTOR = 3


def uses_a_global(x: int) -> int:
    return x * FACTOR


class Adder:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, x: int) -> int:
        return x + self.n


def adder(n: int) -> Any:
    return lambda x: x + n


def test_code_tells_functions_apart() -> None:
    assert Hasher.hash(lambda x: x + 1) == Hasher.hash(lambda x: x + 1)
    assert Hasher.hash(lambda x: x + 1) != Hasher.hash(lambda x: x + 2)
    assert Hasher.hash(lambda x: x.a) != Hasher.hash(lambda x: x.b)


def test_closures_defaults_and_globals_count(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Hasher.hash(adder(1)) == Hasher.hash(adder(1))
    assert Hasher.hash(adder(1)) != Hasher.hash(adder(2))
    assert Hasher.hash(lambda x, y=1: x) != Hasher.hash(lambda x, y=2: x)
    before = Hasher.hash(uses_a_global)
    monkeypatch.setitem(uses_a_global.__globals__, "FACTOR", 4)
    assert Hasher.hash(uses_a_global) != before


def test_instances_partials_and_methods_count_by_content() -> None:
    assert Hasher.hash(Adder(1)) == Hasher.hash(Adder(1))
    assert Hasher.hash(Adder(1)) != Hasher.hash(Adder(2))
    assert Hasher.hash(Adder(1).__call__) != Hasher.hash(Adder(2).__call__)
    assert Hasher.hash(functools.partial(max, 1)) != Hasher.hash(functools.partial(max, 2))


@pytest.mark.parametrize(
    "make",
    [
        lambda n: np.arange(n),
        lambda n: {n: [n, {n}]},
        lambda n: re.compile(f"a{{{n}}}"),
        lambda n: pl.col("a") + n,
        lambda n: pl.DataFrame({"a": [n]}),
        lambda n: Dataset.from_dict({"a": [n]}),
        lambda n: frozenset(f"{i}" for i in range(n)),
    ],
    ids=["array", "nested", "pattern", "expression", "frame", "dataset", "set"],
)
def test_values_count_by_content(make: Any) -> None:
    assert Hasher.hash(make(3)) == Hasher.hash(make(3))
    assert Hasher.hash(make(3)) != Hasher.hash(make(4))


def test_values_that_hold_themselves_end() -> None:
    loop: list[Any] = []
    loop.append(loop)

    assert Hasher.hash(loop) == Hasher.hash(loop)


def test_what_has_no_content_is_refused() -> None:
    with pytest.raises(UnhashableObject, match="lock"):
        Hasher.hash(threading.Lock())


CODE = """
from crucible_datasets.fingerprint import Hasher
words = {"b", "a", "c"}
print(Hasher.hash(lambda row: row["x"] in words))
"""


def test_every_process_gives_the_same_name() -> None:
    names = {
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }

    assert len(names) == 1
