"""Chunks of JSON lines as tables in the storage types of given features."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa
import pyarrow.json

from crucible_datasets.errors import CastError, SchemaError
from crucible_datasets.formats.conform import conform
from crucible_datasets.schema import Features, Json, LargeList, List, Value, json_lines
from crucible_datasets.schema.cast import cast_column
from crucible_datasets.schema.infer import read_chunk
from crucible_datasets.schema.json_value import dumps

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOM = b"\xef\xbb\xbf"
_UNFIT = (TypeError, ValueError, OverflowError, pa.ArrowNotImplementedError)

Rows = list[dict[str, Any]]


class ExactReader:
    """Reads chunks whose features were inferred from them, so that everything fits.

    Args:
        features: the columns wanted, some or all of those inferred.
    """

    def __init__(self, features: Features) -> None:
        self.features = features
        self.schema = features.storage_schema.remove_metadata()
        mixed = {name for name, feature in features.items() if holds_json(feature)}
        self._mixed = bool(mixed)
        self._plain = pa.schema([field for field in self.schema if field.name not in mixed])

    def read(self, chunk: bytes, *, file: str, first_line: int) -> pa.Table:
        """The rows of whole lines of JSON."""
        chunk = chunk.removeprefix(_BOM)
        table = _parsed(chunk, self._plain, "ignore")
        if table is not None and not self._mixed:
            return table
        rows = json_lines.parse(chunk, file=file, first_line=first_line)
        return assembled(table, rows, self.features, chunk, file, first_line)


class DeclaredReader:
    """Reads chunks with declared features; what these can't hold is an error, never dropped.

    Args:
        features: all columns.
        wanted: those to give.
    """

    def __init__(self, features: Features, wanted: Sequence[str]) -> None:
        self.features = features
        self.wanted = list(wanted)
        self.schema = features.storage_schema.remove_metadata()
        self._mixed = any(map(holds_json, features.values()))

    def read(self, chunk: bytes, *, file: str, first_line: int) -> pa.Table:
        """The rows of whole lines of JSON.

        Raises:
            SchemaError: a row does not fit; it says which and where.
        """
        chunk = chunk.removeprefix(_BOM)
        table = None if self._mixed else _parsed(chunk, self.schema, "error")
        if table is not None:
            return table.select(self.wanted)
        rows = json_lines.parse(chunk, file=file, first_line=first_line)
        self._check_names(rows, chunk, file, first_line)
        features = self.features.select(self.wanted)
        return assembled(self._widened(chunk, rows), rows, features, chunk, file, first_line)

    def _widened(self, chunk: bytes, rows: Rows) -> pa.Table | None:
        """The columns without ``Json`` as pyarrow infers and casts them; None if one can't be."""
        table = read_chunk(chunk)
        if table is None or table.num_rows != len(rows):
            return None
        names = [
            name
            for name in self.wanted
            if not holds_json(self.features[name])
            and not (name in table.column_names and self._is_text_of_objects(table, name))
        ]
        try:
            present = table.select([name for name in names if name in table.column_names])
            return conform(present, self.features.select(names)) if names else None
        except (CastError, *_UNFIT):
            return None

    def _is_text_of_objects(self, table: pa.Table, name: str) -> bool:
        found = table.schema.field(name).type
        return bool(pa.types.is_struct(found) and self.features[name] == Value("string"))

    def _check_names(self, rows: Rows, chunk: bytes, file: str, first_line: int) -> None:
        """Refuse keys that no column is declared for: they would be dropped."""
        unknown = set().union(*rows) - set(self.features) if rows else set()
        if not unknown:
            return
        for number, row in json_lines.parse_each(chunk, file=file, first_line=first_line):
            for name in row:
                if name in unknown:
                    raise SchemaError(
                        file=file,
                        line=number,
                        pointer=f"/{json_lines.pointer_part(name)}",
                        expected=f"no other columns than {list(self.features)}",
                        found=f"the key {name!r}",
                        snippet=json_lines.snippet(dumps(row[name])),
                        hint=f"add {name!r} to features=, or leave features= out",
                    )


def assembled(
    table: pa.Table | None,
    rows: Rows,
    features: Features,
    chunk: bytes,
    file: str,
    first_line: int,
) -> pa.Table:
    """The columns of ``features``: those that ``table`` has from there, the others from ``rows``.

    Raises:
        SchemaError: a value can't be stored; it says which and where.
    """
    schema = features.storage_schema.remove_metadata()
    columns = []
    for field in schema:
        if table is not None and field.name in table.column_names:
            columns.append(table.column(field.name))
            continue
        values = [row.get(field.name) for row in rows]
        try:
            columns.append(column_of(values, features[field.name], field.type))
        except _UNFIT as error:
            lines = json_lines.parse_each(chunk, file=file, first_line=first_line)
            raise _located(field, features[field.name], list(lines), file) from error
    return pa.Table.from_arrays(columns, schema=schema)


def column_of(values: list[Any], feature: Any, storage: pa.DataType) -> pa.Array:
    """Parsed values as a column in a feature's storage type.

    Raises:
        TypeError: or ValueError or OverflowError, if one can't be stored.
    """
    stored = [to_storage(feature, value) for value in values]
    try:
        return pa.array(stored, type=storage)
    except _UNFIT:
        return cast_column(pa.array(stored), feature, storage)


def to_storage(feature: Any, value: Any) -> Any:
    """A parsed value with each ``Json`` in it as text.

    Raises:
        ValueError: an object has keys that the feature has not.
    """
    if value is None:
        return None
    if isinstance(feature, Json):
        return dumps(value)
    if isinstance(feature, dict) and isinstance(value, dict):
        if unknown := value.keys() - feature.keys():
            raise ValueError(f"it also has the keys {sorted(unknown)}")
        return {name: to_storage(inner, value.get(name)) for name, inner in feature.items()}
    if isinstance(feature, List | LargeList) and isinstance(value, list):
        return [to_storage(feature.feature, item) for item in value]
    if isinstance(value, dict | list) and feature == Value("string"):
        return dumps(value)
    return value


def holds_json(feature: Any) -> bool:
    """Whether a ``Json`` is in it, at any depth."""
    if isinstance(feature, dict):
        return any(map(holds_json, feature.values()))
    if isinstance(feature, List | LargeList):
        return holds_json(feature.feature)
    return isinstance(feature, Json)


def _parsed(
    chunk: bytes, schema: pa.Schema, unexpected: Literal["ignore", "error"]
) -> pa.Table | None:
    """The columns of ``schema`` as pyarrow parses them into its types, or None if it refuses."""
    if len(schema) == 0:
        return None
    try:
        table = pyarrow.json.read_json(
            io.BytesIO(chunk),
            read_options=pyarrow.json.ReadOptions(
                use_threads=False, block_size=min(len(chunk) + 1, 2**31 - 1)
            ),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior=unexpected
            ),
        )
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return table.select(schema.names)


def _located(
    field: pa.Field, feature: Any, lines: list[tuple[int, dict[str, Any]]], file: str
) -> SchemaError:
    """The error for the first row whose value in a column can't be stored."""
    name = field.name
    pointer = f"/{json_lines.pointer_part(name)}"
    hint = f"declare {name!r} as Json(), or leave features= out to have it inferred"
    for number, row in lines:
        value = row.get(name)
        try:
            column_of([value], feature, field.type)
        except _UNFIT as error:
            return SchemaError(
                file=file,
                line=number,
                pointer=pointer,
                expected=str(feature),
                found=f"{json_lines.kind_of(value)} ({error})",
                snippet=json_lines.snippet(dumps(value)),
                hint=hint,
            )
    # Each value can be stored, but not all of them in one column.
    return SchemaError(
        file=file,
        line=lines[0][0] if lines else None,
        pointer=pointer,
        expected=str(feature),
        found=f"values in the {len(lines)} rows from here that don't go into one column",
        hint=hint,
    )
