"""Every error that crucible_datasets raises, in one tree.

::

    DatasetsError
    ├── DefunctDatasetError
    ├── FileNotFoundDatasetsError (FileNotFoundError)
    │   ├── DataFilesNotFoundError            nothing to read at that place
    │   └── DatasetNotFoundError              no such dataset, or it is private or gated
    ├── DatasetBuildError
    │   ├── ManualDownloadError
    │   ├── FileFormatError
    │   └── DatasetGenerationError
    │       ├── DatasetGenerationCastError
    │       └── SchemaError (ValueError)      a value is not what the schema says; it says where
    ├── CastError (ValueError)                the columns of a table are not those of the features
    ├── MediaError (OSError, ValueError)      an image or a sound that can't be decoded
    ├── MissingExtraError (ImportError)       an optional dependency is not installed
    ├── ChecksumVerificationError
    │   ├── UnexpectedDownloadedFileError
    │   ├── ExpectedMoreDownloadedFilesError
    │   └── NonMatchingChecksumError
    └── SplitsVerificationError
        ├── UnexpectedSplitsError
        ├── ExpectedMoreSplitsError
        └── NonMatchingSplitsSizesError

The names are those of ``datasets.exceptions`` where it has one. What comes from the Hub itself
is in ``hfhub.errors``.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class DatasetsError(Exception):
    """The root of everything that crucible_datasets raises on purpose."""


class DefunctDatasetError(DatasetsError):
    """The dataset was taken down by its owners."""


class FileNotFoundDatasetsError(DatasetsError, FileNotFoundError):
    """Something that should be read is not there."""


class DataFilesNotFoundError(FileNotFoundDatasetsError):
    """There is no data file, or none in a format that we read."""


class DatasetNotFoundError(FileNotFoundDatasetsError):
    """There is no such dataset, or it is private or gated and the token does not open it."""


class DatasetBuildError(DatasetsError):
    """The files are there, but no dataset came out of them."""


class ManualDownloadError(DatasetBuildError):
    """The data has to be downloaded by hand first."""


class FileFormatError(DatasetBuildError):
    """A file is not in the format that it claims."""


class DatasetGenerationError(DatasetBuildError):
    """Reading the files failed."""


class DatasetGenerationCastError(DatasetGenerationError):
    """The files of one dataset do not have the same columns."""


class SchemaError(DatasetGenerationError, ValueError):
    """A value is not what the schema says; the facts say where, what, and what would accept it.

    Attributes:
        file: the file as the user named it, or None for data in memory.
        row: the row's number in that file or table, from 0, or None.
        line: the line's number in that file, from 1, or None.
        pointer: RFC 6901 pointer to the value inside the row (``/messages/0/role``); ``""`` is the
            row itself.
        expected: what the schema asks for.
        found: what is there.
        snippet: the beginning of the offending text.
        hint: the argument or the edit that would accept it.
    """

    def __init__(
        self,
        *,
        expected: str,
        found: str,
        file: str | None = None,
        row: int | None = None,
        line: int | None = None,
        pointer: str = "",
        snippet: str = "",
        hint: str = "",
    ) -> None:
        super().__init__(file, row, line, pointer, expected, found, snippet, hint)
        self.file = file
        self.row = row
        self.line = line
        self.pointer = pointer
        self.expected = expected
        self.found = found
        self.snippet = snippet
        self.hint = hint

    @property
    def place(self) -> str:
        """Where the value is: ``train.jsonl:17``, ``train.parquet, row 16``, or ``row 16``."""
        if self.line is not None:
            return f"{self.file or 'line'}:{self.line}"
        parts = [] if self.file is None else [self.file]
        if self.row is not None:
            parts.append(f"row {self.row}")
        return ", ".join(parts) or "the data"

    def facts(self) -> dict[str, Any]:
        """The attributes as a dict, as a row of a report."""
        return {
            "file": self.file,
            "row": self.row,
            "line": self.line,
            "pointer": self.pointer,
            "expected": self.expected,
            "found": self.found,
            "snippet": self.snippet,
            "hint": self.hint,
        }

    def __str__(self) -> str:
        where = f"{self.place}, at {self.pointer}" if self.pointer else self.place
        text = f"{where}: expected {self.expected}, found {self.found}"
        if self.snippet:
            text += f": {self.snippet}"
        return f"{text}\n  {self.hint}" if self.hint else text

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild_schema_error, (self.facts(),)


def _rebuild_schema_error(facts: dict[str, Any]) -> SchemaError:
    return SchemaError(**facts)


class CastError(DatasetsError, ValueError):
    """The columns of a table are not the columns of the features that it should be cast to.

    Attributes:
        table_column_names: what the table has.
        requested_column_names: what the features ask for.
    """

    def __init__(
        self, table_column_names: Sequence[str], requested_column_names: Sequence[str]
    ) -> None:
        super().__init__(list(table_column_names), list(requested_column_names))
        self.table_column_names = list(table_column_names)
        self.requested_column_names = list(requested_column_names)

    def details(self) -> str:
        """How the two differ, in words."""
        new = sorted(set(self.table_column_names) - set(self.requested_column_names))
        missing = sorted(set(self.requested_column_names) - set(self.table_column_names))
        found = []
        if new:
            found.append(f"{len(new)} new columns ({_listed(new)})")
        if missing:
            found.append(f"{len(missing)} missing columns ({_listed(missing)})")
        return " and ".join(found) or "the same columns, some of them twice"

    def __str__(self) -> str:
        return (
            f"the column names don't match the features: {self.details()}; "
            "pass features= that name these columns, or rename or drop columns first"
        )


def _listed(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(map(repr, names[:most]))
    return shown if len(names) <= most else f"{shown}, ... {len(names) - most} more"


class MediaError(DatasetsError, OSError, ValueError):
    """An image, a sound or another media value can't be decoded.

    Attributes:
        kind: ``"image"``, ``"audio"``, ...
        reason: what the decoder said.
        path: the path stored with the value, or None.
        row: the row's number where known, else None.
        column: the column's name where known, else None.
    """

    def __init__(
        self,
        kind: str,
        reason: str,
        path: str | None = None,
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        super().__init__(reason)  # more arguments would mean an errno to OSError
        self.kind = kind
        self.reason = reason
        self.path = path
        self.row = row
        self.column = column

    def __str__(self) -> str:
        where = [] if self.path is None else [repr(self.path)]
        if self.row is not None:
            where.append(f"row {self.row}")
        if self.column is not None:
            where.append(f"column {self.column!r}")
        place = f" ({', '.join(where)})" if where else ""
        return (
            f"can't decode this {self.kind}{place}: {self.reason}; "
            'read it raw with decode=False, or pass on_error="null" or on_error="skip"'
        )

    def at(self, row: int | None, column: str | None) -> MediaError:
        """The same error with its place."""
        return MediaError(self.kind, self.reason, self.path, row, column)

    def __reduce__(self) -> tuple[Any, ...]:
        return MediaError, (self.kind, self.reason, self.path, self.row, self.column)


@contextmanager
def media_of_rows(number: Callable[[int], int]) -> Iterator[None]:
    """A ``MediaError`` from inside names the row of the dataset, not of what was read of it.

    Args:
        number: from a row of those that are read (0 for a single one) to its number.
    """
    try:
        yield
    except MediaError as error:
        raise error.at(int(number(error.row or 0)), error.column) from error


class MissingExtraError(DatasetsError, ImportError):
    """An optional dependency is needed and is not installed.

    Attributes:
        purpose: what it is needed for.
        package: the distribution that is missing.
        extra: the extra of crucible-datasets that brings it.
    """

    def __init__(self, purpose: str, package: str, extra: str) -> None:
        super().__init__(purpose, package, extra)
        self.purpose = purpose
        self.package = package
        self.extra = extra

    def __str__(self) -> str:
        return (
            f"{self.purpose} needs {self.package}; "
            f"install it with: pip install 'crucible-datasets[{self.extra}]'"
        )


class ChecksumVerificationError(DatasetsError):
    """Downloaded files are not the recorded ones."""


class UnexpectedDownloadedFileError(ChecksumVerificationError):
    """A file was downloaded that is not recorded."""


class ExpectedMoreDownloadedFilesError(ChecksumVerificationError):
    """A recorded file was not downloaded."""


class NonMatchingChecksumError(ChecksumVerificationError):
    """A file's digest is not the recorded one."""


class SplitsVerificationError(DatasetsError):
    """The splits are not the recorded ones."""


class UnexpectedSplitsError(SplitsVerificationError):
    """There is a split that is not recorded."""


class ExpectedMoreSplitsError(SplitsVerificationError):
    """A recorded split is missing."""


class NonMatchingSplitsSizesError(SplitsVerificationError):
    """A split has another number of rows than recorded."""
