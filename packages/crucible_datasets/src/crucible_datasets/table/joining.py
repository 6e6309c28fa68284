"""Many blocks of rows made one, each given back to the system as soon as it is copied.

``pyarrow`` joins a column while the parts and the whole are both there: all rows of a table whose one
column is most of it take twice their memory. Here the whole is set aside, which takes no memory
until it is written to, then filled block by block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Sequence

BLOCK_BYTES = 1 << 30
"""Largest block that others are joined to: well below the 2 GiB that 32-bit offsets reach."""
RELEASE_BYTES = 16 << 20
"""Bytes that are copied before those that they came from go back to the system."""


def joined(blocks: list[pa.RecordBatch], schema: pa.Schema) -> list[pa.RecordBatch]:
    """The same rows in as few blocks as ``BLOCK_BYTES`` allow.

    Args:
        blocks: with columns; they go from the list, so that nobody else's memory is theirs.
        schema: theirs.
    """
    made = []
    blocks.reverse()
    while blocks:
        run = [blocks.pop()]
        size = run[0].nbytes
        while blocks and size + blocks[-1].nbytes <= BLOCK_BYTES:
            size += blocks[-1].nbytes
            run.append(blocks.pop())
        made.append(run[0] if len(run) == 1 else _one(run, schema))
    return made


def _one(run: list[pa.RecordBatch], schema: pa.Schema) -> pa.RecordBatch:
    # Whatever may fail for want of memory does so here, with all blocks still there.
    fills = [
        _fill(field.type, [block.column(i) for block in run]) for i, field in enumerate(schema)
    ]
    run.reverse()
    copied = 0
    while run:
        block = run.pop()
        for index, fill in enumerate(fills):
            fill.add(block.column(index))
        copied += block.nbytes
        del block
        if copied >= RELEASE_BYTES:
            pa.default_memory_pool().release_unused()  # it would keep them for blocks to come
            copied = 0
    return pa.RecordBatch.from_arrays([fill.array() for fill in fills], schema=schema)


class _Fill(Protocol):
    """An array that is filled with one after the other."""

    def add(self, array: pa.Array) -> None: ...

    def array(self) -> pa.Array: ...


def _fill(kind: pa.DataType, arrays: Sequence[pa.Array]) -> _Fill:
    types = pa.types
    if types.is_struct(kind) and kind.num_fields:
        return _Structs(kind, arrays)
    if types.is_list(kind) or types.is_large_list(kind):
        return _Lists(kind, arrays)
    if any(
        is_text(kind)
        for is_text in (
            types.is_string,
            types.is_binary,
            types.is_large_string,
            types.is_large_binary,
        )
    ):
        return _Texts(kind, arrays)
    if types.is_primitive(kind) and kind.bit_width >= 8:
        return _Numbers(kind, arrays)
    return _Whole(arrays)


class _Bytes:
    """Memory that is filled from its beginning."""

    def __init__(self, size: int) -> None:
        self._memory = np.empty(size, np.uint8)  # in large pages, if it is large
        self._end = 0

    def add(self, part: npt.NDArray[Any]) -> None:
        new = part.view(np.uint8)
        self._memory[self._end : self._end + len(new)] = new
        self._end += len(new)

    def buffer(self) -> pa.Buffer:
        return pa.py_buffer(self._memory)


class _Valid:
    """Which values are not null."""

    def __init__(self, arrays: Sequence[pa.Array]) -> None:
        self.length = sum(map(len, arrays))
        some = any(array.null_count for array in arrays)
        self._bits = np.empty(self.length if some else 0, np.bool_)
        self._some = some
        self._end = 0

    def add(self, array: pa.Array) -> None:
        if not self._some:
            return
        end = self._end + len(array)
        if array.null_count:
            packed = np.frombuffer(array.buffers()[0], np.uint8)
            first = array.offset // 8
            bits = np.unpackbits(
                packed[first : (array.offset + len(array) + 7) // 8], bitorder="little"
            )
            skip = array.offset - 8 * first
            self._bits[self._end : end] = bits[skip : skip + len(array)]
        else:
            self._bits[self._end : end] = True
        self._end = end

    def buffer(self) -> pa.Buffer | None:
        return pa.py_buffer(np.packbits(self._bits, bitorder="little")) if self._some else None


class _Numbers:
    """Values of one width."""

    def __init__(self, kind: pa.DataType, arrays: Sequence[pa.Array]) -> None:
        self._kind = kind
        self._width = kind.bit_width // 8
        self._valid = _Valid(arrays)
        self._values = _Bytes(self._valid.length * self._width)

    def add(self, array: pa.Array) -> None:
        self._valid.add(array)
        if len(array):
            values = np.frombuffer(array.buffers()[1], np.uint8)
            start = array.offset * self._width
            self._values.add(values[start : start + len(array) * self._width])

    def array(self) -> pa.Array:
        buffers = [self._valid.buffer(), self._values.buffer()]
        return pa.Array.from_buffers(self._kind, self._valid.length, buffers)


class _Offsets:
    """Where the values of each row end, in those of all arrays."""

    def __init__(self, kind: pa.DataType, length: int) -> None:
        types = pa.types
        large = (
            types.is_large_list(kind) or types.is_large_string(kind) or types.is_large_binary(kind)
        )
        self._type = np.int64 if large else np.int32
        self._memory = np.zeros(length + 1, self._type)
        self._end = 0

    def of(self, array: pa.Array) -> npt.NDArray[Any]:
        """Those of one array."""
        if not len(array):
            return np.zeros(1, self._type)
        offsets = np.frombuffer(array.buffers()[1], self._type)
        return offsets[array.offset : array.offset + len(array) + 1]

    def span(self, array: pa.Array) -> tuple[int, int]:
        """The first value and the one after the last."""
        own = self.of(array)
        return int(own[0]), int(own[-1])

    def add(self, array: pa.Array) -> None:
        own = self.of(array)
        end = self._end + len(array)
        np.add(own[1:], self._memory[self._end] - own[0], out=self._memory[self._end + 1 : end + 1])
        self._end = end

    def buffer(self) -> pa.Buffer:
        return pa.py_buffer(self._memory)


class _Texts:
    """Texts or bytes."""

    def __init__(self, kind: pa.DataType, arrays: Sequence[pa.Array]) -> None:
        self._kind = kind
        self._valid = _Valid(arrays)
        self._offsets = _Offsets(kind, self._valid.length)
        spans = map(self._offsets.span, arrays)
        self._data = _Bytes(sum(stop - start for start, stop in spans))

    def add(self, array: pa.Array) -> None:
        self._valid.add(array)
        self._offsets.add(array)
        start, stop = self._offsets.span(array)
        if stop > start:
            self._data.add(np.frombuffer(array.buffers()[2], np.uint8)[start:stop])

    def array(self) -> pa.Array:
        buffers = [self._valid.buffer(), self._offsets.buffer(), self._data.buffer()]
        return pa.Array.from_buffers(self._kind, self._valid.length, buffers)


class _Lists:
    """Lists of anything."""

    def __init__(self, kind: pa.DataType, arrays: Sequence[pa.Array]) -> None:
        self._kind = kind
        self._valid = _Valid(arrays)
        self._offsets = _Offsets(kind, self._valid.length)
        self._values = _fill(kind.value_type, [self._inner(array) for array in arrays])

    def add(self, array: pa.Array) -> None:
        self._valid.add(array)
        self._offsets.add(array)
        self._values.add(self._inner(array))

    def array(self) -> pa.Array:
        buffers = [self._valid.buffer(), self._offsets.buffer()]
        values = [self._values.array()]
        return pa.Array.from_buffers(self._kind, self._valid.length, buffers, children=values)

    def _inner(self, array: pa.Array) -> pa.Array:
        start, stop = self._offsets.span(array)
        return array.values.slice(start, stop - start)


class _Structs:
    """Structs of anything."""

    def __init__(self, kind: pa.DataType, arrays: Sequence[pa.Array]) -> None:
        self._kind = kind
        self._valid = _Valid(arrays)
        self._fields = [
            _fill(field.type, [array.field(k) for array in arrays]) for k, field in enumerate(kind)
        ]

    def add(self, array: pa.Array) -> None:
        self._valid.add(array)
        for k, fill in enumerate(self._fields):
            fill.add(array.field(k))

    def array(self) -> pa.Array:
        children = [fill.array() for fill in self._fields]
        buffers = [self._valid.buffer()]
        return pa.Array.from_buffers(self._kind, self._valid.length, buffers, children=children)


class _Whole:
    """Types that are rare in rows: joined by ``pyarrow``, all at once."""

    def __init__(self, arrays: Sequence[pa.Array]) -> None:
        self._array = pa.concat_arrays(list(arrays))

    def add(self, array: pa.Array) -> None:
        """It is there."""

    def array(self) -> pa.Array:
        return self._array
