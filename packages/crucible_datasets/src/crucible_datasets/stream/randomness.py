"""NumPy generators as a stream uses them: copied, moved on, and written into a state."""

from __future__ import annotations

from base64 import b85decode, b85encode
from copy import deepcopy
from typing import Any

import numpy as np


def moved_on(generator: np.random.Generator, value: int) -> np.random.Generator:
    """Another generator for epoch or worker ``value``, the one that ``datasets`` makes."""
    seed = int(deepcopy(generator).integers(0, 1 << 63)) - value
    return np.random.default_rng(seed)


def saved(generator: np.random.Generator) -> Any:
    """The state in plain values. Whole numbers of 128 bits are texts: not every JSON has them."""
    return _plain(generator.bit_generator.state)


def restored(like: np.random.Generator, state: Any) -> np.random.Generator:
    """A generator of the kind of ``like`` that goes on from ``state``."""
    generator = deepcopy(like)
    generator.bit_generator.state = _unplain(state)
    return generator


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return ["d", *([key, _plain(item)] for key, item in value.items())]
    if isinstance(value, np.ndarray):
        return ["a", str(value.dtype), b85encode(value.tobytes()).decode()]
    if isinstance(value, str):
        return value
    return ["i", hex(int(value))]


def _unplain(value: Any) -> Any:
    if isinstance(value, str):
        return value
    kind, *rest = value
    if kind == "d":
        return {key: _unplain(item) for key, item in rest}
    if kind == "a":
        return np.frombuffer(b85decode(rest[1]), dtype=rest[0]).copy()
    return int(rest[0], 16)
