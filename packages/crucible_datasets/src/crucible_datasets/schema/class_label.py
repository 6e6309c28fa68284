"""``ClassLabel``: one of a fixed set of names, stored as its number."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence as AnySequence
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass
class ClassLabel:
    """One of a fixed set of names, stored as its number; -1 stands for "no label".

    >>> label = ClassLabel(names=["bad", "good"])
    >>> label
    ClassLabel(names=['bad', 'good'])
    >>> label.str2int("good"), label.int2str(0)
    (1, 'bad')

    Args:
        num_classes: how many; the names are then ``"0"``, ``"1"``, ...
        names: the names, in the order of their numbers.
        names_file: a text file with one name a line.
        id: kept, and not used.

    Raises:
        ValueError: if no set is given, two disagree, or a name is there twice.
        TypeError: if ``names`` has no order.
    """

    num_classes: InitVar[int | None] = None
    names: list[str] = None  # type: ignore[assignment]  # set below, whatever was given
    names_file: InitVar[str | None] = None
    id: str | None = field(default=None, repr=False)
    dtype: ClassVar[str] = "int64"
    _type: str = field(default="ClassLabel", init=False, repr=False)

    def __post_init__(self, num_classes: int | None, names_file: str | None) -> None:
        given: Any = self.names
        if given is not None and names_file is not None:
            raise ValueError("give the labels by names or by names_file, not by both")
        if given is None:
            self.names = _default_names(num_classes, names_file)
        elif not isinstance(self.names, AnySequence):
            raise TypeError(f"names must be a list, not a {type(self.names).__name__}")
        if num_classes is not None and num_classes != len(self.names):
            raise ValueError(f"num_classes is {num_classes}, but there are {len(self.names)} names")
        self.num_classes = len(self.names)  # type: ignore[attr-defined]  # shadows the InitVar
        self.names_file = names_file  # type: ignore[attr-defined]  # likewise
        self._int2str = [str(name) for name in self.names]
        self._str2int = {name: number for number, name in enumerate(self._int2str)}
        if len(self._str2int) != len(self._int2str):
            twice = sorted({name for name in self._int2str if self._int2str.count(name) > 1})
            raise ValueError(f"each label name must be there once, but {twice} are there twice")

    @property
    def count(self) -> int:
        """How many labels there are; the same as ``num_classes``."""
        return len(self._int2str)

    @property
    def pa_type(self) -> pa.DataType:
        """The Arrow type: int64."""
        import pyarrow as pa

        return pa.int64()

    def __call__(self) -> pa.DataType:
        """The Arrow type."""
        return self.pa_type

    def str2int(self, values: str | Iterable[Any]) -> Any:
        """The number of a name, or the list of numbers of several names.

        Args:
            values: a name, or an iterable of names; ``"3"`` may also stand for label 3.

        Raises:
            ValueError: if a name is unknown, or ``values`` is neither.
        """
        if isinstance(values, str):
            return self.number_of(values)
        if not isinstance(values, Iterable):
            raise ValueError(f"{values!r} is neither a label name nor an iterable of them")  # noqa: TRY004
        return [self.number_of(value) for value in values]

    def int2str(self, values: int | Iterable[Any]) -> Any:
        """The name of a number, or the list of names of several numbers.

        Args:
            values: a number, or an iterable of numbers.

        Raises:
            ValueError: if a number is no label (-1 has no name), or ``values`` is neither.
        """
        if isinstance(values, int):
            return self._name_of(values)
        if not isinstance(values, Iterable):
            raise ValueError(f"{values!r} is neither a label number nor an iterable of them")  # noqa: TRY004
        return [self._name_of(value) for value in values]

    def number_of(self, name: Any) -> int:
        """The number of one name.

        Raises:
            ValueError: if it is not a label's name and not a label's number as text.
        """
        text = str(name)
        number = self._str2int.get(text)
        if number is None:
            number = self._str2int.get(text.strip())
        if number is not None:
            return number
        try:
            number = int(text)
        except ValueError:
            number = None
        if number is None or not -1 <= number < self.count:
            raise ValueError(f"{text!r} is not a label; the labels are {_shown(self._int2str)}")
        return number

    def _name_of(self, number: Any) -> str:
        if not 0 <= number < self.count:
            raise ValueError(f"{number:d} is not a label; labels are 0 to {self.count - 1}")
        return self._int2str[int(number)]

    def encode_example(self, value: Any) -> Any:
        """The number to store for a name or a number.

        Raises:
            ValueError: if it is no label and not -1.
        """
        number = self.number_of(value) if isinstance(value, str) else value
        if not -1 <= number < self.count:
            raise ValueError(
                f"{number:d} is not a label; labels are 0 to {self.count - 1}, or -1 for none"
            )
        return number

    def cast_storage(self, storage: pa.Array) -> pa.Array:
        """An Arrow array of numbers or names as one of int64 numbers.

        Raises:
            ValueError: if a name or a number is no label.
        """
        import pyarrow as pa
        import pyarrow.compute as pc

        from crucible_datasets.schema.cast import cast_array

        types = pa.types
        if types.is_dictionary(storage.type):
            return self.cast_storage(storage.dictionary_decode())
        if (
            types.is_string(storage.type)
            or types.is_large_string(storage.type)
            or types.is_string_view(storage.type)
        ):
            # each different name is looked up once
            encoded = storage.cast(pa.string()).dictionary_encode()
            numbers = pa.array([self.number_of(n) for n in encoded.dictionary.to_pylist()], "int64")
            return numbers.take(encoded.indices)
        labels = cast_array(storage, pa.int64())
        most = pc.max(labels).as_py()
        if most is not None and most >= self.count:
            raise ValueError(
                f"{most} is not a label; labels are 0 to {self.count - 1}, or -1 for none"
            )
        return labels


def _default_names(num_classes: int | None, names_file: str | None) -> list[str]:
    if names_file is not None:
        lines = Path(names_file).read_text(encoding="utf-8").split("\n")
        return [line.strip() for line in lines if line.strip()]
    if num_classes is None:
        raise ValueError("a ClassLabel needs num_classes, names or names_file")
    return [str(number) for number in range(num_classes)]


def _shown(names: list[str], most: int = 20) -> str:
    text = ", ".join(map(repr, names[:most]))
    return text if len(names) <= most else f"{text}, ... {len(names) - most} more"
