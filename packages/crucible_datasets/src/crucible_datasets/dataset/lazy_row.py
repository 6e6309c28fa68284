"""Rows and batches that a function gets: dicts whose values are made when they are looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any

from crucible_datasets.dataset.snapshot import snapshot
from crucible_datasets.errors import media_of_rows
from crucible_datasets.table.rows import values_of

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from crucible_datasets.schema import Features


class _Pending:
    """The place of a value that nobody has looked at."""

    __slots__ = ()  # without attributes the garbage collector does not look into rows that hold it

    def __repr__(self) -> str:
        return "PENDING"


PENDING = _Pending()


class SourceColumns:
    """The columns of a batch as Python lists, each made when one of its values is asked for.

    Args:
        batch: the rows, as they are stored; all columns, or those that are likely to be asked for.
        features: what the columns hold.
        names: of all columns; those of ``batch`` by default.
        load: gives a column that ``batch`` does not have.
        first: the number of its first row, for errors.
    """

    __slots__ = (
        "_batch", "_before", "_decoded", "_first", "_load", "_loaded", "assigned", "blank",
        "features", "lists", "names",
    )  # fmt: skip

    def __init__(
        self,
        batch: pa.RecordBatch,
        features: Features,
        names: list[str] | None = None,
        load: Callable[[str], pa.Array] | None = None,
        *,
        first: int = 0,
    ) -> None:
        self._batch = batch
        self._first = first
        self._load = load
        self._loaded: dict[str, pa.Array] = {}
        self.names: list[str] = batch.schema.names if names is None else names
        self.features = features
        self.lists: dict[str, list[Any]] = {}
        self.assigned: set[str] = set()
        self._decoded = features.decodable
        self._before: dict[str, list[Any]] = {}
        #: A row of which nothing is known yet, to be copied.
        self.blank: dict[str, Any] = dict.fromkeys(self.names, PENDING)

    @property
    def num_rows(self) -> int:
        """How many rows there are."""
        count: int = self._batch.num_rows
        return count

    def stored(self, name: str) -> pa.Array:
        """A column as it is stored."""
        index = self._batch.schema.get_field_index(name)
        if index >= 0 or self._load is None:
            return self._batch.column(index if index >= 0 else name)
        array = self._loaded.get(name)
        if array is None:
            array = self._loaded[name] = self._load(name)
        return array

    def column(self, name: str) -> list[Any]:
        """The values of a column; the same objects at every call."""
        values = self.lists.get(name)
        if values is None:
            values = self.lists[name] = self.fresh(name)
            if name not in self._decoded:
                self._before[name] = snapshot(values, self.stored(name).type)
        return values

    def unchanged(self, name: str) -> bool | None:
        """Whether the values of a column that was looked at are what they were; None: no telling."""
        before = self._before.get(name)
        if before is None:
            return None
        try:
            return snapshot(self.lists[name], self.stored(name).type) == before
        except (AttributeError, TypeError, ValueError):  # something else was put in
            return False

    def fresh(self, name: str) -> list[Any]:
        """The values of a column, made anew."""
        with media_of_rows(range(self._first, self._first + self.num_rows).__getitem__):
            return self.features.decode_column(values_of(self.stored(name)), name)

    def value(self, name: str, index: int) -> Any:
        """One value; media are decoded one by one."""
        values = self.lists.get(name)
        if values is not None and (known := values[index]) is not PENDING:
            return known
        if name in self._decoded and name not in self.lists:
            self.lists[name] = [PENDING] * self.num_rows
        found = self.column(name)[index]
        if found is PENDING:
            stored = self.stored(name)[index : index + 1].to_pylist()
            with media_of_rows(lambda _: self._first + index):
                found = self.lists[name][index] = self.features.decode_column(stored, name)[0]
        return found


class LazyMapping(MutableMapping[str, Any]):
    """A dict over ``SourceColumns``: what is set stays set, what is not looked at is never made."""

    __slots__ = ("_data", "_source")

    def __init__(self, source: SourceColumns, data: dict[str, Any] | None = None) -> None:
        self._source = source
        self._data = source.blank.copy() if data is None else data

    def _make(self, key: str) -> Any:
        raise NotImplementedError

    def __getitem__(self, key: str) -> Any:
        value = self._data[key]
        if value is PENDING:
            value = self._data[key] = self._make(key)
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        self._data[key] = value
        self._source.assigned.add(key)

    def __delitem__(self, key: str) -> None:
        del self._data[key]
        self._source.assigned.add(key)

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def __contains__(self, key: object) -> bool:
        return key in self._data

    def __repr__(self) -> str:
        return repr(dict(self))

    def __or__(self, other: Any) -> Any:
        return self._merged(self, other) if isinstance(other, Mapping) else NotImplemented

    def __ror__(self, other: Any) -> Any:
        return self._merged(other, self) if isinstance(other, Mapping) else NotImplemented

    def __ior__(self, other: Any) -> Any:
        self.update(other)
        return self

    def copy(self) -> Any:
        """A mapping with the same values that is changed by itself."""
        return self.over(self._data.copy())

    __copy__ = copy

    def known(self) -> dict[str, Any]:
        """The values that were looked at or set."""
        return {key: value for key, value in self._data.items() if value is not PENDING}

    def peek(self, key: str) -> Any:
        """The value, ``PENDING`` if nobody has looked at it, or None if it was deleted."""
        return self._data.get(key)

    def _merged(self, first: Mapping[str, Any], second: Mapping[str, Any]) -> Any:
        data = {
            **(first._data if isinstance(first, LazyMapping) else first),  # noqa: SLF001 - its own kind
            **(second._data if isinstance(second, LazyMapping) else second),  # noqa: SLF001
        }
        self._source.assigned.update(data.keys())
        return self.over(data)

    def over(self, data: dict[str, Any]) -> Any:
        """The same source with other values."""
        raise NotImplementedError


class LazyRow(LazyMapping):
    """One row."""

    __slots__ = ("_index",)

    def __init__(
        self, source: SourceColumns, index: int, data: dict[str, Any] | None = None
    ) -> None:
        self._source = source
        self._index = index
        self._data = source.blank.copy() if data is None else data

    def _make(self, key: str) -> Any:
        return self._source.value(key, self._index)

    def over(self, data: dict[str, Any]) -> LazyRow:
        """The same row with other values."""
        return LazyRow(self._source, self._index, data)


class LazyBatch(LazyMapping):
    """A batch: lists by column."""

    __slots__ = ()

    def _make(self, key: str) -> Any:
        return self._source.column(key)

    def over(self, data: dict[str, Any]) -> LazyBatch:
        """The same batch with other values."""
        return LazyBatch(self._source, data)
