"""Samples brought to an envelope: what was asked arrives, pitch and place stay, and blocks leave no trace."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("pyworld")

from genstudio.models.speech.analysis import Features, analyse
from genstudio.models.speech.convert import Care, convert, kept
from genstudio.models.speech.vocoder import faithful as f

RATE, HZ = 24000, 150.0


def voice(seconds: float = 0.8, hz: float = HZ) -> np.ndarray:
    """A buzz with two formants, float32."""
    t = np.arange(int(seconds * RATE)) / RATE
    k = np.arange(1, int(11000 / hz))[:, None]
    amplitude = 1 / (1 + ((k * hz - 600) / 300) ** 2) + 0.3 / (1 + ((k * hz - 2500) / 400) ** 2) + 0.003
    return (0.1 * (amplitude * np.cos(2 * np.pi * k * hz * t + k)).sum(0)).astype(np.float32)


@pytest.fixture(scope="module")
def spoken() -> tuple[np.ndarray, np.ndarray]:
    """Samples, and F0 every 10 ms."""
    x = voice()
    return x, np.full(len(x) // 240 + 1, HZ)


def test_what_has_the_envelope_comes_back_as_it_is(spoken: tuple[np.ndarray, np.ndarray]) -> None:
    x, f0 = spoken
    same = f.faithful(x, f0, lambda a, b: f.envelope(x, f.steps(f0), a, b))
    assert same.dtype == np.float32 and same.shape == x.shape and np.abs(same - x).max() < 1e-5


def test_a_filter_arrives_in_its_place(spoken: tuple[np.ndarray, np.ndarray], monkeypatch: pytest.MonkeyPatch) -> None:
    x, f0 = spoken
    track = f.steps(f0)
    hz = np.arange(f.BINS) * 12000 / (f.BINS - 1)

    def louder(a: int, b: int) -> np.ndarray:
        """Six decibels more from 2 kHz on, in the later half."""
        late = (np.arange(a, b) > len(track) // 2)[:, None]
        return f.envelope(x, track, a, b) + 1.38 * late * (hz > 2000)

    made = f.faithful(x, f0, louder)
    moved = f.envelope(made, track, 0, len(track)) - f.envelope(x, track, 0, len(track))
    low, high = hz < 1500, (hz > 2500) & (hz < 10000)
    assert np.abs(moved[8:60]).max() < 0.1, "the first half is not touched"
    assert np.abs(moved[100:150, low]).max() < 0.15
    assert moved[100:150, high].mean() == pytest.approx(1.38, abs=0.1)
    monkeypatch.setattr(f, "_BLOCK", 37)
    assert np.allclose(f.faithful(x, f0, louder), made, atol=1e-6), "a long recording is worked on in blocks"


def test_nothing_is_chased_beyond_7_db(spoken: tuple[np.ndarray, np.ndarray]) -> None:
    x, f0 = spoken
    track = f.steps(f0)
    made = f.faithful(x, f0, lambda a, b: f.envelope(x, track, a, b) + 20)
    gain = 20 * np.log10(np.abs(made[2400:-2400]).max() / np.abs(x[2400:-2400]).max())
    assert gain == pytest.approx(10 * 1.6 / np.log(10), abs=0.2)


def test_half_steps_are_voiced_between_voiced_frames_only() -> None:
    assert f.steps(np.array([0, 100, 120, 0, 90.0])).tolist() == [0, 0, 100, 110, 120, 0, 0, 0, 90]
    assert f.steps(np.zeros(0)).size == 0


def test_a_conversion_keeps_what_80_points_do_not_hold() -> None:
    """A notch narrower than the points at 6 kHz stays in a recording that is moved and stretched; so does the asked move."""
    from scipy.signal import iirnotch, lfilter

    from genstudio.models.speech.acoustic import normal as n

    x = lfilter(*iirnotch(6000, 30, RATE), voice() + 1e-3 * np.random.default_rng(0).standard_normal(int(0.8 * RATE)))
    features = analyse(x)
    shift = np.zeros(n.SHIFT)
    shift[n.TEMPO], shift[n.SONORANT] = 0.2, 0.5
    made = convert(features, shift, Care())
    wanted = kept(x, features, made)
    frames = 2 * len(made.features) - 1
    whole = wanted(0, frames)
    assert whole.shape == (frames, f.BINS) and len(made.features) > 1.1 * len(features)
    assert np.allclose(np.concatenate([wanted(0, 33), wanted(33, frames)]), whole, atol=1e-9)
    own = f.envelope(x, f.steps(features.f0), 0, 2 * len(features) - 1)
    middle = slice(frames // 3, frames // 2)
    moved = whole[middle].mean(0) - own[len(own) // 3 : len(own) // 2].mean(0)
    assert moved[20:800].mean() == pytest.approx(0.5, abs=0.15)
    at, beside = 1024 * 6000 // 12000, 1024 * 6300 // 12000
    depth = own[:, at].mean() - own[:, beside].mean()
    assert whole[middle, at].mean() - whole[middle, beside].mean() == pytest.approx(depth, abs=0.5) and depth < -1


def test_the_line_between_points_goes_through_them() -> None:
    points = np.random.default_rng(0).normal(-6, 1, (2, 80))
    line = f.drawn(points)
    assert line.shape == (2, f.BINS) and np.allclose(f.drawn(np.full((2, 80), -3.0)), -3)
    assert np.allclose(line[:, [0, -1]], points[:, [0, -1]])
    rows = np.arange(6.0).reshape(3, 2)
    assert f.between(rows, np.array([0.0, 0.5, 2.0])).tolist() == [[0, 1], [1, 2], [4, 5]]


def test_where_nothing_moves_features_stay() -> None:
    flat = Features(np.full((50, 80), -6.0, np.float32), np.full(50, HZ, np.float32), np.ones((50, 7), np.float32))
    made = convert(flat, np.zeros(173))
    assert np.allclose(made.features.envelope, -6) and np.array_equal(made.places, np.arange(50))
