"""What a function, an expression or a query makes of a dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.dataset.base import BaseDataset

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import polars as pl

    from crucible_datasets.schema import Features


class TransformVerbs(BaseDataset):
    """``map`` and ``filter``, and what Polars does faster."""

    def map(
        self,
        function: Callable[..., Any] | None = None,
        with_indices: bool = False,
        with_rank: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        drop_last_batch: bool = False,
        remove_columns: str | Sequence[str] | None = None,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        features: Features | None = None,
        disable_nullable: bool = False,
        fn_kwargs: Mapping[str, Any] | None = None,
        num_proc: int | None = None,
        suffix_template: str = "_{rank:05d}_of_{num_proc:05d}",
        new_fingerprint: str | None = None,
        desc: str | None = None,
        try_original_type: bool | None = True,
        on_mixed_types: str | None = "use_json",
    ) -> Self:
        """Call a function for each row or batch; what it gives updates the columns.

        The function is called exactly once for each row. It gets a dict whose values are made when
        they are looked at; what it changes in place counts. It may give a dict, None (for nothing
        to change), or an Arrow, pandas or Polars table, which replaces the row or batch. An async
        function runs up to 1000 times at once.

        Only the columns that it gives are stored; all others stay where they are. Over files they
        are stored in the cache and found again by the next process that calls the same function.

        Args:
            function: called with the row or batch; nothing is changed without one.
            with_indices: pass the row's number, or the list of numbers.
            with_rank: pass the number of the process.
            input_columns: pass these columns as arguments, instead of the dict.
            batched: pass batches: a dict of lists, for which it gives a dict of lists.
            batch_size: rows in a batch; None or 0 for all rows.
            drop_last_batch: leave out a last batch that is not full.
            remove_columns: columns to remove; they come back if the function gives them.
            keep_in_memory: write no file.
            load_from_cache_file: whether an earlier result may be taken.
            cache_file_name: a file for the result, instead of one in the cache.
            writer_batch_size: rows whose types are found out together.
            features: of the result; found out if None.
            disable_nullable: refuse None.
            fn_kwargs: passed on to the function.
            num_proc: processes to share the rows among; they are started anew, not forked.
            suffix_template: added to ``cache_file_name`` by each process.
            new_fingerprint: a name for the result, instead of that of content and function.
            desc: what the progress bar says.
            try_original_type: give a column that there was its old type, where it fits.
            on_mixed_types: ``use_json`` stores values of several types as ``Json``.

        Raises:
            RuntimeError: a process was killed.
            TypeError: the function gave something else.
            ValueError: an argument is wrong, a value does not fit its column, or the columns that
                it gave for a batch do not have the length of those that stay.
        """
        from crucible_datasets.dataset.apply import mapped  # asyncio and more: not for a first row

        return mapped(
            self,
            function,
            with_indices=with_indices,
            with_rank=with_rank,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            drop_last_batch=drop_last_batch,
            remove_columns=remove_columns,
            keep_in_memory=keep_in_memory,
            load_from_cache_file=load_from_cache_file,
            cache_file_name=cache_file_name,
            writer_batch_size=writer_batch_size,
            features=features,
            nullable=not disable_nullable,
            kwargs=fn_kwargs,
            num_proc=num_proc,
            suffix_template=suffix_template,
            new_fingerprint=new_fingerprint,
            desc=desc or "Map",
            try_original=bool(try_original_type),
            on_mixed_types=on_mixed_types,
        )

    def filter(
        self,
        function: Callable[..., Any] | pl.Expr | None = None,
        with_indices: bool = False,
        with_rank: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        fn_kwargs: Mapping[str, Any] | None = None,
        num_proc: int | None = None,
        suffix_template: str = "_{rank:05d}_of_{num_proc:05d}",
        new_fingerprint: str | None = None,
        desc: str | None = None,
    ) -> Self:
        """The rows for which a function, or a Polars expression, is true; no row is copied.

        >>> from crucible_datasets import Dataset
        >>> import polars as pl
        >>> ds = Dataset.from_dict({"n": [1, 2, 3]})
        >>> ds.filter(lambda row: row["n"] > 1).num_rows
        2
        >>> ds.filter(pl.col("n") > 1).num_rows
        2

        Args:
            function: called with the row or batch. An expression reads only the columns that it
                names.
            with_indices: pass the row's number, or the list of numbers.
            with_rank: pass the number of the process.
            input_columns: pass these columns as arguments, instead of the dict.
            batched: pass batches, for which it gives a list of truth values.
            batch_size: rows in a batch; None or 0 for all rows.
            keep_in_memory: write no file.
            load_from_cache_file: whether an earlier result may be taken.
            cache_file_name: a file for the positions, instead of one in the cache.
            writer_batch_size: rows read together.
            fn_kwargs: passed on to the function.
            num_proc: processes to share the rows among; they are started anew, not forked.
            suffix_template: added to ``cache_file_name`` by each process.
            new_fingerprint: a name for the result, instead of that of content and function.
            desc: what the progress bar says.

        Raises:
            RuntimeError: a process was killed.
            ValueError: a column is not there.
        """
        from crucible_datasets.dataset.apply import filtered

        return filtered(
            self,
            function,
            with_indices=with_indices,
            with_rank=with_rank,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            keep_in_memory=keep_in_memory,
            load_from_cache_file=load_from_cache_file,
            cache_file_name=cache_file_name,
            writer_batch_size=writer_batch_size,
            kwargs=fn_kwargs,
            num_proc=num_proc,
            suffix_template=suffix_template,
            new_fingerprint=new_fingerprint,
            desc=desc or "Filter",
        )

    def with_columns(self, *expressions: pl.Expr, **named: pl.Expr) -> Self:
        """Columns that Polars expressions make, beside the others.

        Args:
            expressions: each gives the column that it is called after.
            named: name -> expression.

        Raises:
            ValueError: an expression names a column that is not there.
        """
        from crucible_datasets.dataset.expressions import with_expressions

        return with_expressions(self, [*expressions], named)

    def sql(self, query_text: str) -> Self:
        """The rows that an SQL query gives; this dataset is the table ``self``.

        Args:
            query_text: such as ``select text, count(*) as n from self group by text``.

        Raises:
            ValueError: the query is wrong.
        """
        from crucible_datasets.dataset.expressions import query

        return query(self, query_text)
