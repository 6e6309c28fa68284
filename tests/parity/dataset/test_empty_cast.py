"""A cast of no rows: the one place where ours gives the features that were asked for alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

ROWS = {"a": [1, 2], "b": ["x", "y"]}


def wanted(lib: Any) -> Any:
    return lib.Features({"a": lib.Value("string"), "b": lib.ClassLabel(names=["x", "y"])})


@pytest.mark.parametrize(
    "emptied",
    [
        lambda ds: ds.select([]),
        lambda ds: ds.select(range(0)),
        lambda ds: ds.filter(lambda row: False),
        lambda ds: ds.take(0),
    ],
    ids=["select", "range", "filter", "take"],
)
@pytest.mark.parametrize(
    "cast",
    [
        lambda ds, lib: ds.cast(wanted(lib)),
        lambda ds, lib: ds.cast_column("a", lib.Value("string")).cast_column("b", wanted(lib)["b"]),
    ],
    ids=["cast", "cast_column"],
)
def test_no_rows_are_cast_all_the_same(
    peer: Any, ours: Any, emptied: Callable[[Any], Any], cast: Callable[[Any, Any], Any]
) -> None:
    theirs = cast(emptied(peer.Dataset.from_dict(ROWS)), peer)
    mine = cast(emptied(ours.Dataset.from_dict(ROWS)), ours)

    assert theirs.features == peer.Dataset.from_dict(ROWS).features  # not what was asked for
    assert mine.features == wanted(ours)
    assert mine.to_list() == []


def test_they_join_rows_that_were_cast_alike(ours: Any) -> None:
    full = ours.Dataset.from_dict(ROWS).cast(wanted(ours))
    none = ours.Dataset.from_dict(ROWS).select([]).cast(wanted(ours))

    assert ours.concatenate_datasets([none, full]).to_list() == full.to_list()
