"""The speech recognisers, on real weights and made-up voices; on real clips where there are some."""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from genstudio.errors import InputError, MediaError
from genstudio.protocols import Evaluator, Speech

pytest.importorskip("torch")

from genstudio.evaluators.speech import SpeechEvaluator
from genstudio.evaluators.speech.f0 import track_f0
from genstudio.evaluators.speech.features import analyse, prepare
from genstudio.evaluators.speech.functionals import functionals

DATA = os.environ.get("GENSTUDIO_DATA")
needs_data = pytest.mark.skipif(not DATA, reason="GENSTUDIO_DATA is not set: no EmoDB")


def voice(seconds: float = 2.0, rate: int = 24_000, f0: float = 150.0, tempo: float = 4.0) -> Speech:
    """Buzz through two resonances, in syllables."""
    from scipy.signal import lfilter

    t = np.arange(int(seconds * rate)) / rate
    pitch = f0 * (1 + 0.1 * np.sin(2 * np.pi * 0.7 * t))
    x = np.diff(np.floor(np.cumsum(pitch) / rate), prepend=0) + 0.002 * np.random.default_rng(0).normal(size=len(t))
    for at, wide in ((500, 80), (1500, 120), (2500, 160)):
        r = np.exp(-np.pi * wide / rate)
        x = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * at / rate), r * r], x)
    x = x * (np.sin(2 * np.pi * tempo / 2 * t) ** 2 > 0.15)
    return Speech((0.3 * x / np.abs(x).max()).astype(np.float32), rate)


@pytest.fixture(scope="module", params=["score", "steer"])
def reader(request: pytest.FixtureRequest) -> SpeechEvaluator:
    return SpeechEvaluator.load(request.param)


def test_it_is_an_evaluator(reader: SpeechEvaluator) -> None:
    assert isinstance(reader, Evaluator) and reader.modality == "speech"
    assert (
        reader.ceiling.metric == "UAR"
        and reader.ceiling.interval[0] <= reader.ceiling.value <= reader.ceiling.interval[1]
    )
    assert "surprise" not in reader.ceiling.classes and len(reader.ceiling.classes) == 7


def test_a_reading(reader: SpeechEvaluator) -> None:
    reading = reader(voice())
    assert sum(reading.categories.values()) == pytest.approx(1) and reading.vad_source == "categories"
    assert all(-1 <= getattr(reading, a) <= 1 for a in ("valence", "arousal", "dominance"))
    assert reading.details["windows"] == 1 and reading.details["f0_median_hz"] == pytest.approx(150, rel=0.08)


def test_level_and_rate_change_little(reader: SpeechEvaluator) -> None:
    speech = voice()
    base = reader(speech).categories
    quiet = reader(Speech(speech.samples * 0.05, speech.rate)).categories
    assert max(abs(base[k] - quiet[k]) for k in base) < 0.05
    from scipy.signal import resample_poly

    other = reader(Speech(resample_poly(speech.samples, 2, 3).astype(np.float32), 16_000)).categories
    assert max(abs(base[k] - other[k]) for k in base) < 0.2


def test_timeline_and_long_audio(reader: SpeechEvaluator) -> None:
    speech = voice(65.0)
    found = reader.timeline(speech, hop=1.0)
    times = [t for t, _ in found]
    assert times == sorted(times) and 60 <= len(found) <= 68
    assert times[0] == pytest.approx(1.0, abs=0.05) and times[-1] == pytest.approx(64.0, abs=1.1)
    assert reader(speech).details["windows"] >= 60


def test_a_reference_changes_the_scorer_only() -> None:
    score, steer = SpeechEvaluator.load("score"), SpeechEvaluator.load("steer")
    high, normal = voice(f0=240, tempo=6), voice()
    assert score(high).categories != score(high, reference=normal).categories
    assert score(high, reference=[normal, voice(f0=140)]).details["reference"] is True
    assert steer(high).categories == steer(high, reference=normal).categories


@pytest.mark.parametrize("samples", [np.zeros(24_000), np.zeros(10), np.full(24_000, np.nan)])
def test_bad_audio(reader: SpeechEvaluator, samples: np.ndarray) -> None:
    with pytest.raises(MediaError):
        reader(Speech(samples.astype(np.float32), 24_000))


def test_odd_audio_is_read_without_failing(reader: SpeechEvaluator) -> None:
    random = np.random.default_rng(0)
    for samples in (
        random.normal(size=24_000) * 0.1,
        random.normal(size=3000) * 0.1,
        np.ones(24_000),
        np.sign(voice().samples),
    ):
        try:
            assert sum(reader(Speech(samples.astype(np.float32), 24_000)).categories.values()) == pytest.approx(1)
        except MediaError:
            pass


def test_wrong_arguments() -> None:
    with pytest.raises(InputError):
        SpeechEvaluator.load("judge")
    with pytest.raises(InputError):
        SpeechEvaluator.load("score").timeline(voice(), hop=0)


def test_f0_of_a_glide() -> None:
    rate = 16_000
    want = np.linspace(120, 240, rate)
    x = sum(np.sin(2 * np.pi * k * np.cumsum(want) / rate) / k for k in range(1, 8))
    f0 = track_f0(x, rate)
    middle = slice(10, 90)
    assert (f0[middle] > 0).all()
    assert np.abs(np.log2(f0[middle] / want[::160][middle])).max() < 0.05
    assert not track_f0(np.random.default_rng(0).normal(size=rate), rate).any()


def test_functionals_are_finite_for_a_voice() -> None:
    found = functionals(analyse(prepare(voice().samples, 24_000)))
    assert all(np.isfinite(v) for v in found.values())
    assert found["voiced.share"] > 0.4


@needs_data
def test_it_reads_a_clear_clip_of_an_unheard_actor() -> None:
    from genstudio.media.audio import read_audio

    clips = Path(DATA or "") / "emodb" / "wav"
    score = SpeechEvaluator.load("score")
    hits = 0
    for name, want in (
        ("03a01Wa", "anger"),
        ("08a01Wa", "anger"),
        ("09a05Tb", "sadness"),
        ("11b03Tc", "sadness"),
        ("03a01Nc", "neutral"),
    ):
        path = clips / f"{name}.flac"
        if path.exists():
            hits += score(Speech(read_audio(path), 24_000)).top == want
    assert hits >= 3


@pytest.mark.slow
def test_speed() -> None:
    """At least 50 times real time on one core when nothing else runs; asked here with room for a busy machine."""
    score, speech = SpeechEvaluator.load("score"), voice(20.0)
    score(speech)
    began = time.process_time()
    score(speech)
    assert 20.0 / (time.process_time() - began) > 25
