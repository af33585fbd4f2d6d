"""Loudness against the standard's own tone, and the limiter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from genstudio.errors import InputError
from genstudio.signals.loudness import CEILING, TARGET_LUFS, limit, loudness, normalise, scaled


def tone(rate: int, hertz: float = 997, seconds: float = 3) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(int(seconds * rate)) / rate)


@pytest.mark.parametrize("rate", [16_000, 24_000, 48_000])
def test_the_standard_tone(rate: int) -> None:
    """BS.1770: a 997 Hz sine at full scale in one channel reads -3.01 LUFS, at any sample rate."""
    assert loudness(tone(rate), rate) == pytest.approx(-3.01, abs=0.05)
    assert loudness(0.1 * tone(rate), rate) == pytest.approx(-23.01, abs=0.05)
    assert loudness(tone(rate, seconds=0.2), rate) == pytest.approx(-3.01, abs=0.3)  # shorter than a block


def test_gates_leave_silence_out() -> None:
    x = np.concatenate([tone(24_000), np.zeros(24_000 * 20), 1e-3 * tone(24_000)])
    assert loudness(x, 24_000) == pytest.approx(-3.01, abs=0.5)  # blocks across the edge count, silence does not
    assert loudness(np.zeros(24_000), 24_000) == -math.inf


def test_normalise_reaches_the_target_under_the_ceiling() -> None:
    quiet = 0.01 * tone(24_000, 440)
    assert loudness(normalise(quiet, 24_000), 24_000) == pytest.approx(TARGET_LUFS, abs=0.2)
    click = quiet.copy()
    click[30_000:30_010] = 0.9
    assert np.abs(normalise(click, 24_000)).max() <= CEILING
    for nothing in (np.zeros(0), np.zeros(2400)):
        assert np.array_equal(normalise(nothing, 24_000), nothing)


def test_limiter_holds_the_ceiling_and_leaves_the_rest_alone() -> None:
    x = np.random.default_rng(0).standard_normal(24_000)
    assert np.abs(limit(x, 24_000)).max() <= CEILING
    assert limit(0.5 * tone(24_000), 24_000) == pytest.approx(0.5 * tone(24_000))


def test_pieces_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour is worked on in pieces; the same as at once, wherever they are cut."""
    x = (0.4 * np.random.default_rng(1).standard_normal(24_000 * 3)).astype(np.float32)
    whole, held = loudness(x, 24_000), limit(x, 24_000)
    for size in (1000, 9600, 25_013):
        monkeypatch.setattr("genstudio.signals.loudness._PIECE", size)
        assert loudness(x, 24_000) == pytest.approx(whole, abs=1e-9)
        assert np.allclose(limit(x, 24_000), held, atol=1e-7) and np.abs(x).max() > CEILING


@pytest.mark.parametrize("wrong", [np.zeros((2, 100)), np.zeros(0), np.array([0.0, np.nan])])
def test_samples_that_are_none(wrong: np.ndarray) -> None:
    with pytest.raises(InputError, match="mono samples"):
        loudness(wrong, 24_000)


def test_one_factor_brings_any_level_to_the_target() -> None:
    for level in (1e-4, 1.0, 30.0):
        x = level * tone(24_000)
        y = scaled(x, 24_000, -30)
        assert loudness(y, 24_000) == pytest.approx(-30, abs=0.05) and np.allclose(y / y[10], x / x[10], rtol=1e-3)
    assert np.array_equal(scaled(np.zeros(9), 24_000, -30), np.zeros(9))
