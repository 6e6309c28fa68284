"""One value out of an Arrow array, read from its buffers.

``array[i].as_py()`` makes a scalar object for each nested value; a list of message structs costs
7 µs that way and 2 µs through these readers. Types that are rare in rows go the long way.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable

_INTEGER_CODES = {
    pa.int8(): "b",
    pa.uint8(): "B",
    pa.int16(): "h",
    pa.uint16(): "H",
    pa.int32(): "i",
    pa.uint32(): "I",
    pa.int64(): "q",
    pa.uint64(): "Q",
    pa.float32(): "f",
    pa.float64(): "d",
}


def value_reader(array: pa.Array) -> Callable[[int], Any]:
    """A function that reads the value at a position, as ``array[i].as_py()`` gives it."""
    inner = _reader(array)
    validity = array.buffers()[0]
    if validity is None or array.null_count == 0:  # an array of nulls has no bits for them
        return inner
    valid = memoryview(validity)
    offset = array.offset

    def read(i: int) -> Any:
        at = i + offset
        return inner(i) if valid[at >> 3] >> (at & 7) & 1 else None

    return read


def _reader(array: pa.Array) -> Callable[[int], Any]:
    kind = array.type
    if kind in _INTEGER_CODES:
        return _number(array, _INTEGER_CODES[kind])
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _text(array)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return _bytes(array)
    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _list(array)
    if pa.types.is_struct(kind):
        return _struct(array)
    if pa.types.is_null(kind):
        return _nothing
    if isinstance(kind, pa.BaseExtensionType):
        return value_reader(array.storage)

    def read(i: int) -> Any:
        return array[i].as_py()

    return read


def _nothing(_: int) -> None:
    return None


def _view(buffer: pa.Buffer | None, code: Any) -> memoryview[Any]:
    plain: memoryview[Any] = memoryview(b"" if buffer is None else buffer).cast("B")
    return plain[: len(plain) - len(plain) % struct.calcsize(code)].cast(code)


def _number(array: pa.Array, code: str) -> Callable[[int], Any]:
    values = _view(array.buffers()[1], code)
    offset = array.offset
    if offset == 0:
        return values.__getitem__

    def read(i: int) -> Any:
        return values[i + offset]

    return read


def _offsets(array: pa.Array) -> memoryview[Any]:
    kind = array.type
    large = (
        pa.types.is_large_string(kind)
        or pa.types.is_large_binary(kind)
        or pa.types.is_large_list(kind)
    )
    return _view(array.buffers()[1], "q" if large else "i")


def _text(array: pa.Array) -> Callable[[int], Any]:
    ends, data = _parts(array)

    def read(i: int) -> str:
        return str(data[ends[i] : ends[i + 1]], "utf8")

    return read


def _parts(array: pa.Array) -> tuple[memoryview[Any], memoryview[Any]]:
    """Where the texts or bytes of an array end, and all of them one after the other."""
    return _offsets(array)[array.offset :], _view(array.buffers()[2], "B")


def _texts_of(array: pa.Array) -> tuple[memoryview[Any], memoryview[Any]] | None:
    """The same of texts among which no null is; None for anything else."""
    kind = array.type
    if array.null_count or not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        return None
    return _parts(array)


def _bytes(array: pa.Array) -> Callable[[int], Any]:
    ends, data = _parts(array)

    def read(i: int) -> bytes:
        return bytes(data[ends[i] : ends[i + 1]])

    return read


def _list(array: pa.Array) -> Callable[[int], Any]:
    ends = _offsets(array)
    offset = array.offset
    values = array.values
    if pa.types.is_struct(values.type) and values.null_count == 0:
        return _list_of_structs(ends, offset, values)
    if values.type in _INTEGER_CODES and values.null_count == 0 and values.offset == 0:
        numbers = _view(values.buffers()[1], _INTEGER_CODES[values.type])

        def read_numbers(i: int) -> list[Any]:
            i += offset
            return numbers[ends[i] : ends[i + 1]].tolist()

        return read_numbers
    item = value_reader(values)

    def read(i: int) -> list[Any]:
        i += offset
        return [item(j) for j in range(ends[i], ends[i + 1])]

    return read


def _list_of_structs(
    ends: memoryview[Any], offset: int, values: pa.StructArray
) -> Callable[[int], Any]:
    names, readers = _children(values)
    if len(readers) == 2:  # {role, content}: the shape of chats
        first, second = names
        texts = [_texts_of(values.field(k)) for k in (0, 1)]
        if texts[0] and texts[1]:
            (ends_1, data_1), (ends_2, data_2) = texts[0], texts[1]

            def read_texts(
                i: int,
            ) -> list[Any]:  # a call for each text would take half as long again
                i += offset
                return [
                    {
                        first: str(data_1[ends_1[j] : ends_1[j + 1]], "utf8"),
                        second: str(data_2[ends_2[j] : ends_2[j + 1]], "utf8"),
                    }
                    for j in range(ends[i], ends[i + 1])
                ]

            return read_texts
        read_first, read_second = readers

        def read_pairs(i: int) -> list[Any]:
            i += offset
            return [
                {first: read_first(j), second: read_second(j)} for j in range(ends[i], ends[i + 1])
            ]

        return read_pairs
    fields = list(zip(names, readers, strict=True))

    def read(i: int) -> list[Any]:
        i += offset
        return [{name: field(j) for name, field in fields} for j in range(ends[i], ends[i + 1])]

    return read


def _children(array: pa.StructArray) -> tuple[list[str], list[Callable[[int], Any]]]:
    names = [field.name for field in array.type]
    # field() leaves the parent's offset applied, so positions of the parent hold for the children.
    return names, [value_reader(array.field(k)) for k in range(len(names))]


def _struct(array: pa.StructArray) -> Callable[[int], Any]:
    names, readers = _children(array)
    fields = list(zip(names, readers, strict=True))

    def read(i: int) -> dict[str, Any]:
        return {name: field(i) for name, field in fields}

    return read
