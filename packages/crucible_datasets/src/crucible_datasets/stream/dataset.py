"""``IterableDataset``: each method adds a step and returns a new stream; nothing is read."""

from __future__ import annotations

import sys
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.formatting.format import Format
from crucible_datasets.schema import Features
from crucible_datasets.stream import columns as column_steps
from crucible_datasets.stream.base import StreamBase
from crucible_datasets.stream.batch import Batch, BatchRuns, listed
from crucible_datasets.stream.formatted import is_table
from crucible_datasets.stream.functions import filter_step, map_step
from crucible_datasets.stream.making import StreamMakers
from crucible_datasets.stream.node import ShardOrderFixedError
from crucible_datasets.stream.prefetch import Prefetch
from crucible_datasets.stream.shuffle import Shuffle
from crucible_datasets.stream.window import Repeat, Skip, Take
from crucible_datasets.stream.writing import StreamWriters

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import numpy as np
    import polars as pl

    from crucible_datasets.stream.node import Node
    from crucible_datasets.stream.nodes import Distributed

UNCHANGED: Any = object()


class IterableDataset(StreamMakers, StreamWriters, StreamBase):
    """Rows in order, read when they are iterated over; see :class:`StreamBase` for its parts."""

    def derive(
        self,
        node: Node | None = None,
        *,
        features: Features | None = UNCHANGED,
        formatting: Format | None = UNCHANGED,
        distributed: Distributed | None = UNCHANGED,
        untyped: bool = UNCHANGED,
    ) -> Self:
        """This stream with other steps; what is not given stays as it is."""
        info = self._info.copy()
        if features is not UNCHANGED:
            info.features = features
        made = type(self)(
            self._node if node is None else node,
            info,
            self._split,
            self._format if formatting is UNCHANGED else formatting,
            self._distributed if distributed is UNCHANGED else distributed,
            untyped=self._untyped if untyped is UNCHANGED else untyped,
        )
        made.skip_broken = self.skip_broken
        made.decode_threads = self.decode_threads
        return made

    def typed_node(self) -> Node:
        """The steps, with rows in the types of the features."""
        return self.plan().typed()

    # -- functions ------------------------------------------------------------------------------

    def map(
        self,
        function: Callable[..., Any] | None = None,
        with_indices: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        drop_last_batch: bool = False,
        remove_columns: str | Sequence[str] | None = None,
        features: Features | None = None,
        fn_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Each row with the columns that a function gives for it.

        The function is called when a row is asked for. A coroutine function is called for many rows
        at a time; their order stays.

        Args:
            function: takes a row (a batch: a dict of lists) and returns a dict of columns.
            with_indices: give it the row's number too; each of several workers counts its own.
            input_columns: give it the values of these columns instead of the row.
            batched: give it ``batch_size`` rows at a time; it may return more or fewer.
            batch_size: rows in a batch; all rows if None or not positive.
            drop_last_batch: leave out the last batch if it is smaller.
            remove_columns: columns of the input to leave out.
            features: of the result, if they are to be known.
            fn_kwargs: given to the function by name.

        Raises:
            Exception: what the function raises, while iterating, with a note about the row.
        """
        step = map_step(
            self.typed_node(),
            function,
            formatting=self._format,
            chunked=self.plan().chunked,
            with_indices=with_indices,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            drop_last_batch=drop_last_batch,
            remove_columns=remove_columns,
            features=features,
            fn_kwargs=fn_kwargs,
        )
        return self.derive(step, features=features, untyped=False)

    def filter(
        self,
        function: Callable[..., Any] | pl.Expr | None = None,
        with_indices: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        fn_kwargs: Mapping[str, Any] | None = None,
    ) -> Self:
        """The rows that a function says yes to.

        Args:
            function: takes a row and returns whether it stays (a batch: a list of that). Or a
                Polars expression: it is evaluated where rows are read.
            with_indices: give it the row's number too.
            input_columns: give it the values of these columns instead of the row.
            batched: give it ``batch_size`` rows at a time.
            batch_size: rows in a batch.
            fn_kwargs: given to the function by name.
        """
        step = filter_step(
            self._node if self.features is None else self.typed_node(),
            function,
            formatting=self._format,
            chunked=self.plan().chunked,
            with_indices=with_indices,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            fn_kwargs=fn_kwargs,
        )
        return self.derive(step)

    def batch(
        self,
        batch_size: int | None = None,
        by_column: str | Sequence[str] | None = None,
        drop_last_batch: bool = False,
    ) -> Self:
        """Rows of lists.

        Args:
            batch_size: rows in a batch; all rows if it is not positive.
            by_column: instead, gather rows that follow each other with the same values here.
            drop_last_batch: leave out the last batch if it is smaller (by column: always).

        Raises:
            ValueError: neither a size nor a column is given.
        """
        node = self.typed_node()
        chunked = self.plan().chunked
        step: Node
        if by_column is not None:
            keys = (by_column,) if isinstance(by_column, str) else tuple(by_column)
            step = BatchRuns(node, keys, drop_last_batch, chunked)
        elif batch_size is None:
            raise ValueError("batch() needs batch_size or by_column")
        else:
            as_tables = self._format is not None and (self._node.arrow or is_table(self._format))
            if batch_size <= 0:
                batch_size, drop_last_batch = sys.maxsize, False
            step = Batch(node, batch_size, drop_last_batch, as_tables, chunked)
        return self.derive(step, features=listed(self.features), untyped=False)

    # -- which rows, in which order -------------------------------------------------------------

    def shuffle(
        self,
        seed: int | None = None,
        generator: np.random.Generator | None = None,
        buffer_size: int = 1000,
        max_buffer_input_shards: int = 10,
    ) -> Self:
        """The rows in another order, the one that ``datasets`` 5.2 gives for the same seed.

        Args:
            seed: for ``numpy.random.default_rng``.
            generator: instead of a seed.
            buffer_size: rows that are mixed with each other, and held in memory.
            max_buffer_input_shards: how many parts of the shards fill the buffer in turn.
        """
        import numpy as np

        generator = np.random.default_rng(seed) if generator is None else deepcopy(generator)
        try:
            node = self._node.shuffled(generator)
        except ShardOrderFixedError:
            node, max_buffer_input_shards = self._node, 1
        return self.derive(Shuffle(node, buffer_size, generator, max_buffer_input_shards))

    def take(self, n: int) -> Self:
        """The first ``n`` rows."""
        return self.derive(Take(self._node, n, split=self._distributed is None))

    def skip(self, n: int) -> Self:
        """All rows but the first ``n``."""
        return self.derive(Skip(self._node, n, split=self._distributed is None))

    def repeat(self, num_times: int | None) -> Self:
        """The rows ``num_times`` times; without end if None."""
        return self.derive(Repeat(self._node, num_times))

    def shard(self, num_shards: int, index: int, contiguous: bool = True) -> Self:
        """Part ``index`` of ``num_shards``: some of the shards, whole.

        Args:
            num_shards: how many parts.
            index: which one, from 0.
            contiguous: shards that follow each other, else every ``num_shards``-th.

        Raises:
            ValueError: the index is not one of the parts.
        """
        if not 0 <= index < num_shards:
            raise ValueError(f"index must be in [0, {num_shards - 1}], not {index}")
        return self.derive(self._node.sharded(num_shards, index, contiguous=contiguous))

    def reshard(self) -> Self:
        """The same rows in as many shards as files can be cut into (Parquet: row groups)."""
        return self.derive(self._node.resharded())

    def prefetch(self, n: int = 2) -> Self:
        """The same rows, read ahead by a thread.

        Args:
            n: bundles of about a thousand rows that may wait to be asked for.
        """
        return self.derive(Prefetch(self._node, n))

    # -- columns --------------------------------------------------------------------------------

    def skip_broken_shards(self) -> Self:
        """The rows that can be read: parts of files that can't are left out, and named.

        A part is a Parquet row group, or a file. :attr:`broken_shards` tells which were left out by
        the last iteration of this process. Connections that fail are not meant; they raise.
        """
        made = self.derive()
        made.skip_broken = True
        return made

    def select_columns(self, column_names: str | Sequence[str]) -> Self:
        """Some columns, in that order; the others are not read where they need not be.

        Raises:
            ValueError: a column is not there.
        """
        names = (column_names,) if isinstance(column_names, str) else tuple(column_names)
        features = self.features
        if features is None:
            return self.derive(column_steps.Select(self._node, names))
        if missing := [name for name in names if name not in features]:
            raise ValueError(
                f"Column name {missing} not in the dataset. "
                f"Columns in the dataset: {list(features)}."
            )
        node = column_steps.Select(self.typed_node(), names)
        return self.derive(node, features=features.select(names))

    def remove_columns(self, column_names: str | Sequence[str]) -> Self:
        """All columns but some."""
        names = (column_names,) if isinstance(column_names, str) else tuple(column_names)
        features = self.features
        if features is not None:
            features = features.select(name for name in features if name not in names)
        step = column_steps.Remove(self.typed_node(), names, self.plan().chunked)
        return self.derive(step, features=features, untyped=False)

    def rename_column(self, original_column_name: str, new_column_name: str) -> Self:
        """One column under another name."""
        return self.rename_columns({original_column_name: new_column_name})

    def rename_columns(self, column_mapping: Mapping[str, str]) -> Self:
        """Columns under other names, in their places.

        Raises:
            ValueError: an old name is not there, or a new one is there already.
        """
        features = self.features
        if features is not None:
            column_steps.check_renaming(column_mapping, list(features))
            features = Features({column_mapping.get(n, n): f for n, f in features.items()})
        step = column_steps.Rename(self.typed_node(), dict(column_mapping), self.plan().chunked)
        return self.derive(step, features=features, untyped=False)

    def add_column(self, name: str, column: Sequence[Any]) -> Self:
        """The rows with a column of given values, one a row.

        Raises:
            ValueError: there is a column of that name.
        """
        if self.features is not None and name in self.features:
            raise ValueError(f"can't add a column {name!r}: there is one of that name already")
        step = column_steps.AddColumn(self.typed_node(), name, column)
        return self.derive(step, features=None, untyped=False)

    # -- types and formats ----------------------------------------------------------------------

    def cast(self, features: Features) -> Self:
        """The rows in other types.

        Raises:
            ValueError: ``features`` lacks columns of the tables that are read. (Those of rows that
                a function made are left out, and columns that only it has are None, as in
                ``datasets``.)
        """
        known = self.features
        if (
            known is not None
            and self._node.arrow
            and (lost := [n for n in known if n not in features])
        ):
            raise ValueError(f"features lacks the columns {lost}; remove_columns() leaves them out")
        return self.derive(features=Features(features), untyped=False)

    def cast_column(self, column: str, feature: Any) -> Self:
        """One column in another type.

        Raises:
            ValueError: the features are not known.
        """
        if self.features is None:
            raise ValueError("cast_column needs known features; call cast(features) instead")
        return self.cast(Features({**self.features, column: feature}))

    def with_format(self, type: str | None = None) -> Self:  # noqa: A002 # the peer's name
        """The rows as another kind of object.

        Args:
            type: ``numpy``, ``torch``, ``arrow``, ``pandas``, ``polars``, ``jax``; None for dicts.
        """
        return self.derive(formatting=Format.of(type, None, False, {}, self.column_names or []))

    def decode(self, enable: bool = True, num_threads: int | None = None) -> Self:
        """Open images, sounds and the like, or give them as ``{"bytes", "path"}``.

        Args:
            enable: False leaves them as they are stored.
            num_threads: how many threads decode, ahead of the row that is asked for; 0 for none,
                None for what suits the machine.

        Raises:
            ValueError: the features are not known.
        """
        from crucible_datasets.stream.decoding import with_decoding

        if not self.features:
            raise ValueError("decode() needs known features; call cast(features) first")
        made = self.derive(features=with_decoding(self.features, enable))
        made.decode_threads = num_threads
        return made

    def resolve_features(self) -> Self:
        """This stream with known features; the first rows are read if that is what it takes."""
        if self.features is not None:
            return self
        known = self._node.features
        if known is None:
            first = next(iter(self.with_format("arrow").iter(batch_size=5)), None)
            known = Features() if first is None else Features.from_arrow_schema(first.schema)
        return self.derive(features=known)

    _resolve_features = resolve_features
