"""Rows of media decoded by several threads, in order, with the place of what can't be decoded.

Pillow and libsndfile work without the interpreter lock, so threads help. Only columns with media
go through them; ``Json`` alone is decoded on the spot.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any, TypeAlias

from crucible_datasets.errors import MediaError
from crucible_datasets.schema.visit import has_files, leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from crucible_datasets.schema.encode import Decode
    from crucible_datasets.schema.features import Features

Row = dict[str, Any]
Part: TypeAlias = "list[tuple[int, Mapping[str, Any]]]"

_AHEAD = 2
"""Parts under way, a thread; each is decoded in one go, as handing it over has its cost."""
_PART_SECONDS = 0.005
"""A part takes about as long. Large images, few of which fit into memory, make small parts."""
_TOGETHER = 16
"""Rows of a part, at most."""
_pools: dict[int, ThreadPoolExecutor] = {}


def skips(feature: Any) -> bool:
    """Whether rows are left out where the feature can't be decoded."""
    return any(getattr(leaf, "on_error", "raise") == "skip" for _, leaf in leaves(feature))


def decode_rows(
    features: Features,
    rows: Iterable[Mapping[str, Any]],
    *,
    first_row: int = 0,
    token_per_repo_id: Any = None,
) -> Iterator[Row]:
    """Stored rows as readers get them, without those that ``on_error="skip"`` leaves out.

    Args:
        features: of the rows; they may have some of the columns only.
        rows: the rows; some are read ahead.
        first_row: the number of the first, for errors.
        token_per_repo_id: repository id -> token, for links into the Hub.

    Raises:
        MediaError: with row and column, where a value can't be decoded.
    """
    for _, row in decode_numbered(
        features, rows, first_row=first_row, token_per_repo_id=token_per_repo_id
    ):
        yield row


def decode_numbered(
    features: Features,
    rows: Iterable[Mapping[str, Any]],
    *,
    first_row: int = 0,
    token_per_repo_id: Any = None,
    threads: int | None = None,
) -> Iterator[tuple[int, Row]]:
    """As :func:`decode_rows`, each row with its number; skipped rows leave gaps.

    Args:
        features: of the rows; they may have some of the columns only.
        rows: the rows; some are read ahead. What they raise comes behind the rows before it.
        first_row: the number of the first.
        token_per_repo_id: repository id -> token, for links into the Hub.
        threads: how many decode; 0 for none but the caller's, None for one more than cores.

    Raises:
        MediaError: with row and column, where a value can't be decoded.
    """
    decoders = features.decoders
    skipping = {name for name in decoders if skips(features[name])}

    def decode(number: int, row: Mapping[str, Any]) -> Row | None:
        decoded = dict(row)
        for name, decode_value in decoders.items():
            if name in decoded:
                try:
                    decoded[name] = decode_value(decoded[name], token_per_repo_id)
                except OSError as error:
                    if name in skipping:
                        return None
                    if isinstance(error, MediaError):
                        raise error.at(number, name) from error
                    raise
        return decoded

    numbered = enumerate(rows, first_row)
    threads = _usual_threads() if threads is None else threads
    if threads > 0 and any(has_files(features[name]) for name in decoders):
        yield from _ahead(decode, numbered, threads)
    else:
        yield from _in_turn(decode, numbered)


def _in_turn(
    decode: Callable[[int, Mapping[str, Any]], Row | None],
    numbered: Iterable[tuple[int, Mapping[str, Any]]],
) -> Iterator[tuple[int, Row]]:
    for number, stored in numbered:
        row = decode(number, stored)
        if row is not None:
            yield number, row


def _ahead(
    decode: Callable[[int, Mapping[str, Any]], Row | None],
    numbered: Iterator[tuple[int, Mapping[str, Any]]],
    threads: int,
) -> Iterator[tuple[int, Row]]:
    """As :func:`_in_turn`, with some rows decoded ahead, a part of them in one go."""

    def work(part: Part) -> tuple[list[tuple[int, Row]], float]:
        start = perf_counter()
        return list(_in_turn(decode, part)), perf_counter() - start

    pool = _pool(threads)
    waiting: deque[tuple[Part, Future[tuple[list[tuple[int, Row]], float]]]] = deque()
    size = 1
    broken: Exception | None = None
    try:
        while True:
            part: Part = []
            try:
                part.extend(islice(numbered, size))
            except Exception as error:  # noqa: BLE001 # it is raised below, behind these rows
                broken = error
            if part:
                waiting.append((part, pool.submit(work, part)))
            if broken or not part:
                break
            if len(waiting) > threads * _AHEAD:
                part, future = waiting.popleft()
                yield from _rows_of(decode, part, future)
                slow = future.result()[1] > _PART_SECONDS
                size = max(1, size // 2) if slow else min(_TOGETHER, size + 1)
        while waiting:
            yield from _rows_of(decode, *waiting.popleft())
        if broken is not None:
            raise broken
    finally:
        for _, future in waiting:  # the reader has had enough, or a row was refused
            future.cancel()


def _rows_of(
    decode: Callable[[int, Mapping[str, Any]], Row | None],
    part: Part,
    future: Future[tuple[list[tuple[int, Row]], float]],
) -> Iterator[tuple[int, Row]]:
    if future.exception() is None:
        yield from future.result()[0]
    else:  # once more, so that the rows before the one that fails are given first
        yield from _in_turn(decode, part)


def _usual_threads() -> int:
    """One more than cores, as one waits for the interpreter lock most of the time."""
    return min(8, (os.cpu_count() or 1) + 1)


def _pool(threads: int) -> ThreadPoolExecutor:
    if threads not in _pools:
        _pools[threads] = ThreadPoolExecutor(threads, thread_name_prefix="crucible-decode")
    return _pools[threads]


# threads do not live on in a forked child: it makes its own
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pools.clear)


def decode_column(
    decode: Decode, values: list[Any], name: str | None = None, token_per_repo_id: Any = None
) -> list[Any]:
    """The stored values of one column as readers get them, decoded by several threads.

    Args:
        decode: what decodes a value.
        values: what is stored.
        name: the column's name, for errors.
        token_per_repo_id: repository id -> token, for links into the Hub.

    Raises:
        MediaError: with row and column, where a value can't be decoded, ``on_error="skip"``
            included, as the other columns have the row.
    """

    def decode_at(number: int, value: Any) -> Any:
        try:
            return decode(value, token_per_repo_id)
        except MediaError as error:
            raise error.at(number, name) from error

    if len(values) < 2:
        return [decode_at(number, value) for number, value in enumerate(values)]
    pool = _pool(_usual_threads())
    return list(pool.map(decode_at, range(len(values)), values))
