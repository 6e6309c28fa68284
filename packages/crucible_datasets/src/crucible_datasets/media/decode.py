"""Rows of media decoded by several threads, in order, with the place of what can't be decoded.

Pillow and libsndfile work without the interpreter lock, so threads help. Only columns with media
go through them; ``Json`` alone is decoded on the spot.
"""

from __future__ import annotations

import os
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import MediaError
from crucible_datasets.schema.visit import has_files, leaves

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from concurrent.futures import Future

    from crucible_datasets.schema.encode import Decode
    from crucible_datasets.schema.features import Features

Row = dict[str, Any]

# rows that a thread decodes in one go, and how many such parts are under way, a thread
_TOGETHER = 8
_AHEAD = 2
_pool: list[ThreadPoolExecutor] = []


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
) -> Iterator[tuple[int, Row]]:
    """As :func:`decode_rows`, each row with its number; skipped rows leave gaps.

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
    if any(has_files(features[name]) for name in decoders):
        yield from _ahead(decode, numbered)
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
) -> Iterator[tuple[int, Row]]:
    """As :func:`_in_turn`, with some rows decoded ahead; ever more in one go, up to a few."""

    def work(part: list[tuple[int, Mapping[str, Any]]]) -> list[tuple[int, Row]]:
        return list(_in_turn(decode, part))

    pool, threads = _threads()
    waiting: deque[tuple[list[tuple[int, Mapping[str, Any]]], Future[list[tuple[int, Row]]]]]
    waiting = deque()
    size = 1
    try:
        while part := list(islice(numbered, size)):
            waiting.append((part, pool.submit(work, part)))
            size = min(size + 1, _TOGETHER)
            if len(waiting) > threads * _AHEAD:
                yield from _rows_of(decode, *waiting.popleft())
        while waiting:
            yield from _rows_of(decode, *waiting.popleft())
    finally:
        for _, future in waiting:  # the reader has had enough, or a row was refused
            future.cancel()


def _rows_of(
    decode: Callable[[int, Mapping[str, Any]], Row | None],
    part: list[tuple[int, Mapping[str, Any]]],
    future: Future[list[tuple[int, Row]]],
) -> Iterator[tuple[int, Row]]:
    if future.exception() is None:
        yield from future.result()
    else:  # once more, so that the rows before the one that fails are given first
        yield from _in_turn(decode, part)


def _threads() -> tuple[ThreadPoolExecutor, int]:
    count = min(8, os.cpu_count() or 1)
    if not _pool:
        _pool.append(ThreadPoolExecutor(count, thread_name_prefix="crucible-decode"))
    return _pool[0], count


# threads do not live on in a forked child: it makes its own
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.clear)


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
    pool, _ = _threads()
    return list(pool.map(decode_at, range(len(values)), values))
