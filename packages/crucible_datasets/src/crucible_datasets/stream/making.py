"""The ``from_...`` constructors of streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from crucible_datasets.info import DatasetInfo
from crucible_datasets.splits import Split

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping, Sequence

    import pandas as pd
    import polars as pl

    from crucible_datasets.schema import Features
    from crucible_datasets.splits import NamedSplit

    Paths = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]


class StreamMakers:
    """Ways to make a stream."""

    @classmethod
    def from_generator(
        cls,
        generator: Callable[..., Any],
        features: Features | None = None,
        gen_kwargs: Mapping[str, Any] | None = None,
        split: NamedSplit | str = Split.TRAIN,
    ) -> Self:
        """The rows that a generator function yields.

        Args:
            generator: yields dicts. It is called anew by every iteration.
            features: types to bring the rows into; None leaves them as they are.
            gen_kwargs: given to the function. A list among them is one shard an item.
            split: the name of the split.

        Raises:
            TypeError: the generator can't be called.
            RuntimeError: lists in ``gen_kwargs`` have different lengths.
        """
        from crucible_datasets.stream.generator import GeneratorSource

        if not callable(generator):
            raise TypeError(f"generator must be callable, but got {type(generator).__name__}")
        node = GeneratorSource.over(generator, gen_kwargs or {})
        make: Any = cls
        made: Self = make(node, DatasetInfo(features=features), split)
        return made

    @classmethod
    def from_list(
        cls,
        mapping: list[dict[str, Any]],
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        num_shards: int = 1,
    ) -> Self:
        """The rows of a list of dicts; see ``Dataset.from_list``."""
        from crucible_datasets.dataset.dataset import Dataset

        stream: Self = _stream_of(Dataset.from_list(mapping, features, info, split), num_shards)
        return stream

    @classmethod
    def from_dict(
        cls,
        mapping: Mapping[str, Any],
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        num_shards: int = 1,
    ) -> Self:
        """The rows of a dict of columns; see ``Dataset.from_dict``."""
        from crucible_datasets.dataset.dataset import Dataset

        made = Dataset.from_dict(dict(mapping), features, info, split)
        stream: Self = _stream_of(made, num_shards)
        return stream

    @classmethod
    def from_pandas(
        cls,
        df: pd.DataFrame,
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        preserve_index: bool | None = None,
        num_shards: int = 1,
    ) -> Self:
        """The rows of a pandas frame; see ``Dataset.from_pandas``."""
        from crucible_datasets.dataset.dataset import Dataset

        made = Dataset.from_pandas(df, features, info, split, preserve_index)
        stream: Self = _stream_of(made, num_shards)
        return stream

    @classmethod
    def from_polars(
        cls,
        df: pl.DataFrame | pl.LazyFrame,
        features: Features | None = None,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
    ) -> Self:
        """The rows of a Polars frame; a lazy one is collected batch by batch while it is read.

        Raises:
            ValueError: ``features`` and those of ``info`` differ.
        """
        from crucible_datasets.stream.frames import FrameShard, features_of
        from crucible_datasets.stream.source import TableSource

        info = DatasetInfo() if info is None else info.copy()
        if features is not None and info.features is not None and features != info.features:
            raise ValueError(
                f"features and info.features are different:\n{features}\n{info.features}"
            )
        known = features_of(df)
        info.features = features or info.features or known
        make: Any = cls
        made: Self = make(TableSource((FrameShard(df, known),), known), info, split)
        return made

    @classmethod
    def from_file(cls, filename: str) -> Self:
        """The rows of an Arrow file."""
        stream: Self = _stream_of_files("arrow", filename, None, None, {})
        return stream

    @classmethod
    def from_csv(
        cls,
        path_or_paths: Paths,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        keep_in_memory: bool = False,  # noqa: ARG003 # nothing is kept
        **kwargs: Any,
    ) -> Self:
        """The rows of CSV files."""
        stream: Self = _stream_of_files("csv", path_or_paths, split, features, kwargs)
        return stream

    @classmethod
    def from_json(
        cls,
        path_or_paths: Paths,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        keep_in_memory: bool = False,  # noqa: ARG003 # nothing is kept
        field: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """The rows of JSON files: lines, or an array, or an object that has one in ``field``."""
        stream: Self = _stream_of_files(
            "json", path_or_paths, split, features, {"field": field, **kwargs}
        )
        return stream

    @classmethod
    def from_parquet(
        cls,
        path_or_paths: Paths,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        keep_in_memory: bool = False,  # noqa: ARG003 # nothing is kept
        columns: list[str] | None = None,
        filters: Any = None,
        fragment_scan_options: Any = None,
        on_bad_files: str = "error",
        **kwargs: Any,
    ) -> Self:
        """The rows of Parquet files.

        Args:
            path_or_paths: one path or several.
            split: the name of the split.
            features: types to bring the rows into.
            keep_in_memory: not used.
            columns: those to read.
            filters: an Arrow expression, or the tuples that ``pyarrow.parquet`` takes.
            fragment_scan_options: not used.
            on_bad_files: ``error``, ``warn`` or ``skip``.
            **kwargs: further options of the format.
        """
        options = {
            "columns": columns,
            "filters": filters,
            "fragment_scan_options": fragment_scan_options,
            "on_bad_files": on_bad_files,
            **kwargs,
        }
        stream: Self = _stream_of_files("parquet", path_or_paths, split, features, options)
        return stream

    @classmethod
    def from_text(
        cls,
        path_or_paths: Paths,
        split: NamedSplit | str | None = None,
        features: Features | None = None,
        keep_in_memory: bool = False,  # noqa: ARG003 # nothing is kept
        keep_linebreaks: bool = False,
        sample_by: str = "line",
        **kwargs: Any,
    ) -> Self:
        """The lines of text files, or their paragraphs, or the files whole."""
        options = {"keep_linebreaks": keep_linebreaks, "sample_by": sample_by, **kwargs}
        stream: Self = _stream_of_files("text", path_or_paths, split, features, options)
        return stream

    @classmethod
    def from_spark(cls, df: Any, **options: Any) -> Self:
        """Not there yet.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(
            "IterableDataset.from_spark is not there yet; write the frame as Parquet, and read that"
        )


def _stream_of(dataset: Any, num_shards: int) -> Any:
    from crucible_datasets.stream.opening import from_dataset

    return from_dataset(dataset, num_shards)


def _stream_of_files(
    name: str,
    paths: Any,
    split: NamedSplit | str | None,
    features: Features | None,
    options: Mapping[str, Any],
) -> Any:
    from crucible_datasets.dataset.files import read_files
    from crucible_datasets.schema.validate import check_mode

    check_mode(options.get("validation"), of_rows=True)
    return read_files(name, paths, split, features, options, streaming=True)
