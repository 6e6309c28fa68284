"""Datasets as JSON files."""

from __future__ import annotations

import datetime
import decimal
import io
import math
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa

from crucible_datasets.export.python import json_decoded, json_names
from crucible_datasets.export.target import opened
from crucible_datasets.table.rows import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from crucible_datasets.dataset.base import BaseDataset

_OURS = {"orient", "lines", "index", "force_ascii", "indent"}
_ORIENTS = ("records", "split", "index", "columns", "values", "table")
_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_PASSTHROUGH_DATETIME
_MANY_ROWS = 5000
"""Rows that are worth importing Polars for."""
_ROWS_TOGETHER = 4096
_EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)


def write_json(
    ds: BaseDataset,
    target: Any,
    batch_size: int | None,
    storage_options: Mapping[str, Any] | None,
    kwargs: dict[str, Any],
) -> int:
    """Write all rows; see :meth:`ExportVerbs.to_json`.

    Raises:
        NotImplementedError: the compression is not supported, or lines are off and the rows do not
            fit one batch.
        ValueError: a value can't be written as JSON.
    """
    kwargs = {name: value for name, value in kwargs.items() if name != "path_or_buf"}
    orient = kwargs.pop("orient", "records")
    lines = kwargs.pop("lines", orient == "records")
    is_path = not hasattr(target, "write")
    compression = kwargs.pop("compression", "infer" if is_path else None)
    if orient not in _ORIENTS:
        raise ValueError(f"orient must be one of {_ORIENTS}, not {orient!r}")
    if lines and orient != "records":
        raise ValueError("lines=True needs orient='records'")
    if not lines and batch_size is not None and batch_size < len(ds):
        raise NotImplementedError(
            f"with lines=False all rows are one JSON value: batch_size={batch_size} is less than "
            f"the {len(ds)} rows; leave it out"
        )
    with opened(target, compression, storage_options) as file:
        written = 0
        for piece in _pieces(ds, orient, lines, kwargs):
            written += len(piece)
            file.write(piece)
    return written


def _pieces(ds: BaseDataset, orient: str, lines: bool, kwargs: dict[str, Any]) -> Iterator[bytes]:
    by_pandas = set(kwargs) - _OURS or ("index" in kwargs and orient != "split")
    if by_pandas or (lines and kwargs.get("indent")):
        yield from _by_pandas(ds, orient, lines, kwargs)
    elif lines:
        yield from json_lines(ds)
    else:
        rows = [row for batch in _row_batches(ds) for row in batch]
        value = _oriented(ds, rows, orient, keep_index=bool(kwargs.get("index", False)))
        indent = orjson.OPT_INDENT_2 if kwargs.get("indent") else 0
        yield dumps(value, indent) + b"\n"


def json_lines(ds: BaseDataset) -> Iterator[bytes]:
    """The rows as JSON lines, a batch at a time."""
    if len(ds) >= _MANY_ROWS and _same_by_polars(ds):
        yield from _lines_by_polars(ds)
        return
    for rows in _row_batches(ds):
        yield b"".join([dumps(row, orjson.OPT_APPEND_NEWLINE) for row in rows])


def _lines_by_polars(ds: BaseDataset) -> Iterator[bytes]:
    """The same bytes, five times as fast: no Python object is made of a value."""
    from crucible_datasets.table.frames import to_polars
    from crucible_datasets.table.workers import ordered

    def text(batch: pa.RecordBatch) -> bytes:
        lines = io.BytesIO()
        to_polars(pa.Table.from_batches([batch])).write_ndjson(lines)
        return lines.getvalue()

    return ordered(text, ds.table.passing(_ROWS_TOGETHER))


def _same_by_polars(ds: BaseDataset) -> bool:
    """Whether Polars writes these columns as we do: it has other ideas about times and floats32."""
    return not json_names(ds.features) and all(map(_is_plain, ds.table.schema.types))


def _is_plain(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _is_plain(kind.value_type)
    if pa.types.is_struct(kind):
        names = [field.name for field in kind]
        return bool(names) and all(names) and all(_is_plain(field.type) for field in kind)
    return bool(
        pa.types.is_integer(kind)
        or pa.types.is_float64(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
    )


def _row_batches(ds: BaseDataset) -> Iterator[list[dict[str, Any]]]:
    for batch in ds.table.batches():
        yield json_decoded(rows_of(batch), ds.features)


def _oriented(ds: BaseDataset, rows: list[dict[str, Any]], orient: str, *, keep_index: bool) -> Any:
    """The rows as one value, laid out as pandas does."""
    names = ds.column_names
    if orient == "records":
        return rows
    if orient == "values":
        return [list(row.values()) for row in rows]
    if orient == "index":
        return {str(index): row for index, row in enumerate(rows)}
    if orient == "columns":
        return {name: {str(index): row[name] for index, row in enumerate(rows)} for name in names}
    if orient == "split":
        index = {"index": list(range(len(rows)))} if keep_index else {}
        return {"columns": names, **index, "data": [list(row.values()) for row in rows]}
    fields = [{"name": name, "type": _table_type(ds, name)} for name in names]
    return {"schema": {"fields": fields, "pandas_version": "1.4.0"}, "data": rows}


def _table_type(ds: BaseDataset, name: str) -> str:
    dtype = str(getattr(ds.features[name], "dtype", ""))
    for prefix, kind in (
        ("int", "integer"),
        ("uint", "integer"),
        ("float", "number"),
        ("bool", "boolean"),
        ("timestamp", "datetime"),
    ):
        if dtype.startswith(prefix):
            return kind
    return "string"


def dumps(value: Any, option: int = 0) -> bytes:
    """JSON text: UTF-8, integers of any size, NaN as null, times as milliseconds.

    Raises:
        ValueError: something in it has no JSON form.
    """
    try:
        return orjson.dumps(value, default=_other, option=_OPTIONS | option)
    except TypeError as error:
        if "Integer exceeds" in str(error):
            return _with_big_integers(value, option)
        raise ValueError(f"a row can't be written as JSON: {error.__cause__ or error}") from error


def _with_big_integers(value: Any, option: int) -> bytes:
    import json

    end = "\n" if option & orjson.OPT_APPEND_NEWLINE else ""
    text = json.dumps(_finite(value), separators=(",", ":"), ensure_ascii=False, default=_other)
    return f"{text}{end}".encode()


def _finite(value: Any) -> Any:
    """``value`` with None for the numbers that JSON has no form for."""
    if isinstance(value, dict):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _other(value: Any) -> Any:
    if isinstance(value, datetime.datetime):
        zoned = value if value.tzinfo else value.replace(tzinfo=datetime.UTC)
        return (zoned - _EPOCH) // datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.date):
        midnight = datetime.datetime(value.year, value.month, value.day, tzinfo=datetime.UTC)
        return (midnight - _EPOCH) // datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.timedelta):
        return value // datetime.timedelta(milliseconds=1)
    if isinstance(value, datetime.time):
        return value.isoformat()
    if isinstance(value, decimal.Decimal):
        return str(value)  # as a number it would be read back as a float, without all its digits
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            raise TypeError(
                f"{len(value)} bytes that are no text; remove the column, or encode it (base64)"
            ) from None
    raise TypeError(f"a {type(value).__name__} has no JSON form")


def _by_pandas(
    ds: BaseDataset, orient: str, lines: bool, kwargs: dict[str, Any]
) -> Iterator[bytes]:
    """The rows as pandas writes them: it knows options that we do not."""
    from crucible_datasets.export.frames import frames_to_write

    if orient in ("split", "table"):
        kwargs.setdefault("index", False)
    for frame in frames_to_write(ds, max(len(ds), 1)):
        text: str = frame.to_json(orient=orient, lines=lines, **kwargs)
        if len(ds) or not lines:
            yield text.encode() if text.endswith("\n") else f"{text}\n".encode()
