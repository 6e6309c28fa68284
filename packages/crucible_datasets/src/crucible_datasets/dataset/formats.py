"""In which form rows leave a dataset."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.dataset.base import BaseDataset
from crucible_datasets.formatting.format import Format

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class FormatVerbs(BaseDataset):
    """``with_...`` gives a new dataset, ``set_...`` changes this one."""

    def with_format(
        self,
        type: str | None = None,  # noqa: A002 - the peer's name
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
        **format_kwargs: Any,
    ) -> Self:
        """This dataset, giving its rows as arrays or tables of some library.

        Args:
            type: ``numpy``, ``torch``, ``jax``, ``pandas``, ``polars`` or ``arrow``; None gives
                Python objects.
            columns: those that come out; all of them by default.
            output_all_columns: give the others too, as Python objects.
            format_kwargs: for the function that makes arrays, such as ``dtype``.

        Raises:
            ValueError: there is no such format or column, or the library is not installed.
        """
        made = self.derive(format=self._format, fingerprint=self._fingerprint_given)
        made.set_format(type, columns, output_all_columns, **format_kwargs)
        return made

    def set_format(
        self,
        type: str | None = None,  # noqa: A002
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
        **format_kwargs: Any,
    ) -> None:
        """As :meth:`with_format`, for this dataset itself."""
        self._format = Format.of(
            type, columns, output_all_columns, format_kwargs, self.column_names
        )

    def reset_format(self) -> None:
        """Give Python objects and all columns again."""
        self.set_format()

    def with_transform(
        self,
        transform: Callable[[dict[str, list[Any]]], Any] | None,
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
    ) -> Self:
        """This dataset, giving what a function makes of each batch when it is read.

        Args:
            transform: a dict of lists to a dict of sequences.
            columns: those that the function gets; all of them by default.
            output_all_columns: give the others too, as they are.
        """
        return self.with_format("custom", columns, output_all_columns, transform=transform)

    def set_transform(
        self,
        transform: Callable[[dict[str, list[Any]]], Any] | None,
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
    ) -> None:
        """As :meth:`with_transform`, for this dataset itself."""
        self.set_format("custom", columns, output_all_columns, transform=transform)

    @contextmanager
    def formatted_as(
        self,
        type: str | None = None,  # noqa: A002
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
        **format_kwargs: Any,
    ) -> Iterator[None]:
        """A ``with`` block in which this dataset has another format; see :meth:`with_format`."""
        before = self._format
        try:
            self.set_format(type, columns, output_all_columns, **format_kwargs)
            yield
        finally:
            self._format = before
