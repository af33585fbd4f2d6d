"""The speech engine through its protocol, with a tiny network; with the shipped weights where they are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("gruut")

from genstudio.emotion import Emotion, EmotionCurve, parse_tagged
from genstudio.errors import InputError, TextError
from genstudio.models.speech.acoustic.synth import Manner, Synthesiser
from genstudio.models.speech.analysis import analyse
from genstudio.models.speech.engine import WEIGHTS, SpeechModel
from genstudio.protocols import Span, Speech, SpeechEngine
from genstudio.signals.loudness import loudness

from .test_acoustic import sentence, tiny_weights

TEXT = "I was sure. Then the door opened!"


def tone(features, seed: int = 0) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Stands in for the vocoder: a sine at F0 with the envelope's level, quick and of the right length."""
    n = (len(features) - 1) * 240
    f0 = np.interp(np.arange(n) / 240, np.arange(len(features)), features.f0)
    level = np.interp(np.arange(n) / 240, np.arange(len(features)), np.exp(features.envelope.mean(1) / 2))
    return np.asarray(level * np.sin(2 * np.pi * np.cumsum(f0) / 24000), np.float32)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> SpeechModel:
    return SpeechModel(Synthesiser(tiny_weights(tmp_path_factory.mktemp("w") / "acoustic.safetensors")), tone)


def test_is_a_speech_engine(engine: SpeechModel) -> None:
    assert isinstance(engine, SpeechEngine)
    assert {v["language"] for v in engine.voices()} == {"en", "de"}


def test_speaks_with_timings(engine: SpeechModel) -> None:
    speech = engine(TEXT, Emotion.parse("fear"), seed=3)
    assert speech.rate == 24000 and speech.samples.dtype == np.float32
    assert [w.text for w in speech.words] == ["I", "was", "sure", "Then", "the", "door", "opened"]
    ends = [w.end for w in speech.words]
    assert ends == sorted(ends) and ends[-1] <= speech.duration + 0.02
    assert all(p.end > p.start for p in speech.phones)


def test_same_seed_same_samples(engine: SpeechModel) -> None:
    a, b, c = (engine(TEXT, Emotion.parse("joy"), seed=s).samples for s in (5, 5, 6))
    assert np.array_equal(a, b)
    assert len(a) != len(c) or not np.array_equal(a, c)


def test_curve_over_text_and_seconds(engine: SpeechModel) -> None:
    plain, curve = parse_tagged("I was sure. [fear] Then the door opened. [joy] It was you!", Emotion.neutral())
    assert curve is not None
    speech = engine(plain, curve, seed=1)
    assert speech.curve is not None and len(speech.curve.times) == 3
    assert speech.curve.times[1] == pytest.approx(next(w.start for w in speech.words if w.text == "Then"), abs=0.01)
    assert engine(plain, EmotionCurve.keyframes({0: "sadness", 1: "joy"}), seed=1).duration > 0


def test_stream_gives_the_sentences(engine: SpeechModel) -> None:
    assert len(list(engine.stream(TEXT, Emotion.neutral()))) == 2


def test_progress_reaches_one(engine: SpeechModel) -> None:
    seen: list[float] = []
    engine(TEXT, Emotion.neutral(), progress=seen.append)
    assert seen[-1] == 1.0


def test_bad_input_is_told(engine: SpeechModel) -> None:
    with pytest.raises(InputError, match="kathleen"):
        engine(TEXT, Emotion.neutral(), voice="katleen")
    with pytest.raises(InputError, match="rate"):
        engine(TEXT, Emotion.neutral(), rate=9)
    with pytest.raises(InputError, match="valid"):
        engine(TEXT, Emotion.neutral(), speed=1)
    with pytest.raises(TextError):
        engine("", Emotion.neutral())


def test_a_recording_is_given_an_emotion(engine: SpeechModel) -> None:
    pytest.importorskip("pyworld")
    t = np.arange(24000) / 24000
    buzz = sum(np.sin(2 * np.pi * 150 * k * t) / k for k in range(1, 30)) * 0.1
    buzz[:3000] = buzz[-3000:] = 0
    speech = Speech(np.asarray(buzz, np.float32), 24000, words=(Span("ah", 0.125, 0.875),))
    made = engine.convert(speech, Emotion.parse("sadness"), seed=1)
    assert made.rate == 24000 and made.duration > 0.5
    assert made.words[0].end <= made.duration + 0.05
    same = engine.convert(speech, Emotion.parse("joy"), strength=0)
    assert np.corrcoef(same.samples, buzz)[0, 1] > 0.999 and same.words == speech.words  # nothing to move: its own
    quiet = replace(speech, samples=speech.samples * np.float32(0.002))
    assert np.allclose(engine.convert(quiet, Emotion.parse("sadness"), seed=1).samples, made.samples, atol=1e-3)


def test_an_intensity_beyond_one_is_spoken_by_half(engine: SpeechModel) -> None:
    fear, phones = Emotion.parse("fear"), sentence()
    told = engine("Hello there.", fear.scaled(1.5), seed=4).emotion
    assert told == fear.scaled(1.5), "what was asked is what is told"
    for asked, spoken in ((0.5, 0.5), (1.0, 1.0), (1.5, 1.25)):
        made = engine._speak(phones, "kathleen", [fear.scaled(asked)] * len(phones), 4, Manner())
        code = engine._encoder([fear.scaled(spoken)]).pooled.numpy()
        direct = engine._synthesiser(phones, "kathleen", np.repeat(code, len(phones), 0), 4, Manner())
        assert np.allclose(made.features.envelope, direct.features.envelope, atol=1e-3)  # up to threads


@pytest.mark.skipif(not Path(WEIGHTS).exists(), reason="the shipped weights are absent")
def test_shipped_voice_sounds() -> None:
    speech = SpeechModel.load()("Hello there, my friend.", Emotion.parse("joy"), seed=0)
    assert 0.6 < speech.duration < 4
    assert loudness(speech.samples, speech.rate) == pytest.approx(-20, abs=2)
    assert np.abs(speech.samples).max() < 1


@pytest.mark.skipif(not Path(WEIGHTS).exists(), reason="the shipped weights are absent")
def test_neutral_leaves_a_recording_as_it_is() -> None:
    noise = np.random.default_rng(0).standard_normal(16000).astype(np.float32) * 0.05
    same = SpeechModel.load().convert(Speech(noise, 16000), Emotion.neutral())
    assert same.rate == 24000 and same.duration == pytest.approx(1.0)
    assert (
        np.corrcoef(same.samples[::3], noise[::2])[0, 1] > 0.95
    )  # samples that both rates have; the top of the band is filtered


@pytest.mark.skipif(not Path(WEIGHTS).exists(), reason="the shipped weights are absent")
def test_a_recording_given_fear_jitters_and_the_same_seed_repeats(monkeypatch: pytest.MonkeyPatch) -> None:
    from genstudio.models.speech import convert

    engine = SpeechModel.load()
    t = np.arange(int(1.2 * 24000)) / 24000
    buzz = (0.1 * sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 30))).astype(np.float32)
    speech = Speech(buzz, 24000)

    def roughness(emotion: str, share: float) -> float:
        """Mean change of log F0 from frame to frame."""
        monkeypatch.setattr(convert, "UNSTEADY", share)
        f0 = analyse(engine.convert(speech, Emotion.parse(emotion), seed=3).samples).f0
        voiced = (f0[1:] > 0) & (f0[:-1] > 0)
        return float(np.abs(np.diff(np.log(np.maximum(f0, 1))))[voiced].mean())

    assert roughness("fear", 1.0) > 1.5 * roughness("fear", 0.0)
    assert roughness("joy", 1.0) == roughness("joy", 0.0)
    a, b, c = (engine.convert(speech, Emotion.parse("fear"), seed=s).samples for s in (3, 3, 4))
    assert np.array_equal(a, b) and not np.array_equal(a, c)
