from __future__ import annotations

import io
from typing import Any

import numpy as np

from crucible_datasets import Dataset

LETTERS = [34, 92, 47, 10, 9, 1, 0x7F, 65, 0xE9, 0x2028, 0x1F600, 0]
NUMBERS = [float("nan"), float("inf"), 0.0, -0.0, 1e16, 1e-7, 5e-324, None]


def rows(count: int) -> list[dict[str, Any]]:
    generator = np.random.default_rng(1)

    def text() -> str:
        return "".join(map(chr, generator.choice(LETTERS, int(generator.integers(0, 9)))))

    return [
        {
            "": int(generator.integers(-(2**63), 2**63 - 1)),
            "a.b": NUMBERS[k] if (k := i % 16) < 8 else float(generator.standard_normal() * 10**k),
            "*": None if i % 7 == 0 else text(),
            "list": None if i % 5 == 0 else [[float(i), None], []][: i % 3],
            "chat": [{"role": text(), "content": None, "more": {"n": i}}] * (i % 3),
        }
        for i in range(count)
    ]


def lines(ds: Dataset) -> bytes:
    target = io.BytesIO()
    ds.to_json(target)
    return target.getvalue()


def test_many_rows_are_written_as_few_are() -> None:
    ds = Dataset.from_list(rows(6000))

    halves = [lines(ds.select(range(3000))), lines(ds.select(range(3000, 6000)))]

    assert lines(ds) == b"".join(halves)
