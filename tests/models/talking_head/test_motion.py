"""Facial motion: generator, network, schedulers, exports, and the shipped model."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from genstudio.emotion import EKMAN, Emotion, EmotionCurve
from genstudio.errors import InputError, MediaError
from genstudio.models.talking_head.motion import LIVELINK, MotionModel, export, generator
from genstudio.models.talking_head.motion.generator import session, visemes
from genstudio.models.talking_head.motion.model import AHEAD, press, seal
from genstudio.protocols import Motion, Span, Speech
from genstudio.signals.arkit import CHANNELS
from genstudio.signals.mel import FLOOR_DB, log_mel

WEIGHTS = Path(session.__file__).parents[1] / "weights" / "motion.safetensors"
needs_weights = pytest.mark.skipif(not WEIGHTS.exists(), reason="motion weights are not trained yet")
C = {c: i for i, c in enumerate(CHANNELS)}
assert generator.__doc__


def tone(seconds: float = 2.0, rate: int = 24000, seed: int = 0) -> Speech:
    """Something like speech: a buzz in syllables."""
    t = np.arange(int(seconds * rate)) / rate
    buzz = sum(np.sin(2 * np.pi * 140 * k * t) / k for k in range(1, 20)) * (
        0.5 + 0.5 * np.sin(2 * np.pi * 4 * t)
    ).clip(0)
    return Speech((0.1 * buzz).astype(np.float32), rate)


def perform(
    name: str, gain: float = 1.0, seed: int = 0, style: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    phones = [
        Span("h", 0.5, 0.6),
        Span("ɑ", 0.6, 0.8),
        Span("m", 0.8, 0.9),
        Span("ɑ", 0.9, 1.1),
        Span("p", 1.1, 1.2),
        Span("oʊ", 1.2, 1.5),
    ]
    weights = np.zeros((100, 7), np.float32)
    weights[:, EKMAN.index(name)] = 1
    feeling = session.Feeling(weights, np.zeros((100, 3), np.float32), np.full(100, gain, np.float32))
    rng = np.random.default_rng(seed)
    style = np.zeros(session.STYLE, np.float32) if style is None else style
    return session.perform(rng, visemes.segments(phones, 4.0), np.full(400, -8, np.float32), feeling, style)


def test_symbols_of_three_alphabets() -> None:
    assert visemes.visemes_of("p") == visemes.visemes_of("M") == ("PP",)
    assert visemes.visemes_of("ʃ") == visemes.visemes_of("SH") == visemes.visemes_of("S", sampa=True) == ("CH",)
    assert visemes.visemes_of("aɪ") == ("AA", "IY")
    assert visemes.visemes_of("6", sampa=True) == ("AH",)
    assert visemes.visemes_of("") == ()


@pytest.mark.parametrize("name", EKMAN)
def test_lips_close_in_every_emotion(name: str) -> None:
    motion, closure = perform(name)
    assert motion.shape == (100, 62)
    assert np.isfinite(motion).all()
    shut = closure > 0.9
    assert shut.sum() >= 3
    assert (session.lip_gap(motion)[shut] < 0.1).all()
    assert session.lip_gap(motion)[17:19].max() > 0.25  # the vowel before m is open


def test_recipes_show_and_grow_with_gain() -> None:
    assert perform("joy")[0][:, C["mouthSmileLeft"]].mean() > 0.4
    assert perform("sadness")[0][:, C["browInnerUp"]].mean() > 0.6
    low, high = (perform("joy", g)[0][:, C["cheekSquintLeft"]].mean() for g in (0.5, 1.0))
    assert low < high


def test_style_and_seed_vary_the_performance() -> None:
    assert np.abs(perform("joy", seed=0)[0] - perform("joy", seed=1)[0]).mean() > 0.005
    assert np.array_equal(perform("joy", seed=3)[0], perform("joy", seed=3)[0])


def test_mel_hears_quiet_as_loud_and_silence_as_floor() -> None:
    x = tone(1.0).samples
    a, b = log_mel(x, 24000), log_mel(0.1 * x, 24000)
    assert a.shape == (100, 80)
    loud = a > -40
    assert np.abs(a - b)[loud].max() < 0.5
    assert log_mel(np.zeros(24000, np.float32)).max() <= FLOOR_DB + 60
    assert log_mel(np.zeros(0, np.float32)).shape == (0, 80)


def test_alignment_finds_the_phones() -> None:
    data = os.environ.get("GENSTUDIO_DATA")
    if not data:
        pytest.skip("GENSTUDIO_DATA is unset")
    pytest.importorskip("pocketsphinx")
    soundfile = pytest.importorskip("soundfile")
    from genstudio.signals.align import align

    x, rate = soundfile.read(Path(data) / "kathleen" / "audio" / "arctic_a0005.opus", dtype="float32")
    phones = align(x, rate, "Will we ever forget it.")
    assert [p.text for p in phones[:3]] == ["w", "ɪ", "l"]
    assert all(0 <= p.start < p.end <= len(x) / rate + 0.01 for p in phones)


def test_network_shapes_and_schedulers() -> None:
    import torch

    from genstudio.models.talking_head.motion.network import MotionConfig, MotionNet
    from genstudio.models.talking_head.motion.schedule import SCHEDULERS

    c = MotionConfig(past=4, window=12, width=64, depth=1, heads=2, feed=64)
    net = MotionNet(c).eval()
    condition = net.condition(torch.zeros(2, 64, 80), torch.zeros(2, 16, 64), torch.tensor([True, False]))
    assert condition.shape == (2, 16, 64)
    out = net(
        torch.randn(2, 12, 62),
        torch.rand(2),
        condition,
        torch.zeros(2, 4, 62),
        torch.tensor([True, False]),
        torch.zeros(2, 16),
    )
    assert out.shape == (2, 12, 62)
    goal = torch.ones(1, 3, 2)
    for scheduler in SCHEDULERS.values():
        made = scheduler(torch.randn(1, 3, 2), lambda x, t: goal, 4, torch.Generator().manual_seed(0))
        assert torch.allclose(made, goal, atol=1e-5)


def test_livelink_csv_round_trip(tmp_path: Path) -> None:
    values = np.random.default_rng(0).uniform(0, 1, (30, 62)).astype(np.float32)
    values[3, C["browInnerUp"]] = 1.3
    motion = Motion(values, CHANNELS, 25.0)
    assert export.export_livelink_csv(motion, tmp_path / "m.csv") == 1
    header = (tmp_path / "m.csv").read_text().splitlines()[0].split(",")
    assert header[:3] == ["Timecode", "BlendshapeCount", "EyeBlinkLeft"]
    assert len(header) == 63 == len(LIVELINK) + 2
    back = export.import_livelink_csv(tmp_path / "m.csv")
    assert back.fps == 25.0
    assert np.allclose(back.values[:, :52], values[:, :52].clip(0, 1), atol=1e-6)
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(MediaError, match="JawOpen"):
        export.import_livelink_csv(tmp_path / "bad.csv")
    export.export_npz(motion, tmp_path / "m.npz")
    assert np.array_equal(export.import_npz(tmp_path / "m.npz").values, values)


@needs_weights
def test_same_seed_same_motion_other_seed_other_motion() -> None:
    model = MotionModel.load()
    a, b, c = (model(tone(), Emotion.parse("joy"), seed=s, steps=4).values for s in (1, 1, 2))
    assert a.shape == (50, 62)
    assert np.array_equal(a, b)
    assert np.abs(a - c).mean() > 0.003


def test_lips_that_are_drawn_apart_meet_where_they_are_meant_to() -> None:
    values = np.zeros((4, 62), np.float32)
    for name in ("mouthUpperUp", "mouthLowerDown", "noseSneer"):
        values[:, [C[name + "Left"], C[name + "Right"]]] = 0.6
    values[:, C["jawOpen"]] = 0.05
    values[:2, C["mouthClose"]] = 0.4  # what a network says when it means closed; the jaw lets only 0.05 of it count
    assert (session.lip_gap(values[:2]) < 0).all()
    open_before = values[2:].copy()
    seal(values)
    assert (values[:2, C["mouthClose"]] <= 0.05 + 1e-6).all()
    assert (session.lip_gap(values[:2]) < 0.1).all()
    assert np.array_equal(values[2:], open_before)


def test_known_phones_close_the_lips() -> None:
    values = np.zeros((25, 62), np.float32)
    values[:, C["jawOpen"]] = 0.3
    speech = Speech(
        np.zeros(24000, np.float32), 24000, phones=(Span("ɑ", 0.1, 0.4), Span("m", 0.4, 0.55), Span("ɑ", 0.55, 0.9))
    )
    press(values, speech)
    gap = session.lip_gap(values)
    assert gap[10:13].max() < 0.1
    assert gap[[5, 18]].min() > 0.8


@needs_weights
def test_windows_join_without_a_seam() -> None:
    model = MotionModel.load()
    values = model(tone(16.0), Emotion.neutral(), steps=4, seed=3).values
    step = np.abs(np.diff(values, axis=0) / model.std.numpy()).mean(axis=1)
    kept = model.net.config.window - AHEAD
    seams = np.zeros(len(step), bool)
    seams[kept - 1 :: kept] = True
    assert seams.sum() == 4
    assert step[seams].mean() < 1.6 * step[~seams].mean()


@needs_weights
@pytest.mark.parametrize("rate", [8000, 16000, 44100])
def test_any_rate_and_silence(rate: int) -> None:
    model = MotionModel.load()
    assert model(tone(1.0, rate), Emotion.neutral(), steps=2).values.shape == (25, 62)
    still = model(Speech(np.zeros(rate * 2, np.float32), rate), Emotion.neutral(), steps=4).values
    assert still[:, C["jawOpen"]].mean() < 0.08
    assert still.std(axis=0).max() > 0.003  # alive


@needs_weights
def test_emotion_shows_and_follows_the_curve() -> None:
    model = MotionModel.load()
    joy = model(tone(), Emotion.parse("joy"), steps=4).values[:, C["mouthSmileLeft"]].mean()
    anger = model(tone(), Emotion.parse("anger"), steps=4).values[:, C["browDownLeft"]].mean()
    rest = model(tone(), Emotion.neutral(), steps=4).values
    assert joy > rest[:, C["mouthSmileLeft"]].mean() + 0.25
    assert anger > rest[:, C["browDownLeft"]].mean() + 0.3
    curve = EmotionCurve.keyframes({0: "neutral", 3: "neutral", 4: "joy", 8: "joy"})
    smile = model(tone(8.0), curve, steps=4).values[:, C["mouthSmileLeft"]]
    assert smile[125:].mean() > smile[:75].mean() + 0.25


@needs_weights
@pytest.mark.parametrize("name", ["steps", "head_motion", "blink", "speech_guidance", "emotion_guidance"])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1])
def test_a_control_out_of_range_is_named(name: str, value: float) -> None:
    speech = Speech(np.zeros(24_000, np.float32), 24_000)
    with pytest.raises(InputError, match=f"{name} is {value}; it must be a number from"):
        MotionModel.load()(speech, Emotion.neutral(), **{name: value})


@needs_weights
def test_head_and_blink_controls() -> None:
    model = MotionModel.load()
    still = model(tone(4.0), Emotion.neutral(), steps=4, head_motion=0.0, blink=0.0).values
    assert np.abs(still[:, 52:58]).max() < 1e-5
    assert still[:, C["eyeBlinkLeft"]].max() < 0.5
    with pytest.raises(InputError, match="blink"):
        model(tone(), Emotion.neutral(), blink=-1)
    with pytest.raises(InputError, match="scheduler"):
        model(tone(), Emotion.neutral(), scheduler="eulr")
