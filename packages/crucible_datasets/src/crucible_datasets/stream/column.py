"""One column of a stream."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class IterableColumn:
    """The values of a column, read whenever it is iterated over. Fields of a struct by their names.

    Args:
        source: a stream, or a column of one.
        column_name: the column, or the field.
    """

    def __init__(self, source: Iterable[Any], column_name: str) -> None:
        self.source = source
        self.column_name = column_name

    def __iter__(self) -> Iterator[Any]:
        for row in self.source:
            yield row[self.column_name]

    def __getitem__(self, column_name: str) -> IterableColumn:
        return IterableColumn(self, column_name)

    def __repr__(self) -> str:
        return f"IterableColumn({self.column_name!r})"
