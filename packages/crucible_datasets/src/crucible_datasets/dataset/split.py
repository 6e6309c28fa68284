"""Train and test rows, drawn exactly as ``datasets`` draws them."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from crucible_datasets.table.selection import Positions


@dataclass(frozen=True, slots=True)
class Parts:
    """The rows of each part."""

    train: Positions
    test: Positions


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many rows each part gets."""

    train: int
    test: int

    @classmethod
    def of(cls, test_size: float | int | None, train_size: float | int | None, total: int) -> Sizes:
        """The sizes that shares or counts of ``total`` rows come to.

        Args:
            test_size: a share as float, a number of rows as int; a quarter if both are None.
            train_size: likewise; the rest if None.
            total: the rows there are.

        Raises:
            ValueError: a size is out of bounds, or the two are more than there is.
        """
        if test_size is None and train_size is None:
            test_size = 0.25
        _check("test_size", test_size, total)
        _check("train_size", train_size, total)
        if (
            isinstance(test_size, float)
            and isinstance(train_size, float)
            and (test_size + train_size > 1)
        ):
            raise ValueError(f"test_size + train_size is {test_size + train_size}, more than 1")
        test = ceil(test_size * total) if isinstance(test_size, float) else test_size
        train = floor(train_size * total) if isinstance(train_size, float) else train_size
        test = total - train if test is None else test  # type: ignore[operator]  # not both are None
        train = total - test if train is None else train
        if train + test > total:
            raise ValueError(f"{train} train rows and {test} test rows are more than {total}")
        if train == 0:
            raise ValueError(
                f"no train rows would be left of {total} "
                f"with test_size={test_size} and train_size={train_size}"
            )
        return cls(int(train), int(test))


def _check(name: str, size: float | int | None, total: int) -> None:
    if size is None:
        return
    if not isinstance(size, (int, float)):
        raise ValueError(f"{name} must be an int or a float, not {size!r}")
    fits = 0 < size < 1 if isinstance(size, float) else 0 < size < total
    if not fits:
        raise ValueError(
            f"{name}={size} must be a float between 0 and 1, "
            f"or a positive number of rows smaller than {total}"
        )


def in_order(sizes: Sizes) -> Parts:
    """The first rows for training, the next for the test."""
    return Parts(np.arange(sizes.train), np.arange(sizes.train, sizes.train + sizes.test))


def at_random(sizes: Sizes, total: int, generator: np.random.Generator) -> Parts:
    """Rows drawn from all of them."""
    order = generator.permutation(total)
    return Parts(order[sizes.test : sizes.test + sizes.train], order[: sizes.test])


def stratified(sizes: Sizes, labels: np.ndarray, generator: np.random.Generator) -> Parts:
    """Rows drawn so that every label has its share of both parts.

    Args:
        sizes: of the parts.
        labels: one for each row.
        generator: what to draw from.

    Raises:
        ValueError: a label has one row only, or there are more labels than rows in a part.
    """
    kinds, which, counts = np.unique(labels, return_inverse=True, return_counts=True)
    if counts.min() < 2:
        rare = kinds[counts.argmin()]
        raise ValueError(f"label {rare} has only one row; each needs two to be in both parts")
    for name, size in (("train", sizes.train), ("test", sizes.test)):
        if size < len(kinds):
            raise ValueError(f"{size} {name} rows can't hold all of the {len(kinds)} labels")
    rows = np.split(np.argsort(which, kind="stable"), np.cumsum(counts)[:-1])
    train_counts = _shares(counts, sizes.train, generator)
    test_counts = _shares(counts - train_counts, sizes.test, generator)
    train, test = [], []
    for own, n_train, n_test in zip(rows, train_counts, test_counts, strict=True):
        drawn = own[generator.permutation(len(own))]
        train.append(drawn[:n_train])
        test.append(drawn[n_train : n_train + n_test])
    return Parts(
        generator.permutation(np.concatenate(train)), generator.permutation(np.concatenate(test))
    )


def _shares(counts: Positions, wanted: int, generator: np.random.Generator) -> Positions:
    """``wanted`` rows shared out by ``counts``; the rest goes to the largest remainders."""
    exact = counts / counts.sum() * wanted
    shares = np.floor(exact)
    left = int(wanted - shares.sum())
    remainders = exact - shares
    for value in np.unique(remainders)[::-1]:
        if left <= 0:
            break
        (tied,) = np.where(remainders == value)
        taken = generator.choice(tied, size=min(len(tied), left), replace=False)
        shares[taken] += 1
        left -= len(taken)
    return np.asarray(shares, dtype=np.int64)
