"""Voices louder than full scale: nothing is cut off before the loudness is set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genstudio.emotion import Emotion
from genstudio.models.speech.analysis import Features
from genstudio.models.speech.headroom import sounded


def stops_at_full_scale(features: Features, seed: int = 0) -> np.ndarray:
    """Stands in for the vocoder: a sine of the envelope's level, cut off at full scale."""
    level = np.repeat(np.exp(features.envelope.mean(1) / 2), 240)
    return np.clip(level * np.sin(2 * np.pi * 200 * np.arange(len(level)) / 24000), -1, 1).astype(np.float32)


def flat(level: float) -> Features:
    return Features(
        np.full((40, 80), level, np.float32), np.full(40, 200, np.float32), np.full((40, 7), 0.8, np.float32)
    )


def test_a_loud_voice_is_not_cut_off() -> None:
    quiet, loud = (sounded(stops_at_full_scale, flat(level), 0) for level in (-6.0, 1.5))
    assert np.abs(loud).max() > 2
    assert np.allclose(loud, quiet * np.exp((1.5 + 6.0) / 2), rtol=1e-3, atol=1e-4)
    assert np.array_equal(quiet, stops_at_full_scale(flat(-6.0)))


def test_no_shipped_voice_reaches_full_scale_in_the_vocoder() -> None:
    pytest.importorskip("gruut")
    from genstudio.models.speech.engine import WEIGHTS, SpeechModel

    if not Path(WEIGHTS).exists():
        pytest.skip("the shipped weights are absent")
    engine = SpeechModel.load(onnx=None)
    vocoder, peaks = engine._vocoder, []

    def watched(features: Features, seed: int = 0) -> np.ndarray:
        samples = vocoder(features, seed=seed)
        peaks.append(float(np.abs(samples).max()))
        return samples

    engine._vocoder = watched
    for voice in ("kerstin", "emodb08"):
        engine("Wir warten auf dich.", Emotion.parse("anger:1.5"), voice=voice, seed=1)
    assert len(peaks) == 2 and max(peaks) < 1  # 1.0 is where it cuts
