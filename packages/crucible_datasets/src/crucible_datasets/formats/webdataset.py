"""WebDataset: tar files in which the files of a row share a name and differ in their endings."""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.errors import FileFormatError, MissingExtraError
from crucible_datasets.formats.conform import conform_rows
from crucible_datasets.formats.extensions import media_extensions
from crucible_datasets.formats.members import members_of
from crucible_datasets.formats.one_reader import ReaderScan
from crucible_datasets.formats.scan import FileFormat
from crucible_datasets.schema import Audio, Features, Image, Video
from crucible_datasets.schema.validate import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema.validate import Validation

#: Rows of the first file that the types are found out from.
_LOOKED_AT = 5
_ROWS = 100

_NAME = re.compile(r"((?:.*/|)[^.]+)[.]([^/]*)")
_CODECS = frozenset({"gz", "bz2", "xz", "zst", "lz4"})
_MEDIA: Mapping[str, type[Any]] = {
    ending.removeprefix("."): feature
    for column, feature in (("video", Video), ("audio", Audio), ("image", Image))
    for ending in media_extensions(column)
    if not (column == "audio" and ending in media_extensions("video"))
}


class WebDatasetFormat(FileFormat):
    """Files that end in ``.tar``, compressed or not."""

    name = "webdataset"
    extensions = (".tar",)
    options = ()
    by_tables = False
    typed = True

    def scan(
        self,
        files: Sequence[DataFile],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> ReaderScan:
        """The rows of ``files``; without ``features`` the first rows of the first file tell.

        Raises:
            SchemaError: a later row has a field that the first ones have not.
        """
        reader = WebDatasetReader(options.get("validation"))
        return ReaderScan(files, features or infer_features(files[0]), reader)


@dataclass(frozen=True, slots=True)
class WebDatasetReader:
    """Reads tar files."""

    validation: Validation = None

    def tables(
        self, file: DataFile, features: Features, columns: Sequence[str]
    ) -> Iterator[pa.Table]:
        """The rows; fields that a row lacks are null."""
        media = [name for name, feature in features.items() if type(feature) in _MEDIA_TYPES]
        number = 0
        rows = samples(file)
        while batch := list(islice(rows, _ROWS)):
            for row in batch:
                for name in media:
                    if isinstance(row.get(name), bytes):
                        row[name] = {"path": f"{row['__key__']}.{name}", "bytes": row[name]}
            place = Place(file.name, row=number)
            yield conform_rows(batch, features, place, columns=columns, validation=self.validation)
            number += len(batch)

    def count(self, file: DataFile) -> int | None:  # noqa: ARG002 - it takes reading
        """None: a tar has no table of contents."""
        return None

    def key(self) -> str:
        """Nothing: there are no options."""
        return ""


def samples(file: DataFile) -> Iterator[dict[str, Any]]:
    """The rows of a tar file: fields by their endings, then ``__key__`` and ``__url__``.

    Raises:
        FileFormatError: a row has a field twice, or a field can't be decoded.
    """
    local = file.local()
    url = file.name if local is None else str(local)
    row: dict[str, Any] = {}
    key: str | None = None
    for name, member in members_of(file.source):
        found = _NAME.fullmatch(name)
        if found is None:
            continue
        if key is not None and found[1] != key:
            yield {**row, "__key__": key, "__url__": url}
            row = {}
        key, field = found[1], found[2]
        if field in row:
            raise FileFormatError(f"{file.name}: the row {key!r} has the field {field!r} twice")
        row[field] = _decoded(member, field, f"{file.name}::{name}")
    if key is not None:
        yield {**row, "__key__": key, "__url__": url}


def infer_features(file: DataFile) -> Features:
    """The features of the first rows of a tar file.

    Raises:
        FileFormatError: it has no rows, or they do not have the same fields.
    """
    rows = list(islice(samples(file), _LOOKED_AT))
    if not rows:
        raise FileFormatError(f"{file.name} has no files that are named like a WebDataset's")
    if any(row.keys() != rows[0].keys() for row in rows):
        raise FileFormatError(
            f"{file.name}: the TAR archives of the dataset should be in WebDataset format, but the "
            "files in the archive don't share the same prefix or the same types"
        )
    tables = [pa.Table.from_pylist([row]) for row in rows]
    features = Features.from_arrow_schema(
        pa.concat_tables(tables, promote_options="default").schema
    )
    for name in rows[0]:
        feature = _MEDIA.get(name.rpartition(".")[2].lower())
        if feature is not None:
            features[name] = feature()
    return features


_MEDIA_TYPES = (Image, Audio, Video)


def _decoded(member: IO[bytes], field: str, place: str) -> Any:
    last = field.rpartition(".")[2].lower()
    if last in _CODECS:
        from hfhub.extract import open_compressed

        with open_compressed(io.BytesIO(member.read())) as plain:
            data = plain.read()
        last = field.rpartition(".")[0].rpartition(".")[2].lower()
    else:
        data = member.read()
    decode = DECODERS.get(last)
    if decode is None:
        return data
    try:
        return decode(data)
    except (ValueError, UnicodeDecodeError) as error:
        raise FileFormatError(f"{place} can't be decoded as {last}: {error}") from error


def _text(data: bytes) -> str:
    return data.decode()


def _numpy(data: bytes) -> Any:
    import numpy as np

    return np.load(io.BytesIO(data), allow_pickle=False).tolist()


def _numpy_many(data: bytes) -> Any:
    import numpy as np

    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        return {name: arrays[name].tolist() for name in arrays.files}


def _with(package: str) -> Callable[[bytes], Any]:
    """A decoder that a package has to be installed for."""

    def decode(data: bytes) -> Any:
        try:
            import importlib

            module = importlib.import_module(package)
        except ImportError:
            raise MissingExtraError(
                f"reading {package} fields of a WebDataset", package, "webdataset"
            ) from None
        return module.unpackb(data) if package == "msgpack" else module.loads(data)

    return decode


#: Ending -> what makes a value of its bytes. Nothing here can run code: no pickles.
DECODERS: Mapping[str, Callable[[bytes], Any]] = {
    **dict.fromkeys(("txt", "text", "transcript"), _text),
    **dict.fromkeys(("cls", "cls2", "index", "inx", "id"), int),
    **dict.fromkeys(("json", "jsn"), json.loads),
    **dict.fromkeys(("mp", "msg"), _with("msgpack")),
    "cbor": _with("cbor"),
    "npy": _numpy,
    "npz": _numpy_many,
}

FORMAT = WebDatasetFormat()
