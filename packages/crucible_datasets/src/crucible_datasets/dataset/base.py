"""The state of a dataset, and how rows are read from it."""

from __future__ import annotations

import hashlib
import json
from itertools import chain
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from crucible_datasets.dataset import keys
from crucible_datasets.dataset.column import Column
from crucible_datasets.dataset.reading import read_rows
from crucible_datasets.errors import media_of_rows
from crucible_datasets.formatting.format import Format
from crucible_datasets.formatting.output import format_batch, format_row
from crucible_datasets.formatting.registry import TABLES
from crucible_datasets.info import DatasetInfo
from crucible_datasets.schema import Features
from crucible_datasets.splits import NamedSplit
from crucible_datasets.table.rows import DECODED_AT_ONCE, VALUES_AT_ONCE, in_turn, pieces, values_of
from crucible_datasets.table.table import Table, check_unique

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crucible_datasets.formats.base import DataFile


class BaseDataset:
    """A table, what its columns hold, and the format in which rows leave.

    Args:
        arrow_table: the rows, as an Arrow table or as ours.
        info: description, licence, features and so on.
        split: the name of the split that the rows are.
        indices_table: positions into the table (the first column), where not all rows are meant.
        fingerprint: a name for the content; made from the content when it is needed.

    Raises:
        ValueError: the features of ``info`` are not those of the table.
    """

    def __init__(
        self,
        arrow_table: pa.Table | Table,
        info: DatasetInfo | None = None,
        split: NamedSplit | str | None = None,
        indices_table: pa.Table | None = None,
        fingerprint: str | None = None,
    ) -> None:
        from crucible_datasets.dataset.create import adopt_table

        self._info = info.copy() if info is not None else DatasetInfo()
        self._table, self._features = adopt_table(arrow_table, self._info.features)
        if indices_table is not None:
            self._table = self._table.select_rows(indices_table.column(0).to_numpy())
        self._info.features = self._features
        self._split = None if split is None else NamedSplit(str(split))
        self._format = Format()
        self._fingerprint_given = fingerprint

    @classmethod
    def from_table(
        cls,
        table: Table,
        features: Features,
        *,
        split: NamedSplit | str | None = None,
        info: DatasetInfo | None = None,
        format: Format | None = None,  # noqa: A002 - it is one
        fingerprint: str | None = None,
    ) -> Self:
        """A dataset over ``table``, whose columns are those of ``features``; nothing is copied.

        Args:
            table: the rows.
            features: what the columns hold.
            split: the name of the split.
            info: what else is known; shared, not copied.
            format: how rows leave; Python objects by default.
            fingerprint: a name for the content, if it has one.
        """
        made = cls.__new__(cls)
        made.__setstate__(
            {
                "_table": table,
                "_features": features,
                "_info": DatasetInfo() if info is None else info,
                "_split": split
                if split is None or isinstance(split, NamedSplit)
                else NamedSplit(split),
                "_format": Format() if format is None else format,
                "_fingerprint_given": fingerprint,
            }
        )
        return made

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def derive(
        self,
        *,
        table: Table | None = None,
        features: Features | None = None,
        format: Format | None = None,  # noqa: A002
        fingerprint: str | None = None,
    ) -> Self:
        """This dataset with another table, features or format; the rest is shared.

        A format that names columns goes on with those that are left and those that are new, unless
        one is given.

        Raises:
            ValueError: the fingerprint can't name a file.
        """
        if fingerprint is not None:
            from crucible_datasets.fingerprint import check_name

            check_name(fingerprint)
        features = self._features if features is None else features
        chosen = self._format.carried(self._features, features) if format is None else format
        return type(self).from_table(
            self._table if table is None else table,
            features,
            split=self._split,
            info=self._info,
            format=chosen,
            fingerprint=fingerprint,
        )

    # -- what it is -----------------------------------------------------------------------------

    @property
    def table(self) -> Table:
        """The rows and columns, as they are stored."""
        return self._table

    @property
    def features(self) -> Features:
        """The columns and what they hold."""
        return self._features

    @property
    def info(self) -> DatasetInfo:
        """What is known of the dataset beside its rows."""
        if self._info.features is not self._features:
            # The info is shared with the datasets that this one came from, until one is asked for.
            self._info = self._info.copy()
            self._info.features = self._features
        return self._info

    @property
    def split(self) -> NamedSplit | None:
        """The split that the rows are, if that is known."""
        return self._split

    @property
    def rows_format(self) -> Format:
        """How rows leave."""
        return self._format

    @property
    def format(self) -> dict[str, Any]:
        """How rows leave, as ``set_format`` takes it."""
        return {
            "type": self._format.type,
            "format_kwargs": self._format.kwargs,
            "columns": self.column_names
            if self._format.columns is None
            else list(self._format.columns),
            "output_all_columns": self._format.output_all_columns,
        }

    @property
    def column_names(self) -> list[str]:
        """The columns' names, in order."""
        return self._table.column_names

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        return self._table.num_rows

    @property
    def num_columns(self) -> int:
        """How many columns there are."""
        return len(self._table.columns)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.num_rows, self.num_columns

    @property
    def data(self) -> pa.Table:
        """All rows as an Arrow table with the features' types and metadata.

        This reads every row that is not in memory yet.
        """
        from crucible_datasets.schema.cast import with_extension_types

        return with_extension_types(self._table.to_arrow(), self._features)

    @property
    def data_files(self) -> tuple[DataFile, ...]:
        """The data files that rows come from, in order."""
        return self._table.files

    @property
    def cache_files(self) -> list[dict[str, str]]:
        """The files that rows are read from: data files, and Arrow files that we wrote."""
        paths = [*self._table.cache_paths, *(file.path for file in self._table.files)]
        return [{"filename": path} for path in dict.fromkeys(paths)]

    @property
    def fingerprint(self) -> str:
        """A name for the content: equal in every process for equal rows, features and order."""
        if self._fingerprint_given is None:
            described = json.dumps(self._features.to_dict(), sort_keys=False)
            text = f"{self._table.key()}\n{described}"
            self._fingerprint_given = hashlib.sha256(text.encode()).hexdigest()[:16]
        return self._fingerprint_given

    _fingerprint = fingerprint  # the name that users of ``datasets`` know

    @property
    def builder_name(self) -> str | None:
        """The name of what loaded the dataset."""
        return self._info.builder_name

    @property
    def citation(self) -> str:
        """A BibTeX entry, or nothing."""
        return self._info.citation

    @property
    def config_name(self) -> str | None:
        """The configuration that was loaded."""
        return self._info.config_name

    @property
    def dataset_size(self) -> int | None:
        """Bytes of all splits in Arrow, where known."""
        return self._info.dataset_size

    @property
    def description(self) -> str:
        """What the dataset is, or nothing."""
        return self._info.description

    @property
    def download_checksums(self) -> dict[str, Any] | None:
        """Checksums by URL, where known."""
        return self._info.download_checksums

    @property
    def download_size(self) -> int | None:
        """Bytes of the files, where known."""
        return self._info.download_size

    @property
    def homepage(self) -> str:
        """A URL, or nothing."""
        return self._info.homepage

    @property
    def license(self) -> str:
        """The licence, or nothing."""
        return self._info.license

    @property
    def size_in_bytes(self) -> int | None:
        """Bytes of files and Arrow together, where known."""
        return self._info.size_in_bytes

    @property
    def supervised_keys(self) -> dict[str, Any] | None:
        """Input and label columns, where known."""
        return self._info.supervised_keys

    @property
    def version(self) -> Any:
        """The dataset's version, where known."""
        return self._info.version

    # -- reading --------------------------------------------------------------------------------

    def __len__(self) -> int:
        return self._table.num_rows

    def __getitem__(self, key: Any) -> Any:
        """A row by number, rows by slice, range or collection of numbers, a column by name.

        Raises:
            IndexError: there is no such row.
            TypeError: the key is of another kind; bool and float among them.
            ValueError: there is no such column.
        """
        if type(key) is int and self._format.is_plain:
            size = self._table.num_rows
            place = key + size if key < 0 else key
            if 0 <= place < size:
                row = self._table.row(place)
                if not self._features.decodable:
                    return row
                with media_of_rows(lambda _: place):
                    return self._features.decode_example(row)
        if isinstance(key, str):
            return self._column(key)
        if hasattr(key, "__index__") and getattr(key, "ndim", 0) == 0:
            at = keys.position(key, len(self))
            with media_of_rows(lambda _: at):
                return format_row(self._table.slice(at, 1), self._features, self._format)
        chosen = keys.rows(key, len(self))
        if isinstance(chosen, range) and chosen.step == 1:
            table = self._table.slice(chosen.start, len(chosen))
        else:
            table = self._table.gather(chosen)
        with media_of_rows(chosen.__getitem__):
            return format_batch(table, self._features, self._format)

    def __getitems__(self, keys: list[int]) -> list[Any]:
        """Several rows as a list, which is what a torch ``DataLoader`` asks for."""
        batch = self[keys]
        count = len(batch[next(iter(batch))])
        return [{name: values[i] for name, values in batch.items()} for i in range(count)]

    def __iter__(self) -> Iterator[Any]:
        """The rows in order."""
        return read_rows(self._table, self._features, self._format)

    def iter(self, batch_size: int, drop_last_batch: bool = False) -> Iterator[Any]:
        """The rows in batches, in the dataset's format.

        Args:
            batch_size: rows in a batch; the last may have fewer.
            drop_last_batch: leave such a last batch out.
        """
        first = 0
        for batch in self._table.batches(batch_size, exact=True):
            if drop_last_batch and batch.num_rows < batch_size:
                return
            with media_of_rows(range(first, first + batch.num_rows).__getitem__):
                made = format_batch(pa.Table.from_batches([batch]), self._features, self._format)
            yield made
            first += batch.num_rows

    def _column(self, name: str) -> Any:
        if self._format.type not in TABLES:
            return Column(self, name)
        if name not in self._features:
            raise KeyError(f"there is no column {name!r}; the dataset has {self.column_names}")
        from crucible_datasets.formatting.output import format_column

        table = self._table.to_arrow([name])
        return format_column(table, self._features, self._format)

    def only_column(self, name: str) -> Self:
        """This dataset with one column; all of them if a transform may need them."""
        if self._format.type == "custom":
            return self
        return self.derive(
            table=self._table.select_columns([name]),
            features=Features({name: self._features[name]}),
            format=self._format.only([name]) if self._format.columns else None,
        )

    def iterate_column(self, name: str) -> Iterator[Any]:
        """The values of one column, in the dataset's format."""
        only = self.only_column(name)
        if not only.rows_format.is_plain:
            return (row[name] for row in only)
        media = name in only.features.decodable
        columns = (
            piece.column(0)
            for batch in only.table.batches()
            for piece in pieces(batch, DECODED_AT_ONCE if media else VALUES_AT_ONCE)
        )
        if not media:
            return chain.from_iterable(in_turn(columns, values_of))
        return chain.from_iterable(_decoded(columns, only.features, name))

    def __repr__(self) -> str:
        return f"Dataset({{\n    features: {self.column_names},\n    num_rows: {self.num_rows}\n}})"

    def __crucible_content__(self) -> Any:
        """What a hash of a function that holds this dataset is made of."""
        return self.fingerprint

    # -- life -----------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held open."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        # Tables never change and are shared; what a user may change is copied.
        return type(self).from_table(
            self._table,
            self._features.copy(),
            split=self._split,
            info=self._info.copy(),
            format=self._format,
            fingerprint=self._fingerprint_given,
        )


def _decoded(columns: Iterable[pa.Array], features: Features, name: str) -> Iterator[list[Any]]:
    first = 0
    for column in columns:
        with media_of_rows(range(first, first + len(column)).__getitem__):
            values = features.decode_column(values_of(column), name)
        yield values
        first += len(column)


def check_columns(names: Sequence[str], known: Sequence[str]) -> None:
    """Refuse names that are not columns.

    Raises:
        ValueError: names those that are missing, and those that there are.
    """
    there = set(known)
    missing = [name for name in names if name not in there]
    if missing:
        raise ValueError(f"there are no columns {missing}; the dataset has {list(known)}")
    check_unique(list(names))
