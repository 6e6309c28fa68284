"""Random orders, drawn exactly as ``datasets`` draws them."""

from __future__ import annotations

from typing import Any

import numpy as np


def generator_for(seed: int | None, generator: np.random.Generator | None) -> np.random.Generator:
    """The generator to draw from.

    Args:
        seed: makes a new one; None takes a seed from NumPy's global state, and moves it on.
        generator: used as it is.

    Raises:
        ValueError: both are given, or the generator is none.
    """
    if seed is not None and generator is not None:
        raise ValueError("give either seed or generator, not both")
    if generator is not None:
        if not isinstance(generator, np.random.Generator):
            raise ValueError(
                f"the generator must be a numpy.random.Generator, not a {type(generator).__name__}"
            )
        return generator
    if seed is None:
        state: Any = np.random.get_state()
        words, place = state[1], state[2]
        drawn = words[place] if place < 624 else words[0]
        np.random.random()
        return np.random.default_rng(drawn)
    return np.random.default_rng(seed)
