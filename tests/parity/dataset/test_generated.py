"""``Dataset.from_generator`` beside the peer's: how often the function is called, and with what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


def told(parts: Any, more: Any = None) -> Iterator[dict[str, Any]]:
    yield {"parts": list(parts), "more": more, "kind": type(parts).__name__}
    for part in parts:
        yield {"parts": [part], "more": more, "kind": "one"}


def counted(n: int) -> Iterator[dict[str, Any]]:
    for i in range(n):
        yield {"a": i}


@pytest.mark.parametrize(
    "kwargs",
    [
        {"parts": [1, 2, 3]},
        {"parts": (1, 2, 3)},
        {"parts": []},
        {"parts": [1]},
        {"parts": [1, 2], "more": [3, 4]},
        {"parts": (1, 2), "more": 5},
    ],
    ids=str,
)
def test_lists_are_taken_apart_and_tuples_are_not(same: Any, tmp_path: Path, kwargs: Any) -> None:
    same(
        lambda lib: lib.Dataset.from_generator(
            told, gen_kwargs=kwargs, cache_dir=str(tmp_path)
        ).to_list()
    )


@pytest.mark.parametrize(
    "call",
    [
        lambda lib, to: lib.Dataset.from_generator(counted, gen_kwargs={"n": 3}, cache_dir=to),
        lambda lib, to: lib.Dataset.from_generator(
            counted,
            gen_kwargs={"n": 120},
            cache_dir=to,
            features=lib.Features({"a": lib.Value("int8")}),
        ),
        lambda lib, to: lib.Dataset.from_generator(
            counted,
            gen_kwargs={"n": 100},
            cache_dir=to,
            features=lib.Features({"a": lib.Value("string")}),
            split="test",
        ),
    ],
    ids=["inferred", "narrow", "declared"],
)
def test_rows_come_typed(same: Any, tmp_path: Path, call: Callable[[Any, str], Any]) -> None:
    same(lambda lib: call(lib, str(tmp_path)))
