"""How deep JSON lines nest, told without parsing them."""

from __future__ import annotations

import numpy as np

DEEP = 1000
"""pyarrow's reader recurses without a limit: some 60,000 levels end the process."""

_OTHER = bytes(byte for byte in range(256) if byte not in b"[]{}\n")


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
