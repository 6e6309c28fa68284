"""What a user's function makes of batches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from crucible_datasets.formatting.python import PythonFormatter

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from crucible_datasets.schema import Features


class CustomFormatter:
    """Calls ``transform`` with a dict of lists; a row is the first of what it gives.

    Args:
        features: of the columns.
        transform: the function.
    """

    def __init__(
        self,
        features: Features | None = None,
        *,
        transform: Callable[[dict[str, list[Any]]], Any],
        **_: Any,
    ) -> None:
        self.python = PythonFormatter(features)
        self.transform = transform

    def row(self, table: pa.Table) -> Any:
        """The first element of each value.

        Raises:
            TypeError: the transform gave something else than a dict of sequences.
        """
        output = self.batch(table)
        try:
            return {name: values[0] for name, values in output.items()}
        except (AttributeError, IndexError, KeyError, TypeError) as error:
            raise TypeError(
                f"a transform must give a dict of sequences, but gave {output!r}"
            ) from error

    def column(self, table: pa.Table) -> Any:
        """The only column that the transform gave.

        Raises:
            TypeError: it gave several, or no dict.
        """
        output = self.batch(table)
        if not isinstance(output, Mapping) or len(output) > 1:
            raise TypeError(f"a transform of one column must give one column, but gave {output!r}")
        return output[table.column_names[0]]

    def batch(self, table: pa.Table) -> Any:
        """What the transform gives."""
        return self.transform(self.python.batch(table))
