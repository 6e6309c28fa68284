"""Tables turned into what a format gives out, with the columns that it names."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import TYPE_CHECKING, Any

from crucible_datasets.formatting.python import PythonFormatter

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa

    from crucible_datasets.formatting.format import Format
    from crucible_datasets.schema import Features


def format_row(table: pa.Table, features: Features, format: Format) -> Any:  # noqa: A002
    """The only row of ``table``."""
    return _formatted(table, features, format, "row")


def format_batch(table: pa.Table, features: Features, format: Format) -> Any:  # noqa: A002
    """All rows of ``table``."""
    return _formatted(table, features, format, "batch")


def format_column(table: pa.Table, features: Features, format: Format) -> Any:  # noqa: A002
    """The only column of ``table``; a column that the format leaves out comes as Python objects."""
    if format.columns is not None and table.column_names[0] not in format.columns:
        return PythonFormatter(features).column(table)
    return format.formatter(features).column(table)


def with_remaining(format: Format, names: Sequence[str]) -> list[str]:  # noqa: A002
    """The columns that come out, in order: the formatted ones, then the others if wanted."""
    assert format.columns is not None
    chosen = [name for name in names if name in format.columns]
    if not format.output_all_columns:
        return chosen
    return chosen + [name for name in names if name not in format.columns]


def _formatted(table: pa.Table, features: Features, format: Format, what: str) -> Any:  # noqa: A002
    if format.columns is None:
        return getattr(format.formatter(features), what)(table)
    chosen = [name for name in table.column_names if name in format.columns]
    output = getattr(format.formatter(features), what)(table.select(chosen))
    if format.output_all_columns:
        if not isinstance(output, MutableMapping):
            raise TypeError(
                "with output_all_columns=True a format must give dicts, "
                f"but {format.type!r} gave a {type(output).__name__}"
            )
        rest = [name for name in table.column_names if name not in format.columns]
        output.update(getattr(PythonFormatter(features), what)(table.select(rest)))
    return output
