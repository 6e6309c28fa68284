"""Several datasets as one: below each other, side by side, or in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from crucible_datasets.dataset.alignment import aligned, common_features
from crucible_datasets.dataset.dataset import Dataset
from crucible_datasets.formatting.format import Format
from crucible_datasets.info import DatasetInfo
from crucible_datasets.schema import Features
from crucible_datasets.table.table import check_unique, concat

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crucible_datasets.splits import NamedSplit
    from crucible_datasets.table.selection import Positions
    from crucible_datasets.table.table import Table


def concatenated(
    datasets: Sequence[Dataset],
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    axis: int = 0,
) -> Dataset:
    """The rows of all datasets one after the other, or (``axis=1``) their columns side by side.

    Args:
        datasets: at least one; those without rows are left out.
        info: of the result; merged by default.
        split: the name of the result's split.
        axis: 0 for rows, 1 for columns.

    Raises:
        ValueError: the types of a column differ, or (``axis=1``) a column is there twice, or the
            numbers of rows differ.
    """
    filled = [ds for ds in datasets if len(ds)]
    if not filled:
        return datasets[0]
    formats = [ds.rows_format for ds in filled]
    form = formats[0] if all(ds.format == filled[0].format for ds in filled) else Format()
    if axis == 1:
        table, features = _beside(filled)
    else:
        features = common_features([ds.features for ds in filled])
        table = concat([aligned(ds.table, ds.features, features) for ds in filled])
    merged = DatasetInfo.from_merge([ds.info for ds in filled]) if info is None else info
    if form.columns is not None:
        form = form.only(features)
    return Dataset.from_table(table, features, split=split, info=merged, format=form)


def _beside(datasets: Sequence[Dataset]) -> tuple[Table, Features]:
    if len({len(ds) for ds in datasets}) > 1:
        raise ValueError(
            f"side by side, all datasets must have as many rows, but have {[*map(len, datasets)]}"
        )
    check_unique([name for ds in datasets for name in ds.column_names])
    table = datasets[0].table
    for ds in datasets[1:]:
        table = table.with_columns(ds.table)
    return table, Features({name: f for ds in datasets for name, f in ds.features.items()})


def interleaved(
    datasets: Sequence[Dataset],
    probabilities: Sequence[float] | None = None,
    seed: int | None = None,
    info: DatasetInfo | None = None,
    split: NamedSplit | str | None = None,
    stopping_strategy: str = "first_exhausted",
) -> Dataset:
    """Rows of all datasets in turn, or drawn by chance exactly as ``datasets`` draws them.

    Args:
        datasets: at least one.
        probabilities: of each dataset; None takes turns.
        seed: for the draws.
        info: of the result; merged by default.
        split: the name of the result's split.
        stopping_strategy: ``first_exhausted``, ``all_exhausted`` (the others start again) or
            ``all_exhausted_without_replacement``.

    Raises:
        ValueError: a dataset that is drawn from is empty, or one that must be exhausted is never
            drawn from.
    """
    lengths = np.asarray([len(ds) for ds in datasets], dtype=np.int64)
    together = concatenated(datasets, info, split)
    if probabilities is None:
        order = _in_turn(lengths, stopping_strategy)
    else:
        order = _by_chance(lengths, probabilities, seed, stopping_strategy)
    return together.select(order)


def _in_turn(lengths: Positions, strategy: str) -> Positions:
    """Positions in the concatenated rows, one of each dataset in turn."""
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    rounds = lengths.min() if strategy == "first_exhausted" else lengths.max()
    turn = np.arange(rounds).reshape(-1, 1)
    if strategy == "all_exhausted_without_replacement":
        return np.asarray((turn + offsets)[turn < lengths])
    if strategy == "all_exhausted" and rounds:
        _refuse_empty(lengths, np.ones(len(lengths), dtype=bool))
        turn = turn % lengths
    return np.asarray((turn + offsets).reshape(-1))


def _by_chance(
    lengths: Positions, probabilities: Sequence[float], seed: int | None, strategy: str
) -> Positions:
    drawable = np.asarray(probabilities, dtype=np.float64) > 0
    if strategy != "all_exhausted_without_replacement":
        _refuse_empty(lengths, drawable)
    if strategy != "first_exhausted" and not drawable[lengths > 0].all():
        never = np.flatnonzero(~drawable & (lengths > 0)).tolist()
        raise ValueError(f"datasets {never} have probability 0: they are never exhausted")
    draws = _draws(lengths, probabilities, seed, drawable, strategy)
    offsets = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    order = np.full(len(draws), -1, dtype=np.int64)
    for source in np.flatnonzero(drawable):
        places = np.flatnonzero(draws == source)
        turns = np.arange(len(places))
        if strategy == "all_exhausted_without_replacement":
            places, turns = places[: lengths[source]], turns[: lengths[source]]
        elif lengths[source]:
            turns %= lengths[source]
        order[places] = turns + offsets[source]
    return order[order >= 0]


def _draws(
    lengths: Positions,
    probabilities: Sequence[float],
    seed: int | None,
    drawable: np.ndarray,
    strategy: str,
) -> Positions:
    """Datasets drawn until the first, or the last, has been drawn as often as it has rows."""
    generator = np.random.default_rng(seed)
    blocks: list[Positions] = []
    counts = np.zeros(len(lengths), dtype=np.int64)
    enough = np.any if strategy == "first_exhausted" else np.all
    while not enough((counts >= lengths)[drawable]) or not blocks:
        blocks.append(generator.choice(len(lengths), size=1000, p=probabilities))
        counts += np.bincount(blocks[-1], minlength=len(lengths))
    draws = np.concatenate(blocks)
    ends = []
    for source in np.flatnonzero(drawable & (lengths > 0)):
        places = np.flatnonzero(draws == source)
        if len(places) >= lengths[source]:
            ends.append(int(places[lengths[source] - 1]))
    last = min(ends) if strategy == "first_exhausted" else max(ends, default=-1)
    return draws[: last + 1]


def _refuse_empty(lengths: Positions, drawable: np.ndarray) -> None:
    empty = np.flatnonzero((lengths == 0) & drawable).tolist()
    if empty:
        raise ValueError(f"datasets {empty} are empty: no row can be taken from them")
