"""Analysis: known signals give known features."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from genstudio.errors import InputError, MissingDataError
from genstudio.media.rates import HOP, SAMPLE_RATE

pytest.importorskip("pyworld")

from genstudio.models.speech.analysis import DIM, Features, analyse, fill_f0, mel_points
from genstudio.models.speech.analysis.corpora import LEVEL, active_level, load_audio, utterances
from genstudio.models.speech.analysis.extract import mel_bank


def voice(f0: float = 180.0, seconds: float = 0.8, seed: int = 0) -> np.ndarray:
    """Silence, a pulse-like tone whose harmonics fall by 6 dB an octave, silence."""
    t = np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    tone = sum(np.cos(2 * np.pi * k * f0 * t) / k for k in range(1, int(10000 / f0)))
    quiet = np.zeros(SAMPLE_RATE // 5)
    x = np.concatenate([quiet, 0.1 * tone, quiet])
    return x + 1e-4 * np.random.default_rng(seed).standard_normal(len(x))


@pytest.mark.parametrize("f0", [80.0, 121.3, 180.0, 333.0, 480.0])
def test_f0_of_a_steady_tone(f0: float) -> None:
    features = analyse(voice(f0))
    inside = features.f0[30:90]
    assert (inside > 0).all()
    assert np.abs(1200 * np.log2(inside / f0)).max() < 10  # cents
    assert not features.voiced[:15].any()
    assert not features.voiced[-15:].any()
    assert features.periodicity[30:90].min() > 0.8


def test_noise_has_no_pitch_and_little_periodicity() -> None:
    x = 0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE)
    assert analyse(x).voicing.mean() < 0.1


def test_frames_fit_samples_and_envelope_is_power() -> None:
    x = 0.1 * np.random.default_rng(0).standard_normal(SAMPLE_RATE + 7)
    features = analyse(x)
    assert len(features) == len(x) // HOP + 1
    flat = features.envelope[20:80].mean()
    louder = analyse(2 * x).envelope[20:80].mean()
    assert louder - flat == pytest.approx(np.log(4), abs=0.05)


def test_array_round_trip_and_shift() -> None:
    features = analyse(voice())
    array = features.as_array()
    assert array.shape == (len(features), DIM)
    assert array.dtype == np.float32
    again = Features.from_array(array)
    assert np.allclose(again.f0, features.f0, rtol=1e-5)
    assert np.array_equal(again.envelope, features.envelope)
    assert np.allclose(features.shifted(1.5).f0, 1.5 * features.f0)


def test_same_samples_same_features() -> None:
    assert np.array_equal(analyse(voice()).as_array(), analyse(voice()).as_array())


def test_other_rates_are_resampled() -> None:
    pytest.importorskip("soxr")
    t = np.arange(16000) / 16000
    x = sum(np.cos(2 * np.pi * k * 200 * t) / k for k in range(1, 30)) * 0.1
    f0 = analyse(x, 16000).f0
    assert np.median(f0[f0 > 0]) == pytest.approx(200, rel=0.005)


@pytest.mark.parametrize(
    "samples", [np.zeros((100, 2)), np.zeros(10), np.full(SAMPLE_RATE, np.nan)], ids=["stereo", "short", "nan"]
)
def test_refuses_what_is_no_speech(samples: np.ndarray) -> None:
    with pytest.raises(InputError):
        analyse(samples)


def test_features_refuse_wrong_shapes() -> None:
    with pytest.raises(InputError, match="89"):
        Features.from_array(np.zeros((4, 88)))
    with pytest.raises(InputError):
        Features(np.zeros((4, 80)), np.zeros(3), np.zeros((4, 7)))


def test_silence_is_finite() -> None:
    features = analyse(np.zeros(SAMPLE_RATE))
    assert np.isfinite(features.as_array()).all()
    assert not features.voiced.any()


def test_fill_f0_without_voice_is_the_default() -> None:
    assert (fill_f0(np.zeros(4)) == 150.0).all()


def test_mel_bank_rows_average() -> None:
    assert np.allclose(mel_bank().sum(axis=1), 1.0)
    assert len(mel_points()) == 80


def test_missing_corpus_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDataError, match="kathleen"):
        utterances(tmp_path, "kathleen")
    with pytest.raises(InputError, match="valid"):
        utterances(tmp_path, "nobody")


@pytest.mark.skipif("GENSTUDIO_DATA" not in os.environ, reason="GENSTUDIO_DATA is unset: no recordings")
def test_corpora_keep_to_the_splits() -> None:
    pytest.importorskip("soundfile")
    data = Path(os.environ["GENSTUDIO_DATA"])
    emodb = utterances(data, "emodb")
    assert len(emodb) == 535
    assert {u.speaker for u in emodb if u.held} == {"emodb10", "emodb12", "emodb13", "emodb16"}
    kathleen = utterances(data, "kathleen")
    assert sum(u.held for u in kathleen) == len(kathleen) // 20
    audio = load_audio(kathleen[0])
    assert active_level(audio) == pytest.approx(LEVEL, rel=0.01)
    voiced = analyse(audio).voicing.mean()
    assert 0.3 < voiced < 0.8


def test_change_does_what_it_says() -> None:
    from genstudio.models.speech.analysis import Change, change

    given = analyse(voice(150.0))
    assert np.array_equal(change(given, Change()).envelope, given.envelope)
    faster = change(given, Change(tempo=2.0, pitch=12.0))
    assert len(faster) == round(len(given) / 2)
    assert np.median(faster.f0[faster.voiced]) == pytest.approx(300, rel=0.01)
    assert (change(given, Change(level=6.0)).envelope - given.envelope).mean() == pytest.approx(1.38, abs=0.01)
    breathy = change(given, Change(periodicity=-0.5)).periodicity
    assert breathy.max() <= 0.55
    with pytest.raises(InputError, match="tempo"):
        Change(tempo=9)
