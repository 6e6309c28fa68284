"""``map`` and ``filter`` with a function of many rows at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.call import note_place
from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.map import RowFunction
from crucible_datasets.stream.node import standing
from crucible_datasets.stream.rows import columns_of, columns_of_rows, rows_of_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.call import Call
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading

    Columns = dict[str, Any]


class BatchFunction(RowFunction):
    """What steps with a Python function of batches have in common."""

    call: Call
    size: int | None
    drop_last: bool

    @property
    def one_by_one(self) -> bool:
        """A batch's rows come together."""
        return False

    def batches(self, reader: Reader, features: Features | None) -> Iterator[tuple[int, Columns]]:
        """``(rows, columns)`` of each batch; ``size`` None takes all rows for one."""
        size = self.size if self.size is not None and self.size > 0 else None
        most = (1 << 62) if size is None else size
        while True:
            if self.child.tabular:
                block = reader.read(most)
                count = 0 if block is None else block.num_rows
                columns = {} if block is None else columns_of(block, features)
            else:
                rows = reader.take(most)
                count = len(rows)
                columns = columns_of_rows(rows) if rows else {}
            if not count or (self.drop_last and size is not None and count < size):
                return
            yield count, columns


@dataclass(frozen=True, slots=True)
class MapBatches(BatchFunction):
    """Batches of rows with the columns that a function gave for them; rows may get more or fewer.

    Attributes:
        call: the function. It is given and gives columns as lists.
        size: rows in a batch; all if None or not positive.
        drop_last: leave out the last batch if it is smaller.
        remove: columns of the input to leave out.
        types: the features of the result, where the user knows them.
        typed_input: whether the input's features were known when the step was added.
    """

    child: Node
    call: Call
    size: int | None = 1000
    drop_last: bool = False
    remove: tuple[str, ...] = ()
    types: Features | None = None
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Those that the user gave."""
        return self.types

    def settings(self) -> dict[str, Any]:
        """What can be said of the step without looking into the function."""
        return {"function": self.call.name, "size": self.size, "remove": self.remove}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that calls the function when a row of the batch is asked for."""
        return _MapBatchesCursor(self, reading, place)


@dataclass(frozen=True, slots=True)
class FilterBatches(BatchFunction):
    """The rows for which a function of batches gives something true."""

    child: Node
    call: Call
    size: int | None = 1000
    typed_input: bool = True
    drop_last: bool = False

    @property
    def features(self) -> Features | None:
        """Those of the input."""
        return self.child.features

    def settings(self) -> dict[str, Any]:
        """What can be said of the step without looking into the function."""
        return {"function": self.call.name, "size": self.size}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that calls the function when a row of the batch is asked for."""
        return _FilterBatchesCursor(self, reading, place)


class _BatchCursor(Cursor):
    """Stands at ``(index of the next row of the input, place in the input)``."""

    def __init__(self, node: MapBatches | FilterBatches, reading: Reading, place: Place) -> None:
        self._index, inner = standing(place, 0, None)
        self._call = node.call
        self._reader = node.reader(reading, inner)
        self._batches = node.batches(self._reader, node.child.features)

    def place(self) -> Place:
        return (self._index, self._reader.place())

    def locator(self) -> Locator:
        return fixed(f"a batch that ends at {self._reader.where()}")

    def close(self) -> None:
        self._reader.close()

    def _answers(self) -> Iterator[tuple[Columns, Any]]:
        """Each batch with what the function says of it."""
        for count, columns in self._batches:
            indices = list(range(self._index, self._index + count))
            try:
                answer = self._call(dict(columns), indices)
            except Exception as error:
                note_place(error, self._call, f"{indices[0]} to {indices[-1]}", self.locator()(0))
                raise
            self._index += count
            yield columns, answer


class _MapBatchesCursor(_BatchCursor):
    def __init__(self, node: MapBatches, reading: Reading, place: Place) -> None:
        super().__init__(node, reading, place)
        self._remove = node.remove

    def __iter__(self) -> Iterator[Bundle]:
        for columns, answer in self._answers():
            result = as_columns(answer)
            kept = {n: values for n, values in columns.items() if n not in self._remove}
            yield rows_of_columns(merged_columns(kept, result))


class _FilterBatchesCursor(_BatchCursor):
    def __iter__(self) -> Iterator[Bundle]:
        for columns, mask in self._answers():
            rows = rows_of_columns(columns)
            if len(mask) != len(rows):
                raise ValueError(
                    f"the function given to filter must return one bool a row: {len(rows)} rows, "
                    f"but {len(mask)} values"
                )
            yield [row for row, keep in zip(rows, mask, strict=True) if keep]


def as_columns(answer: Any) -> Mapping[str, Any]:
    """What a batched function gave, as columns.

    Raises:
        TypeError: it is nothing that has columns.
    """
    if isinstance(answer, Mapping):
        return answer
    for method in ("to_pydict", "to_dict"):  # an Arrow table, a Polars or pandas frame
        convert = getattr(answer, method, None)
        if convert is not None:
            options: dict[str, Any] = {}
            if type(answer).__module__.startswith("polars"):
                options = {"as_series": False}
            if type(answer).__module__.startswith("pandas"):
                options = {"orient": "list"}
            found: Mapping[str, Any] = convert(**options)
            return found
    raise TypeError(
        f"a batched function must return a dict of columns, not {type(answer).__name__}"
    )


def merged_columns(kept: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """``kept`` and ``result`` together.

    Raises:
        ValueError: if the columns have different lengths.
    """
    lengths = {name: len(values) for name, values in result.items()}
    if lengths:
        first = next(iter(lengths))
        bad = {name: n for name, n in lengths.items() if n != lengths[first]}
        bad.update(
            (name, len(values))
            for name, values in kept.items()
            if name not in result and len(values) != lengths[first]
        )
        if bad:
            raise ValueError(
                f"Column lengths mismatch: columns {list(bad)} have length {list(bad.values())} "
                f"while {first} has length {lengths[first]}; return all columns at the same "
                "length, or leave the others out with remove_columns"
            )
    return {**kept, **result}
