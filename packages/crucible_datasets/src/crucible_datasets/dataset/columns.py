"""Columns: which ones, in which order, called what, holding what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from crucible_datasets.dataset import grouping, labels
from crucible_datasets.dataset.alignment import aligned, is_null
from crucible_datasets.dataset.arrays import column_as, inferred_column
from crucible_datasets.dataset.base import BaseDataset, check_columns
from crucible_datasets.dataset.casting import cast_columns, flatten_columns
from crucible_datasets.dataset.create import stored
from crucible_datasets.dataset.plain import array_of
from crucible_datasets.schema import Features, List, Value
from crucible_datasets.table.table import Table, check_unique, concat

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from crucible_datasets.schema.report import Report


class ColumnVerbs(BaseDataset):
    """Columns are references: only a cast that changes what is stored reads, its column only."""

    def select_columns(
        self, column_names: str | Sequence[str], new_fingerprint: str | None = None
    ) -> Self:
        """Only some columns, in the order given; without any there are no rows either.

        Args:
            column_names: one or several.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: one of them is not there.
        """
        names = [column_names] if isinstance(column_names, str) else list(column_names)
        check_columns(names, self.column_names)
        table = self._table.select_columns(names)
        if not names:
            table = table.select_rows(range(0))
        return self.derive(
            table=table, features=self._features.select(names), fingerprint=new_fingerprint
        )

    def remove_columns(
        self, column_names: str | Sequence[str], new_fingerprint: str | None = None
    ) -> Self:
        """All columns but some.

        Args:
            column_names: one or several.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: one of them is not there.
        """
        names = dict.fromkeys([column_names] if isinstance(column_names, str) else column_names)
        check_columns(list(names), self.column_names)
        kept = [name for name in self.column_names if name not in names]
        return self.select_columns(kept, new_fingerprint)

    def rename_column(
        self,
        original_column_name: str,
        new_column_name: str,
        new_fingerprint: str | None = None,
    ) -> Self:
        """One column called otherwise, in its place.

        Args:
            original_column_name: what it is called.
            new_column_name: what it shall be called.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: the one is not there, or the other is.
        """
        check_columns([original_column_name], self.column_names)
        if new_column_name in self.column_names:
            raise ValueError(f"there is a column {new_column_name!r} already: {self.column_names}")
        return self.rename_columns({original_column_name: new_column_name}, new_fingerprint)

    def rename_columns(
        self, column_mapping: Mapping[str, str], new_fingerprint: str | None = None
    ) -> Self:
        """Several columns called otherwise, in their place.

        Args:
            column_mapping: old name -> new name.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: a column is not there, or two would have one name.
        """
        check_columns(list(column_mapping), self.column_names)
        if not all(column_mapping.values()):
            raise ValueError(f"a new column name is empty: {dict(column_mapping)}")
        if not all(isinstance(name, str) for name in column_mapping.values()):
            raise TypeError(f"the names of columns are strings: {dict(column_mapping)}")
        check_unique(list(column_mapping.values()))
        table = self._table.rename(column_mapping)
        features = Features(
            {column_mapping.get(name, name): feature for name, feature in self._features.items()}
        )
        return self.derive(
            table=table,
            features=features,
            format=self._format.renamed(column_mapping),
            fingerprint=new_fingerprint,
        )

    def add_column(
        self,
        name: str,
        column: Any,
        new_fingerprint: str | None = None,
        feature: Any = None,
    ) -> Self:
        """One column more, at the end.

        Args:
            name: what it is called.
            column: a value for each row.
            new_fingerprint: a name for the result's content.
            feature: what the values are; found out if None.

        Raises:
            ValueError: there is such a column already, or there are too many or too few values.
        """
        check_unique([*self.column_names, name])
        if feature is None:
            array = column if isinstance(column, pa.ChunkedArray) else array_of(_plain(column))
            added = pa.table({name: array})
            found = Features.from_arrow_schema(added.schema)
            added = stored(added, found)
        else:
            added = pa.table({name: column_as(_plain(column), feature)})
            found = Features({name: feature})
        if added.num_rows != len(self):
            raise ValueError(f"column {name!r} has {added.num_rows} values for {len(self)} rows")
        return self.derive(
            table=self._table.with_columns(Table.from_arrow(added)),
            features=Features({**self._features, **found}),
            fingerprint=new_fingerprint,
        )

    def add_item(self, item: Mapping[str, Any], new_fingerprint: str | None = None) -> Self:
        """One row more, at the end; columns that either side lacks are None.

        Args:
            item: the row.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: a value can't become what its column is.
        """
        added = pa.table(
            {name: inferred_column([value], "", None).array for name, value in item.items()}
        )
        found = Features.from_arrow_schema(added.schema)
        features = Features(
            {
                **self._features,
                **{n: f for n, f in found.items() if is_null(self._features.get(n, Value("null")))},
            }
        )
        row = Table.from_arrow(stored(added, found))
        tables = [
            aligned(self._table, self._features, features),
            aligned(row, found, features),
        ]
        return self.derive(table=concat(tables), features=features, fingerprint=new_fingerprint)

    def cast(
        self,
        features: Features,
        batch_size: int | None = 1000,
        keep_in_memory: bool = False,
        load_from_cache_file: bool | None = None,
        cache_file_name: str | None = None,
        writer_batch_size: int | None = 1000,
        num_proc: int | None = None,
    ) -> Self:
        """Every column as a new feature, in the order of ``features``.

        Args:
            features: the same columns, with what they shall hold.
            batch_size: taken, and not needed.
            keep_in_memory: taken, and not needed.
            load_from_cache_file: taken, and not needed.
            cache_file_name: taken, and not needed.
            writer_batch_size: taken, and not needed.
            num_proc: taken, and not needed.

        Raises:
            TypeError: a column's type can't become the feature's.
            ValueError: a value can't, or the columns are others.
        """
        del batch_size, keep_in_memory, load_from_cache_file, cache_file_name, writer_batch_size
        if sorted(features) != sorted(self.column_names):
            raise ValueError(
                f"the features have columns {list(features)}, the dataset {self.column_names}"
            )
        features = Features(features)
        table = cast_columns(self._table, self._features, features)
        return self.derive(table=table, features=features, format=self._format)

    def cast_column(self, column: str, feature: Any, new_fingerprint: str | None = None) -> Self:
        """One column as a new feature, such as ``Image()`` or ``ClassLabel(names=...)``.

        Args:
            column: which one.
            feature: what it shall hold.
            new_fingerprint: a name for the result's content.

        Raises:
            TypeError: its type can't become the feature's.
            ValueError: a value can't, or there is no such column.
        """
        check_columns([column], self.column_names)
        features = Features({**self._features, column: feature})
        table = cast_columns(self._table, self._features, features)
        return self.derive(
            table=table, features=features, format=self._format, fingerprint=new_fingerprint
        )

    def validate(self, features: Features, *, limit: int = 1000) -> Report:
        """Every value that is not as ``features`` say; the rows are read, and stay as they are.

        The report counts all mismatches, and has the first of them in full: row, place
        inside the row, what was expected and found, and what would accept it; ``to_polars()``
        gives them as a table.

        Args:
            features: what the columns should hold.
            limit: how many mismatches are kept.
        """
        from crucible_datasets.dataset.checking import check_rows

        return check_rows(self._table, self._features, Features(features), limit)

    def flatten(self, new_fingerprint: str | None = None, max_depth: int = 16) -> Self:
        """Structs as columns of their fields, called ``column.field``.

        Args:
            new_fingerprint: a name for the result's content.
            max_depth: how many levels at most, plus one.
        """
        table, features = flatten_columns(self._table, self._features, max_depth)
        return self.derive(
            table=table,
            features=features,
            format=self._format.only(features),
            fingerprint=new_fingerprint,
        )

    def unique(self, column: str) -> list[Any]:
        """The different values of a column, in the order in which they come first.

        Raises:
            ValueError: there is no such column.
        """
        check_columns([column], self.column_names)
        values: list[Any] = self._table.to_arrow([column]).column(0).unique().to_pylist()
        return values

    def class_encode_column(self, column: str, include_nulls: bool = False) -> Self:
        """A column of plain values as labels, sorted by name.

        Args:
            column: which one.
            include_nulls: make ``None`` a label; else nulls stay null.

        Raises:
            ValueError: there is no such column, or it holds no plain values.
        """
        check_columns([column], self.column_names)
        array, label = labels.encoded(self._table, column, self._features[column], include_nulls)
        return self._replaced(column, array, label)

    def align_labels_with_mapping(self, label2id: Mapping[str, int], label_column: str) -> Self:
        """Labels renumbered as a model numbers them; names are compared in lower case.

        Args:
            label2id: names and their numbers.
            label_column: a column of labels, or of lists of labels.

        Raises:
            KeyError: a label of the column has no number.
            ValueError: there is no such column, or it holds no labels.
        """
        check_columns([label_column], self.column_names)
        feature = self._features[label_column]
        array, label = labels.aligned(self._table, label_column, feature, label2id)
        return self._replaced(label_column, array, label)

    def batch(
        self,
        batch_size: int | None = None,
        by_column: str | Sequence[str] | None = None,
        drop_last_batch: bool = False,
        num_proc: int | None = None,
        new_fingerprint: str | None = None,
    ) -> Self:
        """Consecutive rows put together as one: each column becomes a column of lists.

        Args:
            batch_size: rows in a batch.
            by_column: or rows that are equal in these columns.
            drop_last_batch: leave out a last batch that is not full.
            num_proc: taken, and not needed.
            new_fingerprint: a name for the result's content.

        Raises:
            ValueError: neither is given, or there is no such column.
        """
        del num_proc
        if by_column is not None:
            names = [by_column] if isinstance(by_column, str) else list(by_column)
            check_columns(names, self.column_names)
            table = grouping.by_columns(self._table, names, batch_size, drop_last_batch)
        elif batch_size is not None:
            table = grouping.by_size(self._table, batch_size, drop_last_batch)
        else:
            raise ValueError("give batch_size or by_column")
        features = Features({name: List(feature) for name, feature in self._features.items()})
        return self.derive(table=table, features=features, fingerprint=new_fingerprint)

    def _replaced(self, column: str, array: pa.ChunkedArray, feature: Any) -> Self:
        table = self._table.with_columns(Table.from_arrow(pa.table({column: array})))
        return self.derive(table=table, features=Features({**self._features, column: feature}))


def _plain(column: Any) -> Any:
    return column if hasattr(column, "__array__") or isinstance(column, list) else list(column)
