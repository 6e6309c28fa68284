"""Columns of files: read in order as they lie, held or spilled on the first random access."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from crucible_datasets import settings
from crucible_datasets.table import spill
from crucible_datasets.table.ahead import ahead
from crucible_datasets.table.memory import MemorySource, empty, project, take
from crucible_datasets.table.workers import decoded

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import polars as pl

    from crucible_datasets.formats.base import DataFile, Scan, Shard
    from crucible_datasets.table.selection import Positions

READ_ROWS = 10_000
"""Rows read together; formats give fewer where rows are large."""
FILES_APIECE = 4
"""Files of which each is one thread's work; fewer are cut into their row groups."""
FIRST_LOOKS = 3
"""Single rows read from the beginning before all are."""
FEW_ROWS = 16
"""Rows read together for such a look."""
SMALL_SHARD = 64 << 20
"""Bytes of a run of rows of which several may be decoded at once."""
HELD_ROWS = 1 << 17
"""Rows of a block that is held; formats give fewer where rows are large."""
SHARDS_BEFORE_LOADING = 4
"""Shards read for single rows before all are: so the first row of a big file comes quickly."""


ALL_ROWS = 1 << 62


class ScanSource:
    """The rows of a :class:`~crucible_datasets.formats.base.Scan`."""

    def __init__(self, scan: Scan) -> None:
        self.scan = scan
        self.schema = scan.features.storage_schema.remove_metadata()
        self._num_rows: int | None = None
        self._held: dict[str, MemorySource] = {}
        self._shards: list[Shard] | None = None
        self._peeked: dict[int, pa.RecordBatch] = {}
        self._first_looks = 0
        self._lock = threading.Lock()

    def __getstate__(self) -> Scan:
        return self.scan

    def __setstate__(self, scan: Scan) -> None:
        self.__init__(scan)  # type: ignore[misc]  # what is held is found again, not sent

    @property
    def num_rows(self) -> int:
        """How many rows; formats without metadata read once to tell."""
        if self._num_rows is None:
            self._num_rows = self.scan.num_rows()
        return self._num_rows

    @property
    def resident(self) -> bool:
        """Whether all columns are in memory or mapped."""
        return len(self._held) == len(self.schema)

    sendable = True

    @property
    def files(self) -> tuple[DataFile, ...]:
        """What is scanned."""
        return tuple(self.scan.files)

    @property
    def cache_paths(self) -> tuple[str, ...]:
        """The spilled file, once there is one."""
        return tuple(dict.fromkeys(p for held in self._held.values() for p in held.cache_paths))

    def shards(self) -> list[Shard]:
        """The runs of rows that the files are cut into."""
        if self._shards is None:
            self._shards = self.scan.shards(pieces=True)
        return self._shards

    def batches(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order; shards before ``start`` stay closed where their lengths are known."""
        if all(name in self._held for name in columns) and columns:
            yield from self._from_memory(columns, start, stop, batch_size)
            return
        # Small batches cost a reader more than their rows do: read large ones, ahead, and cut them.
        size = max(batch_size, min(READ_ROWS, stop - start))
        yield from cut(ahead(lambda: self._read(columns, start, stop, size)), batch_size)

    def _read(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        at = 0
        # Each shard is opened anew, and a thread that reads ahead waits for the interpreter lock
        # again and again meanwhile: whole files, where their readers find a row without reading.
        whole_files = getattr(self.scan, "threads", False)
        for shard in self.scan.shards() if whole_files else self.shards():
            if at >= stop:
                return
            skip = 0
            if at < start and (count := shard.num_rows()) is not None:
                if at + count <= start:
                    at += count
                    continue
                skip = start - at
            at += skip
            for batch in shard.batches(columns=columns, start=skip, batch_size=batch_size):
                low, high = max(start - at, 0), min(stop - at, batch.num_rows)
                at += batch.num_rows
                if low < high:
                    yield batch if high - low == batch.num_rows else batch.slice(low, high - low)
                if at >= stop:
                    return

    def _from_memory(
        self, columns: Sequence[str], start: int, stop: int, batch_size: int
    ) -> Iterator[pa.RecordBatch]:
        sources = self._sources(columns)
        if len(sources) == 1:
            return sources[0].batches(columns, start, stop, batch_size)
        rows = self._together(columns).slice(start, max(stop - start, 0))
        return iter(rows.to_batches(max_chunksize=batch_size))

    def _sources(self, columns: Sequence[str]) -> list[MemorySource]:
        """What holds ``columns``, each source once."""
        return list({id(self._held[name]): self._held[name] for name in columns}.values())

    def _together(self, columns: Sequence[str]) -> pa.Table:
        """Columns that were held one after the other; nothing is copied."""
        tables = {id(source): source.to_arrow() for source in self._sources(columns)}
        return pa.Table.from_arrays(
            [tables[id(self._held[name])].column(name) for name in columns], names=list(columns)
        )

    def gather(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch:
        """The rows at ``positions``: out of memory, or out of a few shards while they are few."""
        if len(positions) == 0:
            return empty(self.schema, columns)
        if not all(name in self._held for name in columns):
            if len(positions) == 1 and self._is_first_look(int(positions[0])):
                at = int(positions[0])
                return next(self._read(columns, at, at + 1, FEW_ROWS))
            peeked = self._peek(positions, columns)
            if peeked is not None:
                return peeked
            self.hold(columns)
        return self._gather_held(positions, columns)

    def _is_first_look(self, position: int) -> bool:
        """Whether somebody just wants to see a row near the beginning.

        Reading up to it is cheaper than reading all of its shard, as random access will need.
        """
        near = READ_ROWS if len(self.shards()) == 1 else FEW_ROWS
        if position >= near or self._first_looks >= FIRST_LOOKS:
            return False
        self._first_looks += 1
        return True

    def _gather_held(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch:
        groups: dict[int, list[str]] = {}
        for name in columns:
            groups.setdefault(id(self._held[name]), []).append(name)
        found: dict[str, pa.Array] = {}
        for names in groups.values():
            batch = self._held[names[0]].gather(positions, names)
            if len(groups) == 1:
                return batch
            found |= dict(zip(names, batch.columns, strict=True))
        return pa.RecordBatch.from_arrays([found[name] for name in columns], names=list(columns))

    def reader(self, column: str) -> Callable[[int], Any]:
        """A function from a position to the value there; holds the column."""
        self.hold([column])
        return self._held[column].reader(column)

    def hold(self, columns: Sequence[str]) -> None:
        """Make random access to ``columns`` cheap: in memory within the budget, else mapped."""
        with self._lock:
            missing = self._missing(columns)
            if not missing:
                return
            held = self._in_memory(missing)
            if held is None:
                held, missing = self._spilled(), self.schema.names
            self._hold_as(missing, held)

    def keep(self, columns: Sequence[str]) -> None:
        """Hold ``columns``, all rows of which are about to be read, if the budget allows."""
        with self._lock:
            missing = self._missing(columns)
            held = self._in_memory(missing) if missing else None
            if held is not None:
                self._hold_as(missing, held)

    def passing(self, columns: Sequence[str], batch_size: int) -> Iterator[pa.RecordBatch]:
        """All rows in order, held once the last has passed, if the budget allows.

        Who exports rows does so again, or in another format.
        """
        if not columns or len(self._missing(columns)) < len(columns):
            self.keep(columns)
            return self.batches(columns, 0, self.num_rows, batch_size)
        return cut(self._noted(columns), batch_size)

    def _noted(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """All rows in order as they are decoded, held when the last one has been taken."""
        kept = _Kept()
        within = self._fits()
        for batch in self._whole(columns):
            within = within and kept.add(batch)
            yield batch
        with self._lock:
            missing = self._missing(columns)
            if within and len(missing) == len(columns):  # else another thread has held some
                self._hold_as(missing, self._source_of(kept.blocks, columns))

    def _missing(self, columns: Sequence[str]) -> list[str]:
        wanted = set(columns) - self._held.keys()
        return [name for name in self.schema.names if name in wanted]

    def _hold_as(self, columns: Sequence[str], held: MemorySource) -> None:
        self._held = {**self._held, **dict.fromkeys(columns, held)}
        self._peeked = {}
        if self._num_rows is None:
            self._num_rows = held.num_rows

    def _fits(self) -> bool:
        expected = self.scan.nbytes()
        return expected is not None and expected <= settings.current().memory_budget

    def _decodes_in_threads(self, shards: Sequence[Shard]) -> bool:
        if len(shards) < 2 or not getattr(self.scan, "threads", False):
            return False
        return (self.scan.nbytes() or 0) // len(shards) <= SMALL_SHARD

    def _in_memory(self, columns: Sequence[str]) -> MemorySource | None:
        kept = _Kept()
        if not self._fits() or not all(map(kept.add, self._whole(columns))):
            return None
        return self._source_of(kept.blocks, columns)

    def _source_of(self, blocks: list[pa.RecordBatch], columns: Sequence[str]) -> MemorySource:
        schema = pa.schema([self.schema.field(name) for name in columns])
        return MemorySource(blocks, schema, loose=True)

    def _whole(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """All rows in order, decoded as fast as can be."""
        if not self._decodes_in_threads(self.shards()):
            return ahead(lambda: self._read(columns, 0, ALL_ROWS, READ_ROWS))
        files = self.scan.shards()
        apiece = len(files) >= FILES_APIECE and self._fits()
        return decoded(files if apiece else self.shards(), columns, HELD_ROWS)

    def _spilled(self) -> MemorySource:
        from crucible_datasets.table import derived  # it knows the Hub's cache: not for a first row

        path = derived.folder("arrow") / f"{self.key()}.arrow"
        if not path.exists():
            rows = (batch for shard in self.shards() for batch in shard.batches(batch_size=10_000))
            spill.write_file(path, self.schema, rows)
            derived.note_made("arrow", path)
        derived.note_used("arrow", path)
        return spill.open_file(path, key=self.key())

    def _peek(self, positions: Positions, columns: Sequence[str]) -> pa.RecordBatch | None:
        """The rows out of single shards, or None once that has been asked of too many."""
        shards = self.shards()
        counts = [shard.num_rows() for shard in shards]
        if any(count is None for count in counts):
            return None
        ends = np.cumsum(np.asarray(counts, dtype=np.int64))
        # np.unique would import numpy.ma
        wanted = sorted(set(np.searchsorted(ends, positions, side="right").tolist()))
        peeked = self._peeked  # another thread that holds the columns begins a new one
        if len(peeked.keys() | set(wanted)) > min(SHARDS_BEFORE_LOADING, len(shards) // 2):
            return None
        for index in wanted:
            if index not in peeked:
                batches = list(shards[index].batches(batch_size=1 << 20))
                peeked[index] = pa.concat_batches(batches)
        if len(wanted) > 1:
            blocks = [project(peeked[index], columns) for index in wanted]
            return _across(blocks, ends[wanted], positions)
        block = project(peeked[wanted[0]], columns)
        return take(block, positions - (ends[wanted[0]] - block.num_rows))

    def lazy(self, columns: Sequence[str]) -> pl.LazyFrame:
        """What is held of ``columns``, or the scan as Polars reads it: what follows is pushed into it."""
        if not columns or self._missing(columns):
            return self.scan.lazy()
        sources = self._sources(columns)
        if len(sources) == 1:
            return sources[0].lazy(columns)
        from crucible_datasets.table.frames import to_polars

        return to_polars(self._together(columns)).lazy()

    def key(self) -> str:
        """A digest of the files' digests and the schema."""
        digest = hashlib.sha256(b"crucible scan 1\n")
        for file in self.scan.files:
            digest.update(f"{file.key()}\n".encode())
        digest.update(self.schema.to_string().encode())
        return digest.hexdigest()


class _Kept:
    """Blocks that are kept while the memory budget allows: files may hold more than they tell."""

    def __init__(self) -> None:
        self.blocks: list[pa.RecordBatch] = []
        self._left = settings.current().memory_budget

    def add(self, block: pa.RecordBatch) -> bool:
        """Keep a block; false, and none is kept, once they are too much."""
        self.blocks.append(block)
        self._left -= block.nbytes
        if self._left < 0:
            self.blocks.clear()
        return self._left >= 0


def cut(batches: Iterable[pa.RecordBatch], size: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of at most ``size``."""
    for batch in batches:
        for at in range(0, batch.num_rows, size):
            yield batch if batch.num_rows <= size else batch.slice(at, size)


def _across(
    blocks: Sequence[pa.RecordBatch], ends: Positions, positions: Positions
) -> pa.RecordBatch:
    """Rows out of blocks that end at ``ends`` and need not adjoin."""
    starts = ends - np.asarray([block.num_rows for block in blocks])
    which = np.searchsorted(ends, positions, side="right")
    firsts = np.concatenate([[0], np.cumsum([block.num_rows for block in blocks])[:-1]])
    together = pa.concat_batches(blocks)
    return take(together, positions - starts[which] + firsts[which])
