"""Voices: what the error rate means, what the sources hear, and that a trained projection prefers people to moods."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from genstudio.errors import InputError, MediaError, MissingError, MissingExtraError, MissingWeightsError
from genstudio.evaluators.identity import speaker_resemblyzer
from genstudio.evaluators.identity.speaker import WEIGHTS, Both, SpeakerRecogniser, read_ceiling
from genstudio.evaluators.identity.speaker_stats import WIDTH, statistics, warped
from genstudio.evaluators.identity.speaker_train import discriminants
from genstudio.evaluators.identity.verification import eer, measure
from genstudio.protocols import Speech

from . import tiny


def vowel(pitch: float, formants: tuple[float, ...], seconds: float = 1.2, seed: int = 0, rate: int = 16_000) -> Speech:
    """A buzz through resonances: a voice of sorts, with a little noise."""
    from scipy.signal import lfilter

    random = np.random.default_rng(seed)
    n = int(seconds * rate)
    phase = np.cumsum(pitch * (1 + 0.03 * np.sin(np.arange(n) / rate * 25 + seed)) / rate)
    x = (np.diff(np.floor(phase), prepend=0) > 0) + 0.003 * random.standard_normal(n)
    for f in formants:
        r = np.exp(-np.pi * 90 / rate)
        x = lfilter([1 - r], [1, -2 * r * np.cos(2 * np.pi * f / rate), r * r], x)
    return Speech((0.4 * x / np.abs(x).max()).astype(np.float32), rate)


LOW, HIGH = (560.0, 1200.0, 2300.0), (760.0, 1560.0, 3000.0)


def test_eer_against_scikit_learn() -> None:
    from sklearn.metrics import roc_curve

    random = np.random.default_rng(0)
    same, other = random.normal(1, 1, 400), random.normal(0, 1, 900)
    value, threshold = eer(same, other)
    accepted, kept, at = roc_curve(np.r_[np.ones(400), np.zeros(900)], np.r_[same, other], drop_intermediate=False)
    i = np.argmin(np.abs(1 - kept - accepted))
    assert value == pytest.approx((1 - kept[i] + accepted[i]) / 2, abs=3e-3) and threshold == pytest.approx(
        at[i], abs=0.02
    )
    assert eer(same, same)[0] == pytest.approx(0.5, abs=0.01)


def test_measure_leaves_out_pairs_of_the_same_mood() -> None:
    """Vectors that only tell the mood: perfect when pairs of one mood count, worse than chance when they do not."""
    people = np.repeat(["a", "b", "c", "d"], 6)
    mood = np.tile([0, 1, 2], 8)
    x = np.eye(3)[mood]
    assert measure(x, people, "", [mood], repeats=10).value > 0.5
    tells = np.eye(4)[np.repeat(range(4), 6)]
    found = measure(tells, people, "made up", [mood], repeats=10)
    assert found.value == 0 and found.same == 1 and found.other == 0 and found.people == 4
    with pytest.raises(InputError, match="three people"):
        measure(tells[:12], people[:12], "")


def test_discriminants_keep_people_and_drop_moods() -> None:
    random = np.random.default_rng(0)
    who, mood = random.integers(0, 30, 900), random.integers(0, 5, 900)
    people, moods = random.standard_normal((30, 12)), 6 * random.standard_normal((5, 12))
    x = people[who] + moods[mood] + 0.3 * random.standard_normal((900, 12))
    model = discriminants(x, np.array([f"p{i}" for i in who]), 6, 0.05)
    fresh = random.standard_normal((20, 12))
    y = np.concatenate([fresh + moods[m] for m in range(5)])
    names, m = np.tile([f"n{i}" for i in range(20)], 5), np.repeat(range(5), 20)
    projected = np.stack([model.project(v) for v in y])

    def rate(v: np.ndarray) -> float:
        return measure(v / np.linalg.norm(v, axis=1, keepdims=True), names, "", [m], repeats=3).value

    assert rate(projected) < 0.1 < 0.3 < rate(y)


def test_embedded_voices() -> None:
    r = SpeakerRecogniser.load("embedded")
    low, again, high = vowel(110, LOW), vowel(118, LOW, seed=1), vowel(210, HIGH, seed=2)
    v = r.embed(low)
    assert v.dtype == np.float32 and np.linalg.norm(v) == pytest.approx(1, abs=1e-5)
    assert r.similarity(low, low) == pytest.approx(1, abs=1e-5)
    assert r.similarity(low, again) > 0.5 > r.similarity(low, high)
    assert r.similarity([low, again], high) == pytest.approx(r.similarity(high, [low, again]), abs=1e-6)
    assert r.same(low, again) and r.same(low, high) == (r.similarity(low, high) >= r.ceiling.threshold)
    half = Speech((0.1 * low.samples).astype(np.float32), low.rate)
    assert r.similarity(low, half) > 0.98  # loudness is no voice
    assert r.ceiling is not None and r.ceiling.interval[0] <= r.ceiling.value <= r.ceiling.interval[1] < 0.5
    assert r.ceiling.same > r.ceiling.threshold > r.ceiling.other


def test_a_warp_moves_the_resonances() -> None:
    mel = np.zeros((3, 40), np.float32)
    mel[:, 20] = 1
    assert warped(mel, 1.15).argmax(1).tolist()[0] > 20 > warped(mel, 0.85).argmax(1).tolist()[0]
    assert np.allclose(warped(mel, 1.0), mel, atol=1e-5)
    s = statistics(vowel(110, LOW).samples, 16_000)
    assert s.shape == (WIDTH,) and np.isfinite(s).all()


def test_shipped_facts() -> None:
    facts = json.loads(WEIGHTS.with_suffix(".json").read_text())
    assert set(facts["ceilings"]) == {"embedded", "resemblyzer", "resemblyzer+embedded"}
    assert all(0 < c["value"] < 0.5 for c in facts["ceilings"].values())


@pytest.fixture
def encoder(tmp_path: Path) -> speaker_resemblyzer.Resemblyzer:
    """Random weights in the package's layout, loaded by the way the package's are."""
    from genstudio.media.files import file_sha256

    torch.manual_seed(0)
    made = speaker_resemblyzer.Resemblyzer()
    state = made.state_dict() | {"similarity_weight": torch.ones(1), "similarity_bias": torch.zeros(1)}
    path = tmp_path / "pretrained.pt"
    torch.save({"step": 1, "model_state": state, "optimizer_state": {}}, path)
    return speaker_resemblyzer.Resemblyzer.load(path, file_sha256(path))


def test_resemblyzer_checks_its_weights(encoder, tmp_path: Path) -> None:
    with pytest.raises(MissingWeightsError, match="SHA-256"):
        speaker_resemblyzer.Resemblyzer.load(tmp_path / "pretrained.pt")
    x = vowel(110, LOW, 4.0).samples
    v = encoder.embed(x)
    assert v.shape == (256,) and np.linalg.norm(v) == pytest.approx(1, abs=1e-5) and (v >= 0).all()
    pause = np.concatenate([x[:32_000], np.zeros(48_000, np.float32), x[32_000:]])
    assert encoder.embed(pause) @ v > 0.99  # silence says nothing of a voice


def test_resemblyzer_features_against_another_library() -> None:
    from transformers.audio_utils import mel_filter_bank, spectrogram, window_function

    x = vowel(140, LOW).samples
    bank = mel_filter_bank(201, 40, 0, 8000, 16_000, norm="slaney", mel_scale="slaney")
    window = window_function(400, "hann")
    theirs = spectrogram(x, window, 400, 160, power=2.0, mel_filters=bank, pad_mode="constant").T
    mine = speaker_resemblyzer._mel(x)
    assert np.allclose(mine[: len(theirs)], theirs[: len(mine)], rtol=1e-2, atol=1e-4)


def test_both_sources_side_by_side(encoder) -> None:
    embedded = SpeakerRecogniser.load("embedded").encoder
    both = SpeakerRecogniser(Both(encoder, np.zeros(256, np.float32), embedded), None)
    a, b = vowel(110, LOW), vowel(210, HIGH, seed=2)
    mean = (SpeakerRecogniser(encoder, None).similarity(a, b) + SpeakerRecogniser(embedded, None).similarity(a, b)) / 2
    assert both.similarity(a, b) == pytest.approx(mean, abs=1e-5)


def test_without_the_package_the_embedded_one_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent() -> Path:
        raise MissingExtraError("resemblyzer", "identity", "the Resemblyzer voice encoder")

    monkeypatch.setattr(speaker_resemblyzer, "package_file", absent)
    assert SpeakerRecogniser.load().name == "speaker-embedded"
    with pytest.raises(MissingError, match=r"pip install 'genstudio\[identity\]'"):
        SpeakerRecogniser.load("resemblyzer")


def test_an_x_vector_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from transformers import AutoFeatureExtractor, AutoModelForAudioXVector

    monkeypatch.setenv("GENSTUDIO_CACHE", str(tmp_path / "cache"))
    folder = tiny.xvector(tmp_path / "x")
    r = SpeakerRecogniser.load(f"transformers:{folder}")
    s = vowel(110, LOW)
    inputs = AutoFeatureExtractor.from_pretrained(folder)(s.samples, sampling_rate=16_000, return_tensors="pt")
    with torch.inference_mode():
        own = AutoModelForAudioXVector.from_pretrained(folder).eval()(**inputs).embeddings[0].numpy()
    assert np.allclose(r.embed(s), own / np.linalg.norm(own), atol=1e-5)
    assert r.ceiling is None and read_ceiling(r.encoder.key) is None
    with pytest.raises(MissingError, match="no measured threshold"):
        r.same(s, s)
    with pytest.raises(InputError, match="not an x-vector model"):
        SpeakerRecogniser.load(f"transformers:{tiny.speech(tmp_path / 'c')}")


def test_bad_input() -> None:
    r = SpeakerRecogniser.load("embedded")
    for x, line in (
        (np.zeros(16_000), "silent"),
        (np.ones(1000), "too short"),
        (np.full(16_000, np.nan), "not finite"),
    ):
        with pytest.raises(MediaError, match=line):
            r.embed(Speech(x.astype(np.float32), 16_000))
    with pytest.raises(InputError, match="did you mean 'embedded'"):
        SpeakerRecogniser.load("embeded")
    with pytest.raises(InputError, match="no recording"):
        r.similarity([], vowel(110, LOW))


def test_real_voices(data: Path) -> None:
    """Two women and two men, sentences in two moods: pairs of one person are more alike on average."""
    from genstudio.media.audio import read_audio

    r = SpeakerRecogniser.load("embedded")
    files = [
        sorted((data / "emodb" / "wav").glob(f"{who}a??{mood}?.flac"))[0]
        for who in ("03", "08", "11", "14")
        for mood in "NW"
    ]
    x = np.stack([r.embed(Speech(read_audio(f), 24_000)) for f in files])
    s = x @ x.T
    own = [s[2 * i, 2 * i + 1] for i in range(4)]
    others = [s[i, j] for i in range(8) for j in range(i) if i // 2 != j // 2]
    assert np.mean(own) > np.mean(others) + 0.05
