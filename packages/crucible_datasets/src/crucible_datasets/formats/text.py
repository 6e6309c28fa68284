"""Plain text: a row a line, a paragraph, or a file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats.conform import Conformer
from crucible_datasets.formats.one_reader import ReaderScan
from crucible_datasets.formats.opening import open_plain
from crucible_datasets.formats.scan import FileFormat
from crucible_datasets.schema import Features, Value

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema.validate import Validation

_CHARACTERS = 1 << 20


class TextFormat(FileFormat):
    """Files that end in ``.txt``."""

    name = "text"
    extensions = (".txt",)
    options = ("encoding", "encoding_errors", "chunksize", "keep_linebreaks", "sample_by")
    by_tables = True
    typed = False

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> ReaderScan:
        """The rows of ``files``, in one column ``text``.

        Args:
            files: text files.
            features: one column, of any name, whose type text can be cast to; of more, the one that
                is called ``text``.
            options: ``sample_by`` ("line", "paragraph" or "document"), ``keep_linebreaks``,
                ``encoding``, ``encoding_errors``.

        Raises:
            ValueError: ``sample_by`` is none of the three.
        """
        sample_by = options.get("sample_by") or "line"
        if sample_by not in _SPLITTERS:
            raise ValueError(f"sample_by must be one of {list(_SPLITTERS)}, not {sample_by!r}")
        reader = TextReader(
            sample_by,
            bool(options.get("keep_linebreaks")),
            options.get("encoding") or "utf-8",
            options.get("encoding_errors") or "strict",
            validation=options.get("validation"),
        )
        return ReaderScan(files, features or Features({"text": Value("string")}), reader)


@dataclass(frozen=True, slots=True)
class TextReader:
    """Reads text files."""

    sample_by: str
    keep_linebreaks: bool
    encoding: str
    errors: str
    column: str = "text"
    validation: Validation = None

    def tables(
        self,
        file: DataFile,
        features: Features,
        columns: Sequence[str],
    ) -> Iterator[pa.Table]:
        """The rows, in the only column of ``features``, or in the one that has the format's name.

        Raises:
            SchemaError: a byte is not in the encoding, or a text is not what the column holds.
        """
        name = next(iter(features)) if len(features) == 1 else self.column
        conform = Conformer(file.name, features, columns, self.validation)
        wanted = conform.columns(pa.schema([(name, pa.string())]))
        with io.TextIOWrapper(
            open_plain(file), encoding=self.encoding, errors=self.errors, newline=None
        ) as stream:
            first = 1
            try:
                for texts in _SPLITTERS[self.sample_by](stream, self.keep_linebreaks):
                    table = pa.table({name: pa.array(texts, pa.string())}).select(wanted)
                    line = first if self.sample_by == "line" else None
                    yield conform(table, row=first - 1, line=line)
                    first += len(texts)
            except UnicodeDecodeError as error:
                raise SchemaError(
                    file=file.name,
                    expected=f"text in {self.encoding}",
                    found=f"the byte 0x{error.object[error.start]:02x} ({error.reason})",
                    hint="name the encoding with encoding=..., or pass encoding_errors='replace'",
                ) from error

    def count(self, file: DataFile) -> int | None:  # noqa: ARG002 - the same for all
        """One for documents; lines have to be read."""
        return 1 if self.sample_by == "document" else None

    def key(self) -> str:
        """The options."""
        return f"{self.sample_by}:{self.keep_linebreaks}:{self.encoding}:{self.errors}"


def _lines(stream: io.TextIOWrapper, keep_breaks: bool) -> Iterator[list[str]]:
    while piece := stream.read(_CHARACTERS):
        piece += stream.readline()
        lines = piece.split("\n")
        last = lines.pop()
        if keep_breaks:
            lines = [line + "\n" for line in lines]
        yield [*lines, last] if last else lines


def _paragraphs(stream: io.TextIOWrapper, _keep_breaks: bool) -> Iterator[list[str]]:
    rest = ""
    while piece := stream.read(_CHARACTERS):
        *whole, rest = (rest + piece).split("\n\n")
        yield [text for text in whole if text]
    if rest:
        yield [rest]


def _documents(stream: io.TextIOWrapper, _keep_breaks: bool) -> Iterator[list[str]]:
    yield [stream.read()]


_SPLITTERS = {"line": _lines, "paragraph": _paragraphs, "document": _documents}

FORMAT = TextFormat()
