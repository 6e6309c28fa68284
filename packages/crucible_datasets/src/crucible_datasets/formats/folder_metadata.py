"""Metadata files beside media: a row a line, media by the file names in it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats import get_format
from crucible_datasets.formats.conform import conform_rows
from crucible_datasets.formats.extensions import METADATA_NAMES
from crucible_datasets.formats.folder_rows import media_value
from crucible_datasets.formats.scan import FileScan, cut
from crucible_datasets.formats.sources import local_file
from crucible_datasets.formats.table_shard import TableShard
from crucible_datasets.schema import Features, List, Value
from crucible_datasets.schema.validate import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from crucible_datasets.formats.base import DataFile, Scan, Shard
    from crucible_datasets.formats.folder_rows import MediaKind
    from crucible_datasets.schema.validate import Validation

_FORMATS = {".csv": "csv", ".jsonl": "json", ".parquet": "parquet"}
_TEXTS = (Value("string"), Value("large_string"))
_ONE, _MANY = "file_name", "file_names"


@dataclass(frozen=True, slots=True)
class Metadata:
    """The metadata files of a dataset, as they were found.

    Attributes:
        scans: split -> its metadata files' rows, as they are written.
        features: the columns, with media in place of file names.
        media: metadata column -> the column of media that it becomes.
    """

    scans: Mapping[str, Scan]
    features: Features
    media: Mapping[str, str]


def find_metadata(
    splits: Mapping[str, Sequence[DataFile]], kind: MediaKind, names: Sequence[str] | None
) -> Metadata | None:
    """The metadata files among the files of all splits, or None if there are none.

    Raises:
        ValueError: they are in several formats, or name no media file.
    """
    wanted = frozenset(names) if names else METADATA_NAMES
    found = {
        split: [file for file in files if posixpath.basename(file.name) in wanted]
        for split, files in splits.items()
    }
    files = [file for listed in found.values() for file in listed]
    if not files:
        return None
    endings = {posixpath.splitext(file.name)[1] for file in files}
    if len(endings) > 1:
        raise ValueError(f"Found metadata files with different extensions: {sorted(endings)}")
    [ending] = endings
    if ending not in _FORMATS:
        raise ValueError(f"metadata files end in {sorted(_FORMATS)}, not in {ending!r}")
    present = {split: listed for split, listed in found.items() if listed}
    scans = get_format(_FORMATS[ending]).scan_splits(present, features=None, options={})
    written = next(iter(scans.values())).features
    media = {name: new for name in written if (new := _media_name(name, written, kind))}
    if not media:
        raise ValueError(
            f"{files[0].name}: `file_name`, `*_file_name`, `file_names` or `*_file_names` must be "
            f"among its columns, which are {list(written)}"
        )
    features = Features()
    for name, feature in written.items():
        if name in media:
            inner = kind.feature()
            features[media[name]] = List(inner) if name.endswith(_MANY) else inner
        else:
            features[name] = feature
    return Metadata(scans, features, media)


def _media_name(name: str, features: Features, kind: MediaKind) -> str | None:
    """The column of media that a column of file names becomes, or None if it is not one."""
    feature = features[name]
    if name == _ONE or name.endswith(f"_{_ONE}"):
        return (name[: -len(_ONE) - 1] or kind.column) if feature in _TEXTS else None
    if (name == _MANY or name.endswith(f"_{_MANY}")) and feature in map(List, _TEXTS):
        return name[: -len(_MANY) - 1] or f"{kind.column}s"
    return None


class MetadataScan(FileScan):
    """The rows of the metadata files of one split."""

    def __init__(
        self,
        metadata: Metadata,
        split: str,
        media: Sequence[DataFile],
        features: Features | None,
        validation: Validation = None,
    ) -> None:
        scan = metadata.scans.get(split)
        super().__init__(() if scan is None else scan.files, features or metadata.features)
        self._shards = [] if scan is None else scan.shards()
        self._renamed = dict(metadata.media)
        self._validation = validation
        # Files in a plain folder are found by their path; the others only among those listed.
        self._media = {file.name: file for file in media if _is_listed_only(file)}

    def shards(self, *, pieces: bool = False) -> list[Shard]:
        """Those of the metadata files."""
        whole = [
            MetadataShard(shard, file, self.features, self._renamed, self._media, self._validation)
            for shard, file in zip(self._shards, self.files, strict=True)
        ]
        return cut(whole) if pieces else [*whole]


@dataclass(frozen=True, slots=True)
class MetadataShard(TableShard):
    """Some rows of a metadata file.

    Attributes:
        inner: the rows as they are written.
        file: the metadata file.
        features: the columns.
        renamed: metadata column -> column of media.
        media: name -> file, for those that are not found by their path.
        validation: what becomes of values that are not of their type.
    """

    inner: Shard
    file: DataFile
    features: Features
    renamed: Mapping[str, str]
    media: Mapping[str, DataFile]
    validation: Validation = None

    def num_rows(self) -> int | None:
        """As the metadata file tells."""
        return self.inner.num_rows()

    def pieces(self) -> list[MetadataShard]:
        """Those of the metadata file."""
        return [replace(self, inner=piece) for piece in self.inner.pieces()]

    def tables(self, columns: Sequence[str], start: int, batch_size: int) -> Iterator[pa.Table]:
        """The rows in order; files on this machine are named, others are read."""
        features = self.features.select(columns)
        row = start
        for batch in self.inner.batches(start=start, batch_size=batch_size):
            rows = [self._row(written, features) for written in batch.to_pylist()]
            place = Place(self.file.name, row=row)
            yield conform_rows(rows, features, place, validation=self.validation)
            row += len(rows)

    def key(self) -> str:
        """The metadata's content and place; media are named by it."""
        return self.inner.key()

    def place(self) -> str:
        """The metadata file, for people."""
        return self.inner.place()

    def _row(self, written: dict[str, Any], features: Features) -> dict[str, Any]:
        row: dict[str, Any] = {}
        for name, value in written.items():
            column = self.renamed.get(name)
            if (column or name) not in features:
                continue
            if column is None:
                row[name] = value
            elif value is None:
                row[column] = None
            elif isinstance(value, list):
                row[column] = [None if v is None else self._media_of(v, name) for v in value]
            else:
                row[column] = self._media_of(value, name)
        return row

    def _media_of(self, name: str, column: str) -> dict[str, Any]:
        inside = posixpath.normpath(name.replace("\\", "/"))
        if "://" in name or inside.startswith(("/", "../")) or inside == ".." or ":" in inside[:2]:
            raise SchemaError(
                file=self.file.name,
                pointer=f"/{column}",
                expected="a path below the metadata file's folder",
                found=repr(name),
                hint="Invalid metadata file_name: it has to be relative, and must not climb out",
            )
        outer, hop, own = self.file.name.rpartition("::")
        path = f"{outer}{hop}{posixpath.join(posixpath.dirname(own), inside)}"
        listed = self.media.get(path)
        if listed is not None:
            return media_value(listed)
        try:
            return media_value(local_file(path))
        except FileNotFoundError as error:
            raise SchemaError(
                file=self.file.name,
                pointer=f"/{column}",
                expected="the name of a file of the dataset",
                found=repr(name),
                hint=f"add {path}, or remove the row",
            ) from error


def _is_listed_only(file: DataFile) -> bool:
    return str(file.local()) != file.name
