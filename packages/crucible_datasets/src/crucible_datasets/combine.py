"""``concatenate_datasets`` and ``interleave_datasets``, for datasets and for streams."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.info import DatasetInfo
    from crucible_datasets.splits import NamedSplit
    from crucible_datasets.stream.dataset import IterableDataset

    D = TypeVar("D", Dataset, IterableDataset)

__all__ = ["concatenate_datasets", "interleave_datasets"]

_STRATEGIES = ("first_exhausted", "all_exhausted", "all_exhausted_without_replacement")


def concatenate_datasets(
    dsets: Iterable[D],
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    axis: int = 0,
) -> D:
    """The rows of all datasets one after the other, or (``axis=1``) their columns side by side.

    Nothing is copied. Columns come in the order in which they are first seen; where a dataset lacks
    one, its rows have None there.

    Args:
        dsets: datasets, or streams, but not both.
        info: of the result; merged from theirs by default.
        split: the name of the result's split.
        axis: 0 for rows, 1 for columns.

    Raises:
        ValueError: there are none, or of both kinds; the types of a column differ; the axis is
            another one; or (``axis=1``) a column is there twice, or the numbers of rows differ.
    """
    if axis not in (0, 1):
        raise ValueError(f"axis must be 0 (rows) or 1 (columns), not {axis!r}")
    dsets = list(dsets)
    if _are_streams(dsets, "concatenate"):
        from crucible_datasets.stream.combine import concatenate

        return concatenate(dsets, info, split, axis)  # type: ignore[arg-type,return-value]  # as asked
    from crucible_datasets.dataset.combination import concatenated

    return concatenated(dsets, info, split, axis)  # type: ignore[arg-type,return-value]  # as asked


def interleave_datasets(
    datasets: Iterable[D],
    probabilities: Sequence[float] | None = None,
    seed: int | None = None,
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    stopping_strategy: str = "first_exhausted",
) -> D:
    """Rows of all datasets in turn, or drawn by chance exactly as ``datasets`` draws them.

    Args:
        datasets: datasets, or streams, but not both.
        probabilities: of each; None takes turns.
        seed: for the draws.
        info: of the result; merged from theirs by default.
        split: the name of the result's split.
        stopping_strategy: ``first_exhausted`` ends when one is exhausted; ``all_exhausted`` when the
            last one is, others starting again meanwhile; ``all_exhausted_without_replacement``
            likewise, each row once.

    Raises:
        ValueError: there are none, or of both kinds, or the strategy is unknown.
    """
    datasets = list(datasets)
    streams = _are_streams(datasets, "interleave")
    if stopping_strategy not in _STRATEGIES:
        raise ValueError(
            f"stopping_strategy must be one of {_STRATEGIES}, not {stopping_strategy!r}"
        )
    if streams:
        from crucible_datasets.stream.combine import interleave

        return interleave(datasets, probabilities, seed, info, split, stopping_strategy)  # type: ignore[arg-type,return-value]  # as asked
    from crucible_datasets.dataset.combination import interleaved

    return interleaved(datasets, probabilities, seed, info, split, stopping_strategy)  # type: ignore[arg-type,return-value]  # as asked


def _are_streams(datasets: Sequence[Any], verb: str) -> bool:
    """Whether the datasets are streams; all are of one kind.

    Raises:
        ValueError: there are none, or of both kinds, or some are of no kind.
    """
    from crucible_datasets.dataset.dataset import Dataset
    from crucible_datasets.stream.dataset import IterableDataset

    if not datasets:
        raise ValueError(f"there is nothing to {verb}: the list of datasets is empty")
    for index, ds in enumerate(datasets):
        if isinstance(ds, dict):
            names = list(ds)
            hint = f"; choose a split, as in ds[{names[0]!r}]" if names else ""
            raise ValueError(f"dataset {index} is a {type(ds).__name__} of splits {names}{hint}")  # noqa: TRY004 - the peer's kind
        if not isinstance(ds, (Dataset, IterableDataset)):
            raise ValueError(f"dataset {index} is a {type(ds).__name__}, not a Dataset")  # noqa: TRY004 - the peer's kind
    kinds = {isinstance(ds, IterableDataset) for ds in datasets}
    if len(kinds) > 1:
        raise ValueError(f"can't {verb} datasets and streams; make all of one kind")
    return kinds.pop()
