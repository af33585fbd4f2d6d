"""The protocol at work: controls move one cue alone, a knob without effect is found out, rows are kept."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import uniform_filter1d

from genstudio import registry
from genstudio.cli import run
from genstudio.emotion import Emotion
from genstudio.errors import InputError
from genstudio.evaluators.explain import voice
from genstudio.evaluators.protocol import run as protocol
from genstudio.evaluators.protocol.controls import _analysed, alike, controls
from genstudio.evaluators.protocol.kinship import kinship
from genstudio.evaluators.protocol.sights import with_palette
from genstudio.protocols import Speech
from genstudio.signals.loudness import loudness

VOICE = "speech:embedded"


@pytest.fixture(scope="module")
def pair() -> tuple[Speech, Speech]:
    engine = registry.load(VOICE)
    text = "The train leaves at half past seven."
    return engine(text, Emotion.neutral(), seed=1), engine(text, Emotion.parse("anger"), seed=1)


def test_each_control_moves_its_cue_alone(pair) -> None:
    plain, angry = pair
    made = controls(plain, angry)
    m = {k: voice.measured(v) for k, v in made.items()}
    base, want = m["resynthesis"], voice.measured(angry)
    assert m["pitch"]["pitch"] == pytest.approx(want["pitch"], rel=0.1)
    assert made["tempo"].duration == pytest.approx(plain.duration * angry.duration / plain.duration, rel=0.2)
    for name in ("tempo", "loudness"):
        assert m[name]["pitch"] == pytest.approx(base["pitch"], rel=0.06)
    assert made["pitch"].duration == pytest.approx(made["resynthesis"].duration, rel=0.01)
    x, env = angry.samples, uniform_filter1d(angry.samples.astype(float) ** 2, 2400) ** 0.5 + 1e-4
    even = replace(angry, samples=(x * (env / env.max()) ** -0.95).astype(np.float32))
    uneven = replace(angry, samples=(x * np.where(np.arange(len(x)) // 12_000 % 2, 0.08, 1)).astype(np.float32))
    less, more = (spread(controls(plain, v)["loudness"]) for v in (even, uneven))
    assert less + 0.3 < spread(made["resynthesis"]) < more - 0.3  # dB


def spread(speech: Speech) -> float:
    """Of the level of 5 ms frames with sound, dB."""
    v = _analysed(speech)
    return float(v.level[v.sound].std())


def test_everything_is_decoded_alike(pair) -> None:
    loud = alike(Speech(pair[0].samples * 3, pair[0].rate))
    soft = alike(Speech(pair[0].samples * 0.1, pair[0].rate))
    assert loud.rate == soft.rate == 16_000
    assert loudness(loud.samples, 16_000) == pytest.approx(-20, abs=0.3)
    assert np.abs(loud.samples - soft.samples).max() < 0.02


def test_palette_control_takes_the_colours_and_keeps_the_picture() -> None:
    rng = np.random.default_rng(0)
    a = rng.integers(80, 170, (64, 64, 3)).astype(np.uint8)
    b = np.clip(a.astype(int) // 3 + [60, 5, 5], 0, 255).astype(np.uint8)
    moved = with_palette(a, b)
    assert np.abs(moved.reshape(-1, 3).mean(0) - b.reshape(-1, 3).mean(0)).max() < 6
    assert np.corrcoef(moved[..., 1].ravel(), a[..., 1].ravel())[0, 1] > 0.8


def test_kinship_is_said() -> None:
    assert "other people" in kinship(VOICE, "evaluator:speech")["kin"]
    assert kinship(VOICE, "evaluator:speech-steer")["kin"].startswith("kin")
    assert kinship("image:embedded", "evaluator:image")["kin"].startswith("none")


class _Deaf:
    """A voice (a pulsing buzz) whose emotion knob does nothing."""

    name = "deaf"

    def voices(self):
        return [{"name": "buzz", "language": "xx", "description": "a buzz"}]

    def __call__(self, text, emotion, *, voice=None, seed=0, progress=None, **options):
        t = np.arange(24_000) / 24_000
        pitch = 140 + len(text)
        x = sum(0.7**k * np.sin(2 * np.pi * pitch * k * t + 0.3 * k) for k in range(1, 20))
        return Speech(
            (0.05 * x * (0.2 + np.sin(4 * np.pi * t) ** 2)).astype(np.float32), 24_000, text, "en", "buzz", emotion
        )


def test_a_knob_without_effect_is_found_out(monkeypatch) -> None:
    load, find = registry.load, registry.find
    deaf = _Deaf()
    monkeypatch.setattr(registry, "load", lambda key: deaf if key == "speech:deaf" else load(key))
    monkeypatch.setattr(registry, "find", lambda key: find(VOICE if key == "speech:deaf" else key))
    found = protocol("speech", "speech:deaf", emotions=["neutral", "anger"], items=6)
    assert found.table.uar.value == pytest.approx(0.5)
    assert all(a.verdict == "no measurable effect" and a.difference.value == 0 for a in found.acted.values())


@pytest.mark.slow
def test_the_embedded_voice_acts(tmp_path, capsys) -> None:
    where = tmp_path / "p"
    words = ["protocol", "speech", "--emotions", "neutral,anger", "--items", "6", "-o", str(where)]
    assert run([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["acted"]["anger: P(anger)"]["verdict"] == "acted"
    assert found["controls"]["tempo"]["uar"] < found["emotion"]["uar"]["value"]
    assert found["text_only"]["uar"] == pytest.approx(0.5)
    lines = (where / "rows.jsonl").read_text().splitlines()
    assert run(words) == 0 and "One cue alone" in capsys.readouterr().out
    assert (where / "rows.jsonl").read_text().splitlines() == lines  # nothing was made again
    assert run([*words[:-4], "--items", "5", "-o", str(where)]) == 2 and "another plan" in capsys.readouterr().err


def test_pictures_have_a_protocol() -> None:
    found = protocol("image", "image:embedded", emotions=["joy", "sadness"], items=2)
    assert found.table.linearity["valence"] is not None and "palette" in found.notes[0]
    assert {"joy: valence up", "sadness: valence down"} <= set(found.acted)
    assert "Did it act" in found.markdown()


def test_bad_plans_are_one_line() -> None:
    with pytest.raises(InputError, match="2 to 8 items"):
        protocol("speech", VOICE, items=1)
    with pytest.raises(InputError, match="two or more of"):
        protocol("speech", VOICE, emotions=["joy", "rage"])
    with pytest.raises(InputError, match="unknown voice"):
        protocol("speech", VOICE, voices=["nobody"])
    with pytest.raises(InputError, match="did you mean 'speech'"):
        protocol("speach", VOICE)
