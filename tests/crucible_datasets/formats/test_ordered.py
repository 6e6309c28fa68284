from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from crucible_datasets.formats.ordered import ordered_map

if TYPE_CHECKING:
    from collections.abc import Iterator


def numbers(stop: int) -> Iterator[int]:
    yield from range(stop)
    raise OSError("damaged")


@pytest.mark.parametrize("stop", [0, 1, 2, 3, 10])
def test_what_is_before_a_damaged_place_comes_first(stop: int) -> None:
    found = []
    with pytest.raises(OSError, match="damaged"):
        for square in ordered_map(lambda n: n * n, numbers(stop)):
            found.append(square)  # noqa: PERF402 # what came before the error is wanted

    assert found == [n * n for n in range(stop)]


def test_results_come_in_order_and_the_first_alone() -> None:
    begun = []
    results = ordered_map(begun.append, iter(range(5)))
    next(results)

    assert begun == [0]
    assert list(results) == [None] * 4
    assert sorted(begun) == list(range(5))
