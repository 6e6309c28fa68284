"""Resampling keeps what the new rate can carry, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from crucible_datasets.media.resample import resample


def tone(rate: int, frequency: float, seconds: float = 0.5) -> np.ndarray:
    return np.sin(2 * np.pi * frequency * np.arange(int(rate * seconds)) / rate)


@pytest.mark.parametrize(
    ("rate", "wanted"), [(44_100, 16_000), (8_000, 16_000), (16_000, 8_000), (48_000, 44_100)]
)
def test_a_tone_below_half_of_both_rates_stays(rate: int, wanted: int) -> None:
    made = resample(tone(rate, 1_000), rate, wanted)

    inner = slice(200, -200)  # the ends have nothing beside them
    assert made.dtype == np.float32
    assert len(made) == wanted // 2
    assert np.abs(made - tone(wanted, 1_000)[: len(made)])[inner].max() < 1e-3


def test_a_tone_beyond_half_of_the_new_rate_is_gone() -> None:
    made = resample(tone(44_100, 12_000), 44_100, 16_000)

    assert np.abs(made[200:-200]).max() < 1e-3


@pytest.mark.parametrize("length", [0, 1, 5])
def test_a_few_samples_are_enough(length: int) -> None:
    assert len(resample(np.ones(length, np.float32), 44_100, 16_000)) == -(-length * 160 // 441)
