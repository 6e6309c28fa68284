"""Media files as rows, without metadata: the file, and its folder's name as a label."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.formats.conform import conform_rows
from crucible_datasets.formats.scan import FileScan
from crucible_datasets.formats.table_shard import TableShard
from crucible_datasets.schema.columns import NOT_BUILT, build_table
from crucible_datasets.schema.validate import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from crucible_datasets.formats.base import DataFile, Shard
    from crucible_datasets.schema import Features
    from crucible_datasets.schema.validate import Validation

#: Files in a piece: few enough that their bytes fit into memory where they have to be read.
_PIECE = 256


@dataclass(frozen=True, slots=True)
class MediaKind:
    """What the files of a folder are.

    Attributes:
        column: the name of their column.
        feature_name: the feature's class in :mod:`crucible_datasets.schema`.
        extensions: the endings of their names, in lower case.
    """

    column: str
    feature_name: str
    extensions: frozenset[str]

    def feature(self) -> Any:
        """The feature of their column."""
        from crucible_datasets import schema

        return getattr(schema, self.feature_name)()

    def is_one(self, file: DataFile) -> bool:
        """Whether the file's name ends like one."""
        return posixpath.splitext(file.name)[1].lower() in self.extensions


class FolderScan(FileScan):
    """Media files as rows."""

    def __init__(
        self,
        files: Sequence[DataFile],
        features: Features,
        kind: MediaKind,
        validation: Validation = None,
    ) -> None:
        super().__init__(files, features)
        self.kind = kind
        self.validation = validation

    def shards(self, *, pieces: bool = False) -> list[Shard]:
        """One a file, as the peer has it; pieces are runs of files, to be read at once."""
        size = _PIECE if pieces else 1
        return [
            FolderShard(self.files[at : at + size], self.features, self.kind, self.validation)
            for at in range(0, len(self.files), size)
        ]

    def num_rows(self) -> int:
        """One a file."""
        return len(self.files)


@dataclass(frozen=True, slots=True)
class FolderShard(TableShard):
    """Some media files.

    Attributes:
        files: a row each.
        features: the columns: the media, and ``label`` if they have one.
        kind: what they are.
        validation: what becomes of columns that are of another kind.
    """

    files: tuple[DataFile, ...]
    features: Features
    kind: MediaKind
    validation: Validation = None

    def num_rows(self) -> int | None:
        """One a file."""
        return len(self.files)

    def pieces(self) -> list[FolderShard]:
        """Itself: it is small."""
        return [self]

    def tables(self, columns: Sequence[str], start: int, batch_size: int) -> Iterator[pa.Table]:
        """The rows in order; files on this machine are named, others are read."""
        features = self.features.select(columns)
        for at in range(start, len(self.files), batch_size):
            yield self._table(self.files[at : at + batch_size], features)

    def key(self) -> str:
        """The files' contents."""
        return "+".join(file.key() for file in self.files)

    def place(self) -> str:
        """The first file, for people."""
        return self.files[0].name if self.files else "no file"

    def _table(self, files: Sequence[DataFile], features: Features) -> pa.Table:
        """Files as rows, all at once; one by one where each may have to be named.

        Raises:
            SchemaError: a file's row is not as the features say.
        """
        rows = [self._row(file, features) for file in files]
        if self.validation in (None, "off"):
            try:
                return build_table(rows, features).replace_schema_metadata(None)
            except NOT_BUILT:
                pass  # the file is found below
        tables = [
            conform_rows([row], features, Place(file.name), validation=self.validation)
            for row, file in zip(rows, files, strict=True)
        ]
        return pa.concat_tables(tables)

    def _row(self, file: DataFile, features: Features) -> dict[str, Any]:
        row: dict[str, Any] = {"label": label_of(file)} if "label" in features else {}
        if self.kind.column in features:
            row[self.kind.column] = media_value(file)
        return row


def label_of(file: DataFile) -> str:
    """The name of the folder that the file lies in."""
    return posixpath.basename(posixpath.dirname(file.name.rpartition("::")[2]))


def media_value(file: DataFile) -> dict[str, Any]:
    """The file as media features store it: by path if it lies here, else with its bytes."""
    local = file.local()
    if local is not None:
        return {"bytes": None, "path": str(local)}
    with file.open() as stream:
        return {"bytes": stream.read(), "path": file.path}
