"""``map`` row by row: a function's answer beside, or over, the columns of its row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from crucible_datasets.stream.call import note_place
from crucible_datasets.stream.cursor import Cursor, Reader, fixed
from crucible_datasets.stream.node import Step, standing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crucible_datasets.schema import Features
    from crucible_datasets.stream.call import Call
    from crucible_datasets.stream.cursor import Locator
    from crucible_datasets.stream.node import Bundle, Node, Place, Reading, Row


class RowFunction(Step):
    """What steps with a Python function of rows have in common."""

    typed_input: bool

    @property
    def tabular(self) -> bool:
        """Functions give rows."""
        return False

    @property
    def arrow(self) -> bool:
        """``datasets`` reads rows behind a function."""
        return False

    @property
    def pure(self) -> bool:
        """Never: there is a function."""
        return False

    @property
    def one_by_one(self) -> bool:
        """The function is called when a row is asked for."""
        return True

    def reader(self, reading: Reading, place: Place) -> Reader:
        """A reader of whole rows: a function may look at any column."""
        return Reader(self.child, reading.all_columns(chunked=self.typed_input), place)


@dataclass(frozen=True, slots=True)
class Map(RowFunction):
    """Each row with the values that a function gave for it.

    Attributes:
        call: the function. Its answer is a mapping of columns.
        remove: columns of the input to leave out.
        types: the features of the result, where the user knows them.
        typed_input: whether the input's features were known when the step was added.
    """

    child: Node
    call: Call
    remove: tuple[str, ...] = ()
    types: Features | None = None
    typed_input: bool = True

    @property
    def features(self) -> Features | None:
        """Those that the user gave."""
        return self.types

    def settings(self) -> dict[str, Any]:
        """What can be said of the step without looking into the function."""
        return {"function": self.call.name, "remove": self.remove}

    def open(self, reading: Reading, place: Place) -> Cursor:
        """A cursor that calls the function when a row is asked for, not before."""
        return _MapCursor(self, reading, place)


class _MapCursor(Cursor):
    """Stands at ``(index of the next row, place in the input)``."""

    def __init__(self, node: Map, reading: Reading, place: Place) -> None:
        self._index, inner = standing(place, 0, None)
        self._node = node
        self._reader = node.reader(reading, inner)

    def place(self) -> Place:
        return (self._index, self._reader.place())

    def locator(self) -> Locator:
        return fixed(self._reader.where())

    def close(self) -> None:
        self._reader.close()

    def __iter__(self) -> Iterator[Bundle]:
        call, remove = self._node.call, self._node.remove
        function = call.function if call.plain else None
        for row in self._reader.rows():
            try:
                answer = function(dict(row)) if function else call(dict(row), self._index)
                result = merged(row, answer, remove)
            except Exception as error:
                note_place(error, call, self._index, self._reader.where())
                raise
            self._index += 1
            yield [result]


def merged(row: Row, answer: Any, remove: tuple[str, ...]) -> Row:
    """``row`` without the columns ``remove``, and with those of ``answer`` over it."""
    if type(answer) is not dict and not isinstance(answer, Mapping):
        raise TypeError(
            f"the function given to map must return a dict of columns, not {type(answer).__name__}"
        )
    if remove:
        row = {name: value for name, value in row.items() if name not in remove}
    return {**row, **answer}
