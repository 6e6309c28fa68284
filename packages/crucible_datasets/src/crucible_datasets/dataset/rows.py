"""Which rows, and in which order: the methods that change nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from crucible_datasets.dataset import keys, split
from crucible_datasets.dataset.base import BaseDataset
from crucible_datasets.dataset.shuffle import generator_for
from crucible_datasets.dataset.sort import sorted_positions
from crucible_datasets.schema import ClassLabel
from crucible_datasets.table.table import concat

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import polars as pl

    from crucible_datasets.dataset.dict import DatasetDict


class RowVerbs(BaseDataset):
    """Selections: they keep positions, and copy no row.

    The arguments about caches and writers are taken for code written for ``datasets``; there is
    nothing to write. A file and ``keep_in_memory`` at once are refused, as there.
    """

    def select(
        self,
        indices: Iterable[int],
        keep_in_memory: bool = False,
        indices_cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        new_fingerprint: str | None = None,
    ) -> Self:
        """The rows at ``indices``, in that order; any collection, and any row more than once.

        Args:
            indices: positions, from 0 on.
            keep_in_memory: taken, and not needed.
            indices_cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.
            new_fingerprint: a name for the result's content.

        Raises:
            IndexError: a row is not there.
            OverflowError: a position is negative.
        """
        _check_place(keep_in_memory, indices_cache_file_name)
        if len(self) == 0:
            return self
        rows = keys.selected(indices, len(self))
        return self.derive(table=self._table.select_rows(rows), fingerprint=new_fingerprint)

    def take(self, n: int) -> Self:
        """The first ``n`` rows, or all if there are fewer."""
        return self.select(range(min(n, len(self))))

    def skip(self, n: int) -> Self:
        """All rows but the first ``n``.

        Raises:
            IndexError: ``n`` is exactly the number of rows, as in ``datasets``.
        """
        return self.select(range(n, len(self)))

    def repeat(self, num_times: int) -> Self:
        """The rows ``num_times`` times over.

        Raises:
            ValueError: ``num_times`` is None.
        """
        if num_times is None:
            raise ValueError("a Dataset has an end: give the number of times")
        if num_times <= 0:
            return self.select([])
        return self.derive(table=concat([self._table] * num_times))

    def shard(
        self,
        num_shards: int,
        index: int,
        contiguous: bool = True,
        keep_in_memory: bool = False,
        indices_cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
    ) -> Self:
        """One of ``num_shards`` parts of almost equal size.

        Args:
            num_shards: how many parts.
            index: which one, from 0.
            contiguous: rows that lie together, so that the shards put together are the dataset
                again; else every ``num_shards``-th row.
            keep_in_memory: taken, and not needed.
            indices_cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.

        Raises:
            ValueError: there is no such part.
        """
        if not 0 <= index < num_shards:
            raise ValueError(f"there is no shard {index} of {num_shards}; they count from 0")
        if not contiguous:
            return self.select(np.arange(index, len(self), num_shards))
        each, rest = divmod(len(self), num_shards)
        start = each * index + min(index, rest)
        return self.select(range(start, start + each + (index < rest)))

    def shuffle(
        self,
        seed: int | None = None,
        generator: np.random.Generator | None = None,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        indices_cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        new_fingerprint: str | None = None,
    ) -> Self:
        """The rows in random order: ``numpy.random.default_rng(seed).permutation(len(ds))``.

        Args:
            seed: of the order; without one NumPy's global state gives it.
            generator: draws the order, instead of a seed.
            keep_in_memory: taken, and not needed.
            load_from_cache_file: taken, and not needed.
            indices_cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: seed and generator are both given, or the generator is none.
        """
        _check_place(keep_in_memory, indices_cache_file_name)
        if len(self) == 0:
            return self
        order = generator_for(seed, generator).permutation(len(self))
        return self.derive(table=self._table.select_rows(order), fingerprint=new_fingerprint)

    def sort(
        self,
        column_names: str | pl.Expr | Sequence[str | pl.Expr],
        reverse: bool | Sequence[bool] = False,
        null_placement: str = "at_end",
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        indices_cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        new_fingerprint: str | None = None,
    ) -> Self:
        """The rows in the order of columns, or of Polars expressions; only those are read.

        Args:
            column_names: one key or several; the first decides first.
            reverse: descending; one for all keys or one a key.
            null_placement: ``at_start`` or ``at_end``, also called ``first`` and ``last``.
            keep_in_memory: taken, and not needed.
            load_from_cache_file: taken, and not needed.
            indices_cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: there is no such column, or an option is wrong.
        """
        _check_place(keep_in_memory, indices_cache_file_name)
        if len(self) == 0:
            return self
        order = sorted_positions(self._table, column_names, reverse, null_placement)
        return self.derive(table=self._table.select_rows(order), fingerprint=new_fingerprint)

    def train_test_split(
        self,
        test_size: float | int | None = None,
        train_size: float | int | None = None,
        shuffle: bool = True,
        stratify_by_column: str | None = None,
        seed: int | None = None,
        generator: np.random.Generator | None = None,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        train_indices_cache_file_name: str | None = None,
        test_indices_cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        train_new_fingerprint: str | None = None,
        test_new_fingerprint: str | None = None,
    ) -> DatasetDict:
        """Two parts, ``train`` and ``test``, in a ``DatasetDict``.

        Args:
            test_size: a share as float, a number of rows as int; a quarter by default.
            train_size: likewise; the rest by default.
            shuffle: draw the rows; else the first ones are for training.
            stratify_by_column: a ``ClassLabel`` column whose labels get their share of both parts.
            seed: as for :meth:`shuffle`.
            generator: as for :meth:`shuffle`, and goes before a seed.
            keep_in_memory: taken, and not needed.
            load_from_cache_file: taken, and not needed.
            train_indices_cache_file_name: taken, and not needed.
            test_indices_cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.
            train_new_fingerprint: a name for the content of ``train``.
            test_new_fingerprint: a name for the content of ``test``.

        Raises:
            ValueError: the sizes do not fit, or the column can't be stratified by.
        """
        from crucible_datasets.dataset.dict import DatasetDict

        _check_place(keep_in_memory, train_indices_cache_file_name or test_indices_cache_file_name)
        if len(self) == 0:
            both: Any = self
            return DatasetDict({"train": both, "test": both})
        sizes = split.Sizes.of(test_size, train_size, len(self))
        seed = None if generator is not None else seed  # here the peer takes both
        if not shuffle:
            if stratify_by_column is not None:
                raise ValueError("a stratified split draws rows: it needs shuffle=True")
            parts = split.in_order(sizes)
        elif stratify_by_column is None:
            parts = split.at_random(sizes, len(self), generator_for(seed, generator))
        else:
            labels = self._labels(stratify_by_column)
            parts = split.stratified(sizes, labels, generator_for(seed, generator))
        train: Any = self.select(parts.train, new_fingerprint=train_new_fingerprint)
        test: Any = self.select(parts.test, new_fingerprint=test_new_fingerprint)
        return DatasetDict({"train": train, "test": test})

    def _labels(self, column: str) -> Any:
        if column not in self._features:
            raise ValueError(f"there is no column {column!r}; the dataset has {self.column_names}")
        if not isinstance(self._features[column], ClassLabel):
            kind = type(self._features[column]).__name__
            raise ValueError(
                f"stratify_by_column needs a ClassLabel column, and {column!r} is a {kind}; "
                f"class_encode_column({column!r}) makes it one"
            )
        return self._table.to_arrow([column]).column(0).to_numpy()

    def flatten_indices(
        self,
        keep_in_memory: bool = False,
        cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        features: Any = None,
        disable_nullable: bool = False,
        num_proc: int | None = None,
        new_fingerprint: str | None = None,
    ) -> Self:
        """The same rows laid down in their order, so that reading them all is sequential again.

        Args:
            keep_in_memory: taken; the rows are in memory.
            cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.
            features: what to cast the columns to.
            disable_nullable: refuse nulls.
            num_proc: taken, and not needed.
            new_fingerprint: a name for the result's content.
        """
        from crucible_datasets.table.table import Table

        del keep_in_memory, cache_file_name, writer_batch_size, disable_nullable, num_proc
        laid = self.derive(
            table=Table.from_arrow(self._table.to_arrow()), fingerprint=new_fingerprint
        )
        return laid if features is None else laid.cast(features)  # type: ignore[attr-defined]  # of ColumnVerbs


def _check_place(keep_in_memory: bool, file_name: str | None) -> None:
    if keep_in_memory and file_name is not None:
        raise ValueError("give either keep_in_memory or a name of a cache file, not both")
