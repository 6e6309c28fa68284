"""Samples at another rate, without what the new rate can't carry."""

from __future__ import annotations

from math import ceil, gcd
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

# zero crossings of the filter on each side, and the shape of its window: 80 dB of attenuation
_CROSSINGS = 32
_BETA = 8.0
_FEW = 4


def resample(samples: NDArray[Any], rate: int, wanted: int) -> NDArray[np.float32]:
    """Samples of one channel, ``rate`` a second, as ``wanted`` a second.

    A windowed sinc, evaluated only where a new sample is: each of the new samples' phases has its
    own filter.
    """
    if rate == wanted or len(samples) == 0:
        return samples.astype(np.float32, copy=False)
    common = gcd(rate, wanted)
    up, down = wanted // common, rate // common
    cutoff = min(1.0, wanted / rate)
    half = ceil(_CROSSINGS / cutoff)
    padded = np.pad(samples.astype(np.float64), half)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
    taps = np.arange(-half, half + 1)

    # the place of each new sample among the old ones: a whole number and a part of `up`
    whole, part = np.divmod(np.arange(ceil(len(samples) * up / down)) * down, up)
    out = np.empty(len(whole), np.float32)
    for phase in range(min(up, len(whole))):
        chosen = slice(phase, None, up)  # phases come round after `up` new samples
        away = taps - part[phase] / up
        inside = np.clip(1 - (away / (half + 1)) ** 2, 0, None)
        window = np.i0(_BETA * np.sqrt(inside)) / np.i0(_BETA)
        filtered = cutoff * np.sinc(cutoff * away) * window
        if up <= _FEW:  # all of the old samples' places at once take less memory, and no copy
            out[chosen] = np.correlate(padded, filtered, "valid")[whole[chosen]]
        else:
            out[chosen] = windows[whole[chosen]] @ filtered
    return out
