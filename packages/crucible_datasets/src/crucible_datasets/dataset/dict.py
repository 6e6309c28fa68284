"""``DatasetDict``: the splits of a dataset, worked on together."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.dataset.base import BaseDataset
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.dataset.files import read_files
from crucible_datasets.splits import NamedSplit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import polars as pl
    import pyarrow as pa

    from crucible_datasets.schema import Features

__all__ = ["DatasetDict"]


class DatasetDict(dict[str, Dataset]):
    """Datasets by the name of their split.

    Methods of ``Dataset`` are applied to each of them, and give a ``DatasetDict`` again, or a dict
    of what they give.
    """

    def __getitem__(self, k: str) -> Dataset:
        key: Any = k  # a caller may take the dict for a dataset: ds[0]
        if isinstance(key, (str, NamedSplit)) or not self:
            return super().__getitem__(k)
        names = list(self)
        raise KeyError(
            f"{k!r} is no split; choose one first, as in ds[{names[0]!r}][{k!r}]. There are {names}"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def __repr__(self) -> str:
        lines = "\n".join(f"{name}: {ds}" for name, ds in self.items())
        indented = "\n".join(f"    {line}" if line else line for line in lines.split("\n"))
        return f"DatasetDict({{\n{indented}\n}})"

    def _check(self) -> None:
        for name, ds in self.items():
            if not isinstance(ds, BaseDataset):
                raise TypeError(f"split {name!r} is a {type(ds).__name__}, not a Dataset")

    def _values(self, attribute: str) -> dict[str, Any]:
        """An attribute of each split."""
        self._check()
        return {name: getattr(ds, attribute) for name, ds in self.items()}

    def _each(self, method: str, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What a method gives for each split."""
        self._check()
        return {name: getattr(ds, method)(*args, **kwargs) for name, ds in self.items()}

    def _all(self, method: str, *args: Any, **kwargs: Any) -> DatasetDict:
        """The datasets that a method gives for each split."""
        return DatasetDict(self._each(method, *args, **kwargs))

    def _apart(
        self, method: str, own: Mapping[str, Mapping[str, Any]], **shared: Any
    ) -> DatasetDict:
        """As :meth:`_all`, with arguments that each split has for itself.

        Args:
            method: of ``Dataset``.
            own: argument -> split -> its value; None for splits that are not there.
            shared: what all of them get.
        """
        self._check()
        made = {}
        for name, ds in self.items():
            arguments = {argument: values.get(name) for argument, values in own.items()}
            made[name] = getattr(ds, method)(**arguments, **shared)
        return DatasetDict(made)

    # -- what it is -----------------------------------------------------------------------------

    @property
    def data(self) -> dict[str, pa.Table]:
        """The rows of each split as an Arrow table; reads them."""
        return self._values("data")

    @property
    def cache_files(self) -> dict[str, list[dict[str, str]]]:
        """The files that each split's rows are read from."""
        return self._values("cache_files")

    @property
    def num_columns(self) -> dict[str, int]:
        """How many columns each split has."""
        return self._values("num_columns")

    @property
    def num_rows(self) -> dict[str, int]:
        """How many rows each split has."""
        return self._values("num_rows")

    @property
    def column_names(self) -> dict[str, list[str]]:
        """The columns of each split."""
        return self._values("column_names")

    @property
    def shape(self) -> dict[str, tuple[int, int]]:
        """Rows and columns of each split."""
        return self._values("shape")

    def unique(self, column: str) -> dict[str, list[Any]]:
        """The different values of a column, for each split."""
        return self._each("unique", column)

    def cleanup_cache_files(self) -> dict[str, int]:
        """Remove results that no split uses any more; how many files went, for each split."""
        return self._each("cleanup_cache_files")

    # -- columns --------------------------------------------------------------------------------

    def flatten(self, max_depth: int = 16) -> DatasetDict:
        """See :meth:`Dataset.flatten`."""
        return self._all("flatten", max_depth=max_depth)

    def cast(self, features: Features) -> DatasetDict:
        """See :meth:`Dataset.cast`."""
        return self._all("cast", features)

    def cast_column(self, column: str, feature: Any) -> DatasetDict:
        """See :meth:`Dataset.cast_column`."""
        return self._all("cast_column", column, feature)

    def remove_columns(self, column_names: str | Sequence[str]) -> DatasetDict:
        """See :meth:`Dataset.remove_columns`."""
        return self._all("remove_columns", column_names)

    def rename_column(self, original_column_name: str, new_column_name: str) -> DatasetDict:
        """See :meth:`Dataset.rename_column`."""
        return self._all("rename_column", original_column_name, new_column_name)

    def rename_columns(self, column_mapping: Mapping[str, str]) -> DatasetDict:
        """See :meth:`Dataset.rename_columns`."""
        return self._all("rename_columns", column_mapping)

    def select_columns(self, column_names: str | Sequence[str]) -> DatasetDict:
        """See :meth:`Dataset.select_columns`."""
        return self._all("select_columns", column_names)

    def class_encode_column(self, column: str, include_nulls: bool = False) -> DatasetDict:
        """See :meth:`Dataset.class_encode_column`."""
        return self._all("class_encode_column", column, include_nulls)

    def align_labels_with_mapping(
        self, label2id: Mapping[str, int], label_column: str
    ) -> DatasetDict:
        """See :meth:`Dataset.align_labels_with_mapping`."""
        return self._all("align_labels_with_mapping", label2id, label_column)

    # -- formats --------------------------------------------------------------------------------

    def with_format(
        self,
        type: str | None = None,  # noqa: A002 - the peer's name
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
        **format_kwargs: Any,
    ) -> DatasetDict:
        """See :meth:`Dataset.with_format`."""
        return self._all("with_format", type, columns, output_all_columns, **format_kwargs)

    def set_format(
        self,
        type: str | None = None,  # noqa: A002
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
        **format_kwargs: Any,
    ) -> None:
        """See :meth:`Dataset.set_format`."""
        self._each("set_format", type, columns, output_all_columns, **format_kwargs)

    def reset_format(self) -> None:
        """See :meth:`Dataset.reset_format`."""
        self._each("reset_format")

    def with_transform(
        self,
        transform: Callable[[dict[str, list[Any]]], Any] | None,
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
    ) -> DatasetDict:
        """See :meth:`Dataset.with_transform`."""
        return self._all("with_transform", transform, columns, output_all_columns)

    def set_transform(
        self,
        transform: Callable[[dict[str, list[Any]]], Any] | None,
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
    ) -> None:
        """See :meth:`Dataset.set_transform`."""
        self._each("set_transform", transform, columns, output_all_columns)

    @contextmanager
    def formatted_as(
        self,
        type: str | None = None,  # noqa: A002
        columns: str | Sequence[str] | None = None,
        output_all_columns: bool = False,
        **format_kwargs: Any,
    ) -> Iterator[None]:
        """See :meth:`Dataset.formatted_as`."""
        with ExitStack() as stack:
            for ds in self.values():
                form = ds.formatted_as(type, columns, output_all_columns, **format_kwargs)
                stack.enter_context(form)
            yield

    # -- rows -----------------------------------------------------------------------------------

    def map(
        self,
        function: Callable[..., Any] | None = None,
        with_indices: bool = False,
        with_rank: bool = False,
        with_split: bool = False,
        input_columns: str | Sequence[str] | None = None,
        batched: bool = False,
        batch_size: int | None = 1000,
        drop_last_batch: bool = False,
        remove_columns: str | Sequence[str] | None = None,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        cache_file_names: Mapping[str, str | None] | None = None,
        writer_batch_size: int | None = 1000,
        features: Features | None = None,
        disable_nullable: bool = False,
        fn_kwargs: Mapping[str, Any] | None = None,
        num_proc: int | None = None,
        desc: str | None = None,
        try_original_type: bool | None = True,
        on_mixed_types: str | None = None,
    ) -> DatasetDict:
        """See :meth:`Dataset.map`; ``with_split`` passes the name of the split too, at the end."""
        functions = {
            name: WithSplit(function, name) if with_split and function is not None else function
            for name in self
        }
        return self._apart(
            "map",
            {"function": functions, "cache_file_name": cache_file_names or {}},
            with_indices=with_indices,
            with_rank=with_rank,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            drop_last_batch=drop_last_batch,
            remove_columns=remove_columns,
            keep_in_memory=keep_in_memory,
            load_from_cache_file=load_from_cache_file,
            writer_batch_size=writer_batch_size,
            features=features,
            disable_nullable=disable_nullable,
            fn_kwargs=fn_kwargs,
            num_proc=num_proc,
            desc=desc,
            try_original_type=try_original_type,
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
        cache_file_names: Mapping[str, str | None] | None = None,
        writer_batch_size: int | None = 1000,
        fn_kwargs: Mapping[str, Any] | None = None,
        num_proc: int | None = None,
        desc: str | None = None,
    ) -> DatasetDict:
        """See :meth:`Dataset.filter`."""
        return self._apart(
            "filter",
            {"cache_file_name": cache_file_names or {}},
            function=function,
            with_indices=with_indices,
            with_rank=with_rank,
            input_columns=input_columns,
            batched=batched,
            batch_size=batch_size,
            keep_in_memory=keep_in_memory,
            load_from_cache_file=load_from_cache_file,
            writer_batch_size=writer_batch_size,
            fn_kwargs=fn_kwargs,
            num_proc=num_proc,
            desc=desc,
        )

    def with_columns(self, *expressions: pl.Expr, **named: pl.Expr) -> DatasetDict:
        """See :meth:`Dataset.with_columns`."""
        return self._all("with_columns", *expressions, **named)

    def sort(
        self,
        column_names: str | pl.Expr | Sequence[str | pl.Expr],
        reverse: bool | Sequence[bool] = False,
        null_placement: str = "at_end",
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        indices_cache_file_names: Mapping[str, str | None] | None = None,
        writer_batch_size: int | None = 1000,
    ) -> DatasetDict:
        """See :meth:`Dataset.sort`."""
        return self._all("sort", column_names, reverse, null_placement)

    def shuffle(
        self,
        seeds: int | Mapping[str, int | None] | None = None,
        seed: int | None = None,
        generators: Mapping[str, np.random.Generator] | None = None,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        indices_cache_file_names: Mapping[str, str | None] | None = None,
        writer_batch_size: int | None = 1000,
    ) -> DatasetDict:
        """See :meth:`Dataset.shuffle`; seeds and generators may be given for each split.

        Raises:
            ValueError: both ``seed`` and ``seeds`` are given.
        """
        if seed is not None and seeds is not None:
            raise ValueError("give either seed or seeds, not both")
        chosen = seeds if seed is None else seed
        if chosen is None or isinstance(chosen, int):
            chosen = dict.fromkeys(self, chosen)
        own: dict[str, Mapping[str, Any]] = {"seed": {name: chosen[name] for name in self}}
        if generators is not None:
            own["generator"] = {name: generators[name] for name in self}
        return self._apart("shuffle", own)

    def flatten_indices(
        self,
        keep_in_memory: bool = False,
        cache_file_names: Mapping[str, str | None] | None = None,
        writer_batch_size: int | None = 1000,
        features: Features | None = None,
        disable_nullable: bool = False,
        num_proc: int | None = None,
        new_fingerprint: str | None = None,
    ) -> DatasetDict:
        """See :meth:`Dataset.flatten_indices`."""
        return self._all("flatten_indices", features=features, disable_nullable=disable_nullable)

    # -- files ----------------------------------------------------------------------------------

    def push_to_hub(self, repo_id: str, *arguments: Any, **options: Any) -> Any:
        """Not there yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            f"DatasetDict.push_to_hub is not there yet (for {repo_id}); write a folder with "
            "save_to_disk"
        )

    def save_to_disk(
        self,
        dataset_dict_path: str | Path,
        max_shard_size: str | int | None = None,
        num_shards: Mapping[str, int] | None = None,
        num_proc: int | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> None:
        """Write every split to a folder; see :meth:`Dataset.save_to_disk`.

        Splits that an earlier dataset had in the folder, and this one has not, are dropped from it.

        Args:
            dataset_dict_path: the folder; an fsspec URL too.
            max_shard_size: of a file, such as ``500MB``.
            num_shards: files for each split.
            num_proc: files written at one time.
            storage_options: for the file system that the URL names.
        """
        from crucible_datasets.export.folder import save_dict

        self._check()
        save_dict(self, dataset_dict_path, max_shard_size, num_shards, num_proc, storage_options)

    @staticmethod
    def load_from_disk(
        dataset_dict_path: str | Path,
        keep_in_memory: bool | None = None,
        storage_options: Mapping[str, Any] | None = None,
    ) -> DatasetDict:
        """The splits of a folder that :meth:`save_to_disk`, or ``datasets``, wrote.

        Args:
            dataset_dict_path: the folder; an fsspec URL too.
            keep_in_memory: read it into memory, instead of mapping it.
            storage_options: for the file system that the URL names.

        Raises:
            FileNotFoundError: it is no such folder.
        """
        from crucible_datasets.export.folder import load_dict

        return DatasetDict(load_dict(Dataset, dataset_dict_path, keep_in_memory, storage_options))

    @staticmethod
    def from_csv(
        path_or_paths: Mapping[str, Any],
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        **kwargs: Any,
    ) -> DatasetDict:
        """The splits of CSV files; see :meth:`Dataset.from_csv`."""
        made: DatasetDict = read_files("csv", path_or_paths, None, features, kwargs)
        return made

    @staticmethod
    def from_json(
        path_or_paths: Mapping[str, Any],
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        **kwargs: Any,
    ) -> DatasetDict:
        """The splits of JSON files; see :meth:`Dataset.from_json`."""
        made: DatasetDict = read_files("json", path_or_paths, None, features, kwargs)
        return made

    @staticmethod
    def from_parquet(
        path_or_paths: Mapping[str, Any],
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        columns: list[str] | None = None,
        **kwargs: Any,
    ) -> DatasetDict:
        """The splits of Parquet files; see :meth:`Dataset.from_parquet`."""
        options = {"columns": columns, **kwargs}
        made: DatasetDict = read_files("parquet", path_or_paths, None, features, options)
        return made

    @staticmethod
    def from_text(
        path_or_paths: Mapping[str, Any],
        features: Features | None = None,
        cache_dir: str | None = None,
        keep_in_memory: bool = False,
        **kwargs: Any,
    ) -> DatasetDict:
        """The splits of text files; see :meth:`Dataset.from_text`."""
        made: DatasetDict = read_files("text", path_or_paths, None, features, kwargs)
        return made


class WithSplit:
    """A function that gets the name of the split as its last argument."""

    def __init__(self, function: Callable[..., Any], split: str) -> None:
        self.function = function
        self.split = split

    def __call__(self, *arguments: Any, **kwargs: Any) -> Any:
        """Call the function."""
        return self.function(*arguments, self.split, **kwargs)
