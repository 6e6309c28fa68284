"""How rows leave a dataset: as which kind of object, and with which columns."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.formatting.registry import canonical_name, formatter_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from crucible_datasets.formatting.base import Formatter
    from crucible_datasets.schema import Features


@dataclass(frozen=True, slots=True)
class Format:
    """What ``set_format`` was given.

    Attributes:
        type: ``numpy``, ``torch``, ``arrow``, ...; None for Python objects, ``custom`` for a transform.
        kwargs: passed on to what makes the arrays.
        columns: those that are given out; all of them if None.
        output_all_columns: give the others too, as Python objects.
    """

    type: str | None = None
    kwargs: dict[str, Any] = field(default_factory=dict)
    columns: tuple[str, ...] | None = None
    output_all_columns: bool = False

    @classmethod
    def of(
        cls,
        type: str | None,  # noqa: A002 - the peer's name
        columns: str | Sequence[str] | None,
        output_all_columns: bool,
        kwargs: dict[str, Any],
        known: Sequence[str],
    ) -> Format:
        """The format that the arguments of ``set_format`` describe.

        Args:
            type: a name or an alias of one.
            columns: one name or several.
            output_all_columns: as the attribute.
            kwargs: as the attribute.
            known: the dataset's columns.

        Raises:
            ValueError: the type is unknown or not installed, or a column is not there.
        """
        kwargs = {**kwargs, **(kwargs.pop("format_kwargs", None) or {})}
        name = canonical_name(type)
        formatter_for(name, None, kwargs)  # says at once what is unknown or not installed
        if columns is None:
            return cls(name, kwargs, None, output_all_columns)
        chosen = (columns,) if isinstance(columns, str) else tuple(columns)
        missing = sorted(set(chosen) - set(known))
        if missing:
            raise ValueError(f"there are no columns {missing}; the dataset has {list(known)}")
        return cls(name, kwargs, chosen, output_all_columns)

    def formatter(self, features: Features) -> Formatter:
        """What makes the objects."""
        return formatter_for(self.type, features, self.kwargs)

    def only(self, names: Iterable[str]) -> Format:
        """This format without the columns that are not among ``names``."""
        if self.columns is None:
            return self
        kept = set(names)
        return replace(self, columns=tuple(name for name in self.columns if name in kept))

    def renamed(self, names: Mapping[str, str]) -> Format:
        """This format after columns have been called otherwise."""
        if self.columns is None:
            return self
        return replace(self, columns=tuple(names.get(name, name) for name in self.columns))

    def carried(self, before: Iterable[str], after: Iterable[str]) -> Format:
        """This format for the outcome of a transform: columns that are new are formatted too."""
        if self.columns is None:
            return self
        left_out = set(before) - set(self.columns)
        return replace(self, columns=tuple(sorted(set(after) - left_out)))

    @property
    def is_plain(self) -> bool:
        """Whether rows are plain dicts of all columns."""
        return self.type is None and self.columns is None
