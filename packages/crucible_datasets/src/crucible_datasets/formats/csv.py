"""CSV and TSV, with the options and the types that pandas gives them. A shard is a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from crucible_datasets.formats.csv_columns import ColumnType, missing_as_null, typed
from crucible_datasets.formats.csv_options import OPTION_NAMES, CsvOptions
from crucible_datasets.formats.csv_text import Layout, read_layout, text_tables
from crucible_datasets.formats.one_reader import ReaderScan
from crucible_datasets.schema import Features
from crucible_datasets.schema.validate import Place, Validator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from crucible_datasets.formats.base import DataFile
    from crucible_datasets.schema.report import Report
    from crucible_datasets.schema.validate import Mode, Validation


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
        reader = CsvReader(how, options.get("validation"))
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


@dataclass(frozen=True, slots=True)
class CsvReader:
    """Reads CSV files."""

    options: CsvOptions
    validation: Validation = None

    def tables(
        self, file: DataFile, features: Features, columns: Sequence[str]
    ) -> Iterator[pa.Table]:
        """The rows; a column that the file has not is null.

        Raises:
            SchemaError: a text is not of its column's type, or, unless that is left to the peer's
                ways, the columns are others.
        """
        wanted = features.select(columns)
        stored = wanted.storage_schema
        layout = read_layout(file, self.options)
        # Texts have no type of their own: what spells a value is one in every mode.
        mode: Mode | Report = "strict"
        exact = False
        if self.validation is not None and self.validation != "off":
            mode = self.validation
            exact = mode != "coerce"
            written = pa.schema([(name, pa.string()) for name in _wanted(layout, self.options)])
            Validator(features, mode).compare(written, Place(file.name))
        validator = Validator(wanted, mode)

        def read(name: str, texts: pa.Array) -> pa.Array:
            return typed(texts, wanted[name], stored.field(name).type, self.options, exact=exact)

        row = 0
        for table in _columns(file, self.options, layout):
            found = validator.convert(table, Place(file.name, row=row), read=read)
            yield found.replace_schema_metadata(None)
            row += table.num_rows

    def count(self, file: DataFile) -> int | None:  # noqa: ARG002 - it takes reading
        """None: a row may take several lines."""
        return None

    def key(self) -> str:
        """The options that are set."""
        return self.options.key()


def _columns(file: DataFile, options: CsvOptions, layout: Layout) -> Iterator[pa.Table]:
    """The wanted columns as text, null where a value is missing, in one chunk each."""
    names = _wanted(layout, options)
    for table in text_tables(file, options, layout):
        columns = []
        for name in names:
            column = table.column(name)
            convert = _converter(layout, name, options)
            if convert is None:
                columns.append(missing_as_null(column, options.missing(name)))
            else:
                given = [convert(text or "") for text in column.to_pylist()]
                columns.append(
                    pa.array([None if v is None else str(v) for v in given], pa.string())
                )
        yield pa.Table.from_arrays(columns, names=names)


def _wanted(layout: Layout, options: CsvOptions) -> list[str]:
    names = list(layout.names)
    if options.usecols is not None:
        if callable(options.usecols):
            chosen = set(filter(options.usecols, names))
        else:
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
    layout = read_layout(file, options)
    for name in _wanted(layout, options):
        types.setdefault(name, ColumnType())
    for table in _columns(file, options, layout):
        for name in table.column_names:
            types[name].see(table.column(name).chunk(0), options)
        rows += table.num_rows
        read += table.nbytes
        if prefix is not None and read >= prefix:
            break
    return rows


FORMAT = CsvFormat()
