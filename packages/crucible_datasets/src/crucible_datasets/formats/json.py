"""JSON: lines of objects, a list of objects, or a list inside an object. A shard is a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crucible_datasets.formats.base import DEFAULT_BATCH_SIZE
from crucible_datasets.formats.conform import filtered, rebatched, with_roots
from crucible_datasets.formats.json_chunks import (
    Chunk,
    Extent,
    JsonOptions,
    chunks_of,
    is_plain_lines,
    placed,
    read_extents,
)
from crucible_datasets.formats.json_rows import BOM, ChunkReader, DeclaredReader, ExactReader
from crucible_datasets.formats.json_survey import prefix_features, survey
from crucible_datasets.formats.json_text import Lines
from crucible_datasets.formats.ordered import ordered_map
from crucible_datasets.formats.scan import FileScan, cut
from crucible_datasets.schema.json_lines import check_utf8
from crucible_datasets.schema.json_shape import values_shape
from crucible_datasets.schema.json_table import lines_to_table
from crucible_datasets.schema.validate import Place, Validator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import polars as pl
    import pyarrow as pa

    from crucible_datasets.formats.base import DataFile, Shard
    from crucible_datasets.schema import Features
    from crucible_datasets.schema.report import Report


class JsonFormat:
    """Files that end in ``.json``, ``.jsonl`` or ``.ndjson``."""

    name = "json"
    extensions = (".json", ".jsonl", ".ndjson")
    options = (
        "field", "encoding", "encoding_errors", "on_mixed_types", "chunksize", "block_size",
        "use_threads", "newlines_in_values", "parse_agent_traces",
    )  # fmt: skip
    by_tables = True
    typed = True

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> JsonScan:
        """The rows of ``files``; without ``features`` all of them are read once to infer types.

        Args:
            files: JSON files.
            features: the schema; a key that it has not is an error.
            options: ``field``, ``encoding``, ``encoding_errors``; the peer's tuning options
                (``chunksize``, ``block_size``, ``use_threads``) change nothing.

        Raises:
            SchemaError: a file is not JSON, or not rows; it says where.
        """
        return self.scan_splits({"": files}, features=features, options=options)[""]

    def scan_splits(
        self,
        splits: Mapping[str, Sequence[DataFile]],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> dict[str, JsonScan]:
        """One scan a split; types are inferred over the files of all of them."""
        if options.get("newlines_in_values") is not None:
            raise ValueError(
                "newlines_in_values is no longer supported: objects may span lines anyway"
            )
        how = JsonOptions(
            options.get("field"),
            options.get("encoding"),
            options.get("encoding_errors"),
            options.get("validation") or "coerce",
        )
        typed = True
        if features is None and options.get("prefix") is not None:
            every = [file for files in splits.values() for file in files]
            features, typed = prefix_features(every, how, options["prefix"])
        if features is not None:
            return {
                split: JsonScan(files, features, how, typed=typed)
                for split, files in splits.items()
            }
        found = survey(splits, how)
        return {
            split: JsonScan(files, found.features, how, found.extents[split])
            for split, files in splits.items()
        }

    def check(
        self,
        files: Sequence[DataFile],
        features: Features,
        options: Mapping[str, Any],
        report: Report,
    ) -> None:
        """Add to ``report`` every value that is not as ``features`` say."""
        how = JsonOptions(
            options.get("field"), options.get("encoding"), options.get("encoding_errors")
        )
        validator = Validator(features, "report")
        validator.report = report
        for file in files:
            line = 1
            for chunk in chunks_of(file, how):
                data = chunk.read()
                lines_to_table(data, validator, Place(file.name, line=line))
                line += data.count(b"\n")


class JsonScan(FileScan):
    """Rows of JSON files."""

    def __init__(
        self,
        files: Sequence[DataFile],
        features: Features,
        how: JsonOptions,
        extents: Sequence[tuple[Extent, ...]] | None = None,
        *,
        typed: bool = True,
    ) -> None:
        super().__init__(files, features)
        self.how = how
        self.typed = typed
        self._extents = extents

    def shards(self, *, pieces: bool = False) -> list[Shard]:
        """One a file, or one for every few megabytes of it."""
        known: Sequence[tuple[Extent, ...] | None] = self._extents or [None] * len(self.files)
        whole = [
            JsonShard(file, self.features, self.how, self._extents is not None, extents)
            for file, extents in zip(self.files, known, strict=True)
        ]
        return cut(whole) if pieces else [*whole]


@dataclass(frozen=True, slots=True)
class JsonShard:
    """A file, or a run of its lines.

    Attributes:
        file: what is read.
        features: the columns of the scan.
        how: how its bytes become lines.
        exact: whether the features were inferred from these rows.
        extents: what was found when it was read once, or None if it was not.
    """

    file: DataFile
    features: Features
    how: JsonOptions
    exact: bool
    extents: tuple[Extent, ...] | None = None

    def num_rows(self) -> int | None:
        """As counted when the types were inferred; None if they were declared."""
        return None if self.extents is None else sum(extent.rows for extent in self.extents)

    def pieces(self) -> list[JsonShard]:
        """Runs of a few megabytes, where the file can be entered anywhere; the first is shorter."""
        if not self.extents or not is_plain_lines(self.file, self.how):
            return [self]
        ends = [0, *range(1, len(self.extents), _PIECE), len(self.extents)]
        return [replace(self, extents=self.extents[at:end]) for at, end in pairwise(ends)]

    def batches(
        self,
        *,
        columns: Sequence[str] | None = None,
        predicate: pl.Expr | None = None,
        start: int = 0,
        batch_size: int = DEFAULT_BATCH_SIZE,
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order, parsed a few megabytes ahead in threads."""
        wanted = with_roots(columns, predicate) or list(self.features)
        chunks, rest = self._from(start)
        tables = ordered_map(self._parser(wanted), chunks)
        found = (batch for table in tables for batch in table.combine_chunks().to_batches())
        rows = rebatched(found, batch_size, skip=rest)
        return rows if predicate is None else filtered(rows, predicate, columns)

    def bundles(
        self, *, start: int = 0, batch_size: int = DEFAULT_BATCH_SIZE
    ) -> Iterator[Lines | pa.RecordBatch]:
        """As :meth:`batches`, but rows are left as their text where that says the same."""
        shape = values_shape(self.features)
        if shape is None:
            yield from self.batches(start=start, batch_size=batch_size)
            return
        parse = self._parser(list(self.features))

        def look(chunk: Chunk) -> Lines | pa.Table:
            text = chunk.read().removeprefix(BOM)
            with placed(self.file, self.how, chunk):
                check_utf8(text, file=self.file.name)
            return Lines.of(text) if shape.fits(text) else parse(chunk)

        chunks, rest = self._from(start)
        for found in ordered_map(look, chunks):
            skipped = min(rest, len(found))
            rest -= skipped
            if isinstance(found, Lines):
                yield found[skipped:]
            else:
                yield from found.slice(skipped).combine_chunks().to_batches(batch_size)

    def _parser(self, wanted: list[str]) -> Callable[[Chunk], pa.Table]:
        """Makes a table of the columns ``wanted``."""
        reader: ChunkReader = (
            ExactReader(self.features.select(wanted))
            if self.exact
            else DeclaredReader(self.features, wanted, self.how.validation)
        )

        def parse(chunk: Chunk) -> pa.Table:
            with placed(self.file, self.how, chunk):
                return reader.read(chunk.read(), file=self.file.name, first_line=1)

        return parse

    def key(self) -> str:
        """The file's content and the place in it."""
        at = "" if not self.extents else f"{self.extents[0].offset}+{len(self.extents)}"
        return f"{self.file.key()}#{self.how.field or ''}@{at}"

    def place(self) -> str:
        """The file and where in it, for people."""
        if not self.extents or self.extents[0].offset == 0:
            return self.file.name
        return f"{self.file.name}, from byte {self.extents[0].offset}"

    def _from(self, start: int) -> tuple[Iterator[Chunk], int]:
        """The chunks from the one with row ``start`` on, and the rows to leave out in it."""
        if self.extents is None:
            return chunks_of(self.file, self.how), start
        left = list(self.extents)
        while left and left[0].rows <= start:
            start -= left.pop(0).rows
        if not left:
            return iter(()), 0
        if is_plain_lines(self.file, self.how):
            return read_extents(self.file, left), start
        skipped = len(self.extents) - len(left)
        chunks = chunks_of(self.file, self.how)
        for _ in range(skipped):
            next(chunks)
        return chunks, start


#: Extents in a piece: one piece is what one worker reads.
_PIECE = 2


FORMAT = JsonFormat()
