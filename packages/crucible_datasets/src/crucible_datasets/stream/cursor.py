"""Reading a node: cursors give bundles, readers know the place between two rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from itertools import islice
from operator import length_hint
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from crucible_datasets.errors import MediaError
from crucible_datasets.stream.ahead import Ahead
from crucible_datasets.stream.node import standing
from crucible_datasets.stream.rows import block_of, cut, joined, rows_in_parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import pyarrow as pa

    from crucible_datasets.formats.json_text import Lines
    from crucible_datasets.schema import Features
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading, Row


Locator: TypeAlias = "Callable[[int], str]"
"""From a row's number in a bundle to words for where it comes from, for error messages."""

DEPTH = 2
"""Bundles that are read ahead of what is asked for."""


class Cursor(ABC):
    """One pass over a node's rows. It is iterated once."""

    @abstractmethod
    def __iter__(self) -> Iterator[Bundle]:
        """The bundles."""

    @abstractmethod
    def place(self) -> Place:
        """Where to open another cursor so that it goes on behind the last bundle."""

    def skip(self, n: int) -> int:  # noqa: ARG002 # most nodes must read rows to leave them out
        """Leave out up to ``n`` rows cheaply, before the first bundle; how many were left out."""
        return 0

    def with_text(self) -> Iterator[Bundle | Lines]:
        """The same, with record batches left as the text of their rows where there is one."""
        yield from self

    @abstractmethod
    def locator(self) -> Locator:
        """Tells where the rows of the last bundle come from, also when the cursor has gone on."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files, sockets and threads at once."""


def fixed(text: str) -> Locator:
    """The same words for every row."""
    return lambda _row: text


class _Read(NamedTuple):
    """A bundle, and where the cursor stood behind it."""

    bundle: Bundle | Lines
    place: Place
    locator: Locator


class Reader:
    """Reads the rows of a node, and knows its place after every single one.

    A place is ``(place of the cursor, rows given since)``. Going on from it opens a cursor there
    and drops that many rows, so a node need only give the same rows again, not the same bundles.
    """

    def __init__(self, node: Node, reading: Reading, place: Place = None) -> None:
        before, given = standing(place, None, 0)
        self._before: Place = before
        self._given: int = given
        self._node = node
        self._reading = reading
        self._cursor = node.open(reading, self._before)
        self._blocks: Iterator[tuple[Place, int, pa.RecordBatch]] | None = None
        self._rows: Iterator[Row] | None = None
        self._rest: pa.RecordBatch | None = None
        self._started = False
        self._ahead: Ahead[_Read] | None = None
        self._locator: Locator | None = None
        self._read: _Read | None = None
        self._whole = 0  # rows given when the bundle in hand is used up
        # Rows of it that are given as they are; they count as given from the first one on.
        self._hand: Iterator[Row] | None = None

    def place(self) -> Place:
        """Where to go on behind the last row, bundle or block that was given."""
        if self._node.one_by_one and self._started:
            return (self._cursor.place(), 0)
        given = self._so_far()
        if self._read is not None and given == self._whole:
            return (self._read.place, 0)  # nothing of the bundle is left
        if self._before is None and not given:
            return None
        return (self._before, given)

    def _so_far(self) -> int:
        """Rows given since the last place of the cursor."""
        if self._hand is None:
            return self._given
        left: int = length_hint(self._hand)
        return self._given - left

    def where(self) -> str:
        """Words for where the row given last comes from."""
        return self.locator()(max(0, self._so_far() - 1))

    def locator(self) -> Locator:
        """Tells where the rows of the bundle given last come from."""
        if self._read is not None:
            return self._read.locator
        return self._locator or self._cursor.locator()

    def close(self) -> None:
        """Let go of everything below."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None
        self._cursor.close()

    def skip(self, n: int) -> int:
        """Leave out up to ``n`` rows before anything is read, where the node can jump; how many."""
        if self._given:
            return 0
        skipped = self._cursor.skip(n)
        if skipped:
            self._before = self._cursor.place()
        return skipped

    def bundles(self) -> Iterator[Bundle]:
        """The rows, bundled as they come."""
        drop = self._given
        self._started = True
        for whole in self._cursor:
            bundle = whole
            if drop:
                if len(bundle) <= drop:
                    drop -= len(bundle)
                    continue
                bundle, drop = cut(bundle, drop, len(bundle)), 0
            if len(bundle):
                self._before, self._given = self._cursor.place(), 0
                yield bundle

    def rows(self) -> Iterator[Row]:
        """The rows as dicts of Python values."""
        drop = self._given
        self._started = True
        if self._node.one_by_one:
            for bundle in self._cursor:
                yield from bundle
            return
        features = self._node.features if self._node.tabular else None
        if features is not None and features.decodable:
            yield from self._decoded(features)
            return
        for read in self._reads(self._cursor.with_text()):
            if drop and drop >= len(read.bundle):
                drop -= len(read.bundle)
                continue
            self._read, self._whole = read, self._given + len(read.bundle) - drop
            for rows in rows_in_parts(cut(read.bundle, drop, len(read.bundle))):
                # The iterator knows how much is left, so that nothing is counted here.
                self._hand, self._given = iter(rows), self._given + len(rows)
                yield from self._hand
                self._hand = None
            drop = 0
            self._behind(read)

    def _behind(self, read: _Read) -> None:
        """Note that all rows of a bundle were given."""
        self._read = None
        self._before, self._given = read.place, 0
        self._locator = read.locator

    def _decoded(self, features: Features) -> Iterator[Row]:
        """The rows with media opened and JSON parsed, many ahead of the one that is asked for."""
        from crucible_datasets.media.decode import decode_numbered

        under_way: deque[tuple[_Read, int]] = deque()  # bundles, and the number behind each

        def stored() -> Iterator[Row]:
            end, drop = 0, self._given
            for read in self._reads():
                size = len(read.bundle)
                end += size
                under_way.append((read, end))
                for rows in rows_in_parts(cut(read.bundle, min(drop, size), size)):
                    yield from rows
                drop = max(0, drop - size)

        start = end = 0  # of the bundle that the row given last is in
        numbered = decode_numbered(
            features, stored(), first_row=self._given, threads=self._reading.threads
        )
        try:
            for number, row in numbered:
                if number >= end:
                    while number >= under_way[0][1]:
                        read, start = under_way.popleft()
                        self._behind(read)
                    self._read, end = under_way[0]
                    self._whole = end - start
                self._given = number + 1 - start  # rows may be missing: those that can't be decoded
                yield row
        except MediaError as error:
            if error.row is not None:
                while error.row >= under_way[0][1]:
                    _, start = under_way.popleft()
                error.add_note(f"in {under_way[0][0].locator(error.row - start)}")
            raise
        for read, _ in under_way:
            self._behind(read)

    def _reads(self, bundles: Iterable[Bundle | Lines] | None = None) -> Iterator[_Read]:
        """Bundles with what the cursor knew behind them; read ahead where nobody can notice."""
        node = self._node
        cursor = self._cursor
        reads = (_Read(bundle, cursor.place(), cursor.locator()) for bundle in bundles or cursor)
        if not (self._reading.ahead and node.tabular and node.pure):
            yield from reads
            return
        self._ahead = Ahead(reads, DEPTH)
        yield from self._ahead

    def read(self, n: int) -> pa.RecordBatch | None:
        """The next ``n`` rows in one record batch, fewer at the end, None behind it."""
        if not self._node.tabular:
            rows = self.take(n)
            return block_of(rows, self._node.features) if rows else None
        if self._blocks is None:
            self._blocks = self._placed_blocks()
        parts: list[pa.RecordBatch] = []
        missing = n
        while missing:
            if self._rest is None:
                following = next(self._blocks, None)
                if following is None:
                    break
                self._before, self._given, self._rest = following
            part = self._rest.slice(0, missing)
            parts.append(part)
            self._given += part.num_rows
            missing -= part.num_rows
            self._rest = self._rest.slice(part.num_rows)
            if not self._rest.num_rows:
                self._rest = None
        return joined(parts) if parts else None

    def take(self, n: int) -> list[Row]:
        """The next ``n`` rows; fewer at the end."""
        if self._rows is None:
            self._rows = self.rows()
        return list(islice(self._rows, n))

    def _placed_blocks(self) -> Iterator[tuple[Place, int, pa.RecordBatch]]:
        before, given = self._before, self._given
        drop = given
        for read in self._reads():
            size = len(read.bundle)
            if drop and drop >= size:
                drop -= size
                continue
            self._locator = read.locator
            if size:
                yield before, given, cut(read.bundle, drop, size)
            before, given, drop = read.place, 0, 0
