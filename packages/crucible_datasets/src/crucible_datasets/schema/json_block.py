"""JSON lines as pyarrow reads them, but for what would end the process."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.json

DEEP = 1000
"""pyarrow's reader recurses without a limit: some 60,000 levels end the process."""

_NULL_FIRST = re.compile(rb"[ \t\r\n]*null")
"""A first row that is null ends the process, too."""

_OTHER = bytes(byte for byte in range(256) if byte not in b"[]{}\n")


def read_block(
    chunk: bytes, schema: pa.Schema | None = None, unexpected: str = "infer"
) -> pa.Table | None:
    """The rows of whole lines of JSON, or None if pyarrow does not read them.

    Runs without the interpreter lock.

    Args:
        chunk: the lines.
        schema: the types of columns; found out if None.
        unexpected: what becomes of a key that the schema has not: ``infer``, ``error``, ``ignore``.
    """
    if nests_deeply(chunk) or _NULL_FIRST.match(chunk):
        return None
    try:
        table = pyarrow.json.read_json(
            pa.BufferReader(chunk),
            read_options=pyarrow.json.ReadOptions(
                use_threads=False, block_size=min(len(chunk) + 1, 2**31 - 1)
            ),
            parse_options=pyarrow.json.ParseOptions(
                explicit_schema=schema, unexpected_field_behavior=unexpected
            ),
        )
        table.validate()  # the reader makes broken arrays of lists of nothing but nulls
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return None
    return table


def nests_deeply(chunk: bytes) -> bool:
    """Whether a line of ``chunk`` may nest deeper than ``DEEP``.

    Brackets in strings count too, so this can say yes for a line that is flat, never no for a deep
    one.
    """
    brackets = np.frombuffer(chunk.translate(None, _OTHER), np.uint8)
    if len(brackets) <= DEEP:
        return False
    ends = brackets == ord("\n")
    steps = ((brackets >> 1) & 1).astype(np.int32) * 2 - 1  # the second bit tells "[{" from "]}"
    steps[ends] = 0
    depth = np.cumsum(steps)
    starts = np.concatenate([[0], np.flatnonzero(ends)])
    before = depth[starts]
    before[0] = 0  # the chunk begins with a line, not with the end of one
    return bool((np.maximum.reduceat(depth, starts) - before).max() >= DEEP)
