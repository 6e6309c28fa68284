"""``dataset["column"]``: one column, read when it is looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.dataset.base import BaseDataset


class Column(Sequence[Any]):
    """A column of a dataset, or a field of a struct column.

    It iterates, has a length, compares with lists, and is indexed like a list: an integer gives a
    value, a slice or a list of integers gives several. A string gives the field of a struct column.

    Args:
        source: the dataset, or the column whose field this is.
        column_name: the column or field.

    Raises:
        ValueError: there is no such column.
    """

    def __init__(self, source: BaseDataset | Column, column_name: str) -> None:
        known = source.features
        if not isinstance(known, dict) or column_name not in known:
            names = list(known) if isinstance(known, dict) else known
            raise ValueError(f"column {column_name!r} doesn't exist; there are {names}")
        self.source = source
        self.column_name = column_name
        self.features: Any = known[column_name]

    def __iter__(self) -> Iterator[Any]:
        if isinstance(self.source, Column):
            name = self.column_name
            return (value[name] for value in self.source)
        return self.source.iterate_column(self.column_name)

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return Column(self, key)
        if not isinstance(self.source, Column):
            return self.source.only_column(self.column_name)[key][self.column_name]
        found = self.source[key]
        if isinstance(found, list):
            return [value[self.column_name] for value in found]
        return found[self.column_name]

    def __len__(self) -> int:
        return len(self.source)

    def __eq__(self, value: object) -> bool:
        other = list(value) if isinstance(value, Column) else value
        return bool(list(self) == other)

    __hash__ = None  # type: ignore[assignment]  # equal to lists, which have none

    def __repr__(self) -> str:
        shown = repr(list(self[:5]))[:-1]
        return f"Column({shown}{', ...' if len(self) > 5 else ''}])"
