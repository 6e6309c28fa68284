"""CSV and TSV, with the options and the types that pandas gives them. A shard is a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.errors import SchemaError
from crucible_datasets.formats.csv_columns import ColumnType, missing_as_null, typed
from crucible_datasets.formats.csv_options import OPTION_NAMES, CsvOptions
from crucible_datasets.formats.csv_text import Layout, read_layout, text_tables
from crucible_datasets.formats.one_reader import ReaderScan
from crucible_datasets.schema import Features

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema.report import Report


class CsvFormat:
    """Files that end in ``.csv`` or ``.tsv``."""

    name = "csv"
    extensions = (".csv", ".tsv")
    options = OPTION_NAMES
    by_tables = True
    typed = False

    def scan(
        self, files: Sequence[DataFile], *, features: Features | None, options: Mapping[str, Any]
    ) -> ReaderScan:
        """The rows of ``files``; without ``features`` all of them are read once to infer types.

        Args:
            files: CSV files.
            features: the columns wanted, and their types; others are not read.
            options: those of ``pandas.read_csv``.

        Raises:
            SchemaError: a row has too many fields, or a value is not of the type; it says where.
        """
        return self.scan_splits({"": files}, features=features, options=options)[""]

    def scan_splits(
        self,
        splits: Mapping[str, Sequence[DataFile]],
        *,
        features: Features | None,
        options: Mapping[str, Any],
    ) -> dict[str, ReaderScan]:
        """One scan a split; types are inferred over the files of all of them."""
        how = CsvOptions.read(options)
        reader = CsvReader(how)
        if features is not None:
            return {split: ReaderScan(files, features, reader) for split, files in splits.items()}
        types: dict[str, ColumnType] = {}
        prefix = options.get("prefix")
        if prefix is not None:
            first = next(file for files in splits.values() for file in files)
            seen = _survey(first, how, types, prefix)
            found = Features({name: kind.feature(seen) for name, kind in types.items()})
            return {split: ReaderScan(files, found, reader) for split, files in splits.items()}
        rows = {
            split: [_survey(file, how, types) for file in files] for split, files in splits.items()
        }
        total = sum(map(sum, rows.values()))
        found = Features({name: kind.feature(total) for name, kind in types.items()})
        return {
            split: ReaderScan(files, found, reader, rows[split]) for split, files in splits.items()
        }

    def check(
        self,
        files: Sequence[DataFile],
        features: Features,
        options: Mapping[str, Any],
        report: Report,
    ) -> None:
        """Add to ``report`` every text that is not of its column's type."""
        how = CsvOptions.read(options)
        for file in files:
            done = 0
            for table in _columns(file, how):
                for field in features.storage_schema:
                    if field.name in table.column_names:
                        values = table.column(field.name).chunk(0)
                        wrong = _wrong(values, features[field.name], field.type, how)
                        for row in wrong:
                            report.add(_mismatch(file, done + row, values[row], field, features))
                done += table.num_rows
                report.rows += table.num_rows


@dataclass(frozen=True, slots=True)
class CsvReader:
    """Reads CSV files."""

    options: CsvOptions

    def tables(
        self, file: DataFile, features: Features, columns: Sequence[str]
    ) -> Iterator[pa.Table]:
        """The rows; a column that the file has not is null."""
        schema = features.select(columns).storage_schema.remove_metadata()
        done = 0
        for table in _columns(file, self.options):
            arrays = []
            for field in schema:
                if field.name not in table.column_names:
                    arrays.append(pa.nulls(table.num_rows, field.type))
                    continue
                values = table.column(field.name).chunk(0)
                try:
                    arrays.append(typed(values, features[field.name], field.type, self.options))
                except (ValueError, TypeError) as error:
                    wrong = _wrong(values, features[field.name], field.type, self.options)
                    row = next(wrong, 0)
                    raise _mismatch(file, done + row, values[row], field, features) from error
            yield pa.Table.from_arrays(arrays, schema=schema)
            done += table.num_rows

    def count(self, file: DataFile) -> int | None:  # noqa: ARG002 - it takes reading
        """None: a row may take several lines."""
        return None

    def key(self) -> str:
        """The options that are set."""
        return self.options.key()


def _columns(file: DataFile, options: CsvOptions) -> Iterator[pa.Table]:
    """The wanted columns as text, null where a value is missing, in one chunk each."""
    layout = read_layout(file, options)
    names = _wanted(layout, options)
    for table in text_tables(file, options, layout):
        columns = []
        for name in names:
            column = table.column(name)
            convert = _converter(layout, name, options)
            if convert is None:
                columns.append(missing_as_null(column, options))
            else:
                given = [convert(text or "") for text in column.to_pylist()]
                columns.append(
                    pa.array([None if v is None else str(v) for v in given], pa.string())
                )
        yield pa.Table.from_arrays(columns, names=names)


def _wanted(layout: Layout, options: CsvOptions) -> list[str]:
    names = list(layout.names)
    if options.usecols is not None:
        chosen = {names[n] if isinstance(n, int) else n for n in options.usecols}
        if unknown := sorted(chosen - set(names)):
            raise ValueError(f"usecols={unknown} are not among the columns {names}")
        names = [name for name in names if name in chosen]
    if options.index_col is not None:
        # pandas makes them the index, which comes behind the columns.
        index = [layout.names[n] if isinstance(n, int) else n for n in options.index_col]
        names = [name for name in names if name not in index] + index
    return names


def _converter(layout: Layout, name: str, options: CsvOptions) -> Any:
    if not options.converters:
        return None
    return options.converters.get(name, options.converters.get(layout.names.index(name)))


def _survey(
    file: DataFile, options: CsvOptions, types: dict[str, ColumnType], prefix: int | None = None
) -> int:
    """Read the file, or its first bytes: columns go into ``types``, the rows are counted."""
    rows = read = 0
    for name in _wanted(read_layout(file, options), options):
        types.setdefault(name, ColumnType())
    for table in _columns(file, options):
        for name in table.column_names:
            types[name].see(table.column(name).chunk(0), options)
        rows += table.num_rows
        read += table.nbytes
        if prefix is not None and read >= prefix:
            break
    return rows


def _wrong(
    values: pa.Array, feature: Any, stored: pa.DataType, options: CsvOptions
) -> Iterator[int]:
    """The places of the texts that are not of a column's type."""
    try:
        typed(values, feature, stored, options)
    except (ValueError, TypeError):
        for number in range(len(values)):
            try:
                typed(values.slice(number, 1), feature, stored, options)
            except (ValueError, TypeError):
                yield number


def _mismatch(
    file: DataFile, row: int, text: pa.Scalar, field: pa.Field, features: Features
) -> SchemaError:
    return SchemaError(
        file=file.name,
        row=row,
        pointer=f"/{field.name}",
        expected=str(features[field.name]),
        found=repr(text.as_py()),
        hint=f"declare {field.name!r} as Value('string'), or leave features= out",
    )


FORMAT = CsvFormat()
