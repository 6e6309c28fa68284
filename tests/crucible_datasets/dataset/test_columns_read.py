"""Columns that a function reads are known only where its code leaves no doubt."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from crucible_datasets.dataset.columns_read import columns_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from crucible_datasets.dataset.dataset import Dataset

LIMIT = 3


def long_and_liked(row: Any, least: int = 2) -> bool:
    text = row["text"].strip()
    if len(text) < least:
        return False
    words = [word for word in text.split() if word]
    return row["score"] > LIMIT and len(words) > row["id"]


def passed_on(row: Any) -> bool:
    return bool(len(row))


def assigned(row: Any) -> Any:
    row["id"] += 1
    return row["id"]


def seen_through_locals(row: Any) -> Any:
    return locals()["row"]["id"] + row["id"]


def of_several(*rows: Any) -> Any:
    return rows[0]["id"]


async def later(row: Any) -> Any:
    return row["id"]


PLAIN: dict[str, tuple[Callable[..., Any], set[str]]] = {
    "one": (lambda row: row["score"] > 0.5, {"score"}),
    "several": (long_and_liked, {"text", "score", "id"}),
    "nested": (lambda row: row["messages"][0]["content"], {"messages"}),
    "an index beside it": (lambda row, i: row["id"] == i, {"id"}),
    "the index alone": (lambda row, i: i % 2, set()),
    "one called as the argument": (lambda row: row["row"] == "row", {"row"}),
    "looped over": (lambda row: [m for m in row["messages"] if m], {"messages"}),
}
IN_DOUBT: dict[str, Any] = {
    "passed on": passed_on,
    "get": lambda row: row.get("id"),
    "in": lambda row: "id" in row,
    "a key that is found out": lambda row: row[os.name],
    "one key or another": lambda row, i: row["id" if i else "score"],
    "an inner function": lambda row: any(row["id"] == k for k in range(LIMIT)),
    "unpacked": lambda row: {**row},
    "returned": lambda row: row,
    "a second name": lambda row: (again := row) and again["id"],
    "assigned": assigned,
    "a number for a name": lambda row: row[0],
    "locals": seen_through_locals,
    "of several": of_several,
    "async": later,
    "a partial": partial(long_and_liked, least=3),
    "a builtin": len,
    "a method": {}.get,
}


@pytest.mark.parametrize(("function", "columns"), PLAIN.values(), ids=PLAIN)
def test_columns_that_are_written_out_are_found(
    function: Callable[..., Any], columns: set[str]
) -> None:
    assert columns_read(function) == columns


@pytest.mark.parametrize("function", IN_DOUBT.values(), ids=IN_DOUBT)
def test_what_may_look_at_any_column_is_told_apart(function: Any) -> None:
    assert columns_read(function) is None


def test_a_filter_gives_functions_in_doubt_whole_rows(ds: Dataset) -> None:
    widths: set[int] = set()

    ds.filter(lambda row: widths.add(len(row)))

    assert widths == {len(ds.column_names)}


def test_a_missing_column_is_missed_as_in_a_whole_row(ds: Dataset) -> None:
    with pytest.raises(KeyError, match="nope"):
        ds.filter(lambda row: row["id"] >= 0 and row["nope"])


def test_a_function_that_looks_at_the_index_alone_is_called_for_each_row(ds: Dataset) -> None:
    assert ds.filter(lambda row, i: i % 4 == 1, with_indices=True)["id"][:] == [1, 5, 9]
