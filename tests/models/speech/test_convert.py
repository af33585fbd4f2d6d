"""A recording given an emotion: small shifts as they are, large ones bent where they would cost words."""

from __future__ import annotations

import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.models.speech.acoustic import normal as n
from genstudio.models.speech.acoustic.shifts import SOFT
from genstudio.models.speech.analysis import Features
from genstudio.models.speech.convert import Care, convert, joyful, moving, risen, spared

SEMITONE = np.log(2) / 12


def shift(level: float = 0.0, tempo: float = 0.0) -> np.ndarray:
    s = np.zeros(n.SHIFT)
    s[n.LEVEL], s[n.TEMPO] = level * SEMITONE, tempo
    return s


def recording(hz: float, frames: int = 120) -> Features:
    f0 = np.full(frames, hz, np.float32)
    f0[:20] = f0[-20:] = 0
    envelope = np.full((frames, 80), -6.0, np.float32)
    envelope[:20] = envelope[-20:] = -18.0
    return Features(envelope, f0, np.where(f0[:, None] > 0, 0.8, 0).repeat(7, 1).astype(np.float32))


def test_small_shifts_are_kept() -> None:
    s = shift(level=-4, tempo=0.1)
    assert np.allclose(spared(s), s)


def test_large_shifts_go_on_more_gently() -> None:
    levels = [spared(shift(level=x))[n.LEVEL] / SEMITONE for x in (-10, 5, 7, 10, 15)]
    assert levels == sorted(levels) and levels[1] == pytest.approx(5)
    assert 6 < levels[3] < 9 and levels[0] == pytest.approx(-levels[3])
    assert 0.1 < spared(shift(tempo=0.5))[n.TEMPO].max() < 0.35


def test_pitch_rises_by_the_shift_and_bends_when_high() -> None:
    def made(hz: float, level: float) -> float:
        f = convert(recording(hz), shift(level=level), Care(1.0)).features
        return 12 * np.log2(float(np.median(f.f0[f.voiced])) / hz)

    assert made(150, 4) == pytest.approx(4, abs=0.05)
    assert 0 < made(320, 4) < 3
    assert made(450, 0) == pytest.approx(0, abs=0.01) and made(450, -3) == pytest.approx(-3, abs=0.05)


def test_length_follows_the_tempo() -> None:
    longer = [len(convert(recording(150), shift(tempo=x)).features) for x in (-0.1, 0.0, 0.1)]
    assert longer[0] < longer[1] == 120 < longer[2]


def test_anger_and_disgust_go_gentler_and_joy_its_own_way() -> None:
    care = {e: Care.of(Emotion.parse(e)) for e in ("anger", "disgust", "joy", "fear", "neutral")}
    assert [c.gentle for c in care.values()] == [1.0, 1.0, 0.0, 0.0, 0.0]
    assert [round(c.breath, 6) for c in care.values()] == [1.0, 1.0, 0.0, 1.0, 0.0]
    assert [c.joy > 0 for c in care.values()] == [False, False, True, False, False]
    assert 0.2 < Care.of(Emotion.parse("anger:0.5+joy:0.5")).gentle < 0.8
    assert Care.of(Emotion.parse("joy"), 0.5).joy < care["joy"].joy
    s = shift(level=5, tempo=0.5)
    full, half, most = (convert(recording(130), s, Care(g)).features for g in (0.0, 0.5, 1.0))
    assert np.allclose(full.f0[full.voiced], 130 * 2 ** (5 / 12), rtol=1e-3)
    assert len(full) > len(half) > len(most)


def test_a_middle_rises_in_full_only_to_where_harmonics_get_sparse() -> None:
    low, high = (risen(shift(level=10), np.log(hz))[n.LEVEL] / SEMITONE for hz in (110, 200))
    assert low == pytest.approx(10) and 5 < high < 8
    assert risen(shift(level=-4), np.log(320))[n.LEVEL] / SEMITONE == pytest.approx(-4)


def test_a_raised_voice_gets_breath_and_joy_louder_consonants() -> None:
    plain, raised = (convert(recording(220), shift(level=x)).features for x in (0, 8))
    assert raised.periodicity[60].max() < plain.periodicity[60].max() - 0.05
    assert np.allclose(plain.periodicity[60], 0.8)
    noisy = recording(220)
    noisy.envelope[:20] = -7.0  # unvoiced, and loud
    soft, loud = (convert(noisy, shift(), Care(joy=x)).features.envelope[8].mean() for x in (0.0, 1.0))
    assert soft + 0.4 < loud < soft + 0.8


def test_joy_is_soft_and_nothing_else_is() -> None:
    s = shift(level=5)
    s[n.SONORANT] = 1.0
    some, most = (joyful(s, x) for x in (0.5, 1.0))
    assert np.array_equal(joyful(s, 0.0), s)
    low, high = SOFT[2], SOFT[60]  # the first harmonic, and 7 kHz
    assert low > 1 and high < 0
    slopes = [x[n.SONORANT][2] - x[n.SONORANT][60] for x in (s, some, most)]
    assert slopes[0] == 0 and slopes[1] == pytest.approx(slopes[2] / 2) and slopes[2] > 0.5
    assert most[n.LEVEL] == s[n.LEVEL] and np.array_equal(most[n.TEMPO], s[n.TEMPO])


def test_joys_syllables_stand_out() -> None:
    t = np.arange(200)
    envelope = np.repeat(-6 + np.sin(2 * np.pi * t / 20)[:, None], 80, 1)  # 5 Hz
    loud = np.ones(200, bool)
    still, lively = (moving(envelope, loud, x)[40:160].std() for x in (0.0, 1.0))
    assert still == pytest.approx(envelope[40:160].std()) and lively == pytest.approx(1.3 * still, rel=0.05)
    assert np.allclose(moving(envelope, ~loud, 1.0), envelope)


def test_other_emotions_get_breath_below_3_khz() -> None:
    plain, rough = (convert(recording(150), shift(), Care(breath=x)).features.periodicity[60] for x in (0.0, 1.0))
    assert (rough[:3] < plain[:3] - 0.2).all() and np.allclose(rough[4:], plain[4:])
