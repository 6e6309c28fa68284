"""Streams by the names of their splits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.call import with_split_name
from crucible_datasets.stream.dataset import IterableDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np

    from crucible_datasets.schema import Features


class IterableDatasetDict(dict[str, IterableDataset]):
    """Split name -> stream. Each method applies to every split."""

    def _each(self, method: str, *args: Any, **kwargs: Any) -> IterableDatasetDict:
        return IterableDatasetDict(
            {name: getattr(stream, method)(*args, **kwargs) for name, stream in self.items()}
        )

    def __repr__(self) -> str:
        lines = "\n".join(f"{name}: {stream}" for name, stream in self.items())
        indented = "\n".join(f"    {line}" for line in lines.split("\n"))
        return f"IterableDatasetDict({{\n{indented}\n}})"

    @property
    def num_columns(self) -> dict[str, int | None]:
        """Columns of each split; None where only reading tells."""
        return {name: stream.num_columns for name, stream in self.items()}

    @property
    def column_names(self) -> dict[str, list[str] | None]:
        """Names of the columns of each split; None where only reading tells."""
        return {name: stream.column_names for name, stream in self.items()}

    def with_format(self, type: str | None = None) -> IterableDatasetDict:  # noqa: A002
        """See :meth:`IterableDataset.with_format`."""
        return self._each("with_format", type)

    def map(
        self,
        function: Callable[..., Any] | None = None,
        with_indices: bool = False,
        with_split: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        drop_last_batch: bool = False,
        remove_columns: str | Sequence[str] | None = None,
        fn_kwargs: Mapping[str, Any] | None = None,
    ) -> IterableDatasetDict:
        """See :meth:`IterableDataset.map`.

        ``with_split`` gives the function the split's name too.
        """
        mapped = {}
        for name, stream in self.items():
            called = function
            if with_split and function is not None:
                called = with_split_name(function, name)
            mapped[name] = stream.map(
                called,
                with_indices=with_indices,
                input_columns=input_columns,
                batched=batched,
                batch_size=batch_size,
                drop_last_batch=drop_last_batch,
                remove_columns=remove_columns,
                fn_kwargs=fn_kwargs,
            )
        return IterableDatasetDict(mapped)

    def filter(
        self,
        function: Callable[..., Any] | None = None,
        with_indices: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        fn_kwargs: Mapping[str, Any] | None = None,
    ) -> IterableDatasetDict:
        """See :meth:`IterableDataset.filter`."""
        return self._each(
            "filter",
            function,
            with_indices=with_indices,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            fn_kwargs=fn_kwargs,
        )

    def shuffle(
        self,
        seed: int | None = None,
        generator: np.random.Generator | None = None,
        buffer_size: int = 1000,
        max_buffer_input_shards: int = 10,
    ) -> IterableDatasetDict:
        """See :meth:`IterableDataset.shuffle`."""
        return self._each(
            "shuffle",
            seed=seed,
            generator=generator,
            buffer_size=buffer_size,
            max_buffer_input_shards=max_buffer_input_shards,
        )

    def rename_column(self, original_column_name: str, new_column_name: str) -> IterableDatasetDict:
        """See :meth:`IterableDataset.rename_column`."""
        return self._each("rename_column", original_column_name, new_column_name)

    def rename_columns(self, column_mapping: Mapping[str, str]) -> IterableDatasetDict:
        """See :meth:`IterableDataset.rename_columns`."""
        return self._each("rename_columns", column_mapping)

    def remove_columns(self, column_names: str | Sequence[str]) -> IterableDatasetDict:
        """See :meth:`IterableDataset.remove_columns`."""
        return self._each("remove_columns", column_names)

    def select_columns(self, column_names: str | Sequence[str]) -> IterableDatasetDict:
        """See :meth:`IterableDataset.select_columns`."""
        return self._each("select_columns", column_names)

    def cast_column(self, column: str, feature: Any) -> IterableDatasetDict:
        """See :meth:`IterableDataset.cast_column`."""
        return self._each("cast_column", column, feature)

    def push_to_hub(self, repo_id: str, **options: Any) -> Any:
        """Not there yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError("IterableDatasetDict.push_to_hub is not there yet")

    def cast(self, features: Features) -> IterableDatasetDict:
        """See :meth:`IterableDataset.cast`."""
        return self._each("cast", features)
